/** Hands a text to the person as a file; it never leaves the browser. */
export function download(parts: Iterable<string>, name: string) {
  const url = URL.createObjectURL(new Blob([...parts], { type: "application/x-ndjson" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
