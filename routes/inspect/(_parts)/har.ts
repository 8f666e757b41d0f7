/** Reads event streams from a HAR file, as saved by a browser's network panel. Pure. */
export type FromHar =
  | { readonly ok: true; readonly text: string; readonly note: string }
  | { readonly ok: false; readonly problem: string };

type Json = Readonly<Record<string, unknown>>;
const inside = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Json)[name] : undefined;
const word = (value: unknown) => typeof value === "string" ? value : "";

/** Returns whether this is a HAR file (http://www.softwareishard.com/blog/har-12-spec/). */
export const isHar = (value: unknown): boolean => Array.isArray(entriesOf(value));

const entriesOf = (value: unknown) => inside(inside(value, "log"), "entries");

/** Returns the last event stream in the file that has a body. */
export function streamOf(value: unknown): FromHar {
  const entries = entriesOf(value);
  const streams = (Array.isArray(entries) ? entries : []).filter((entry) =>
    /^text\/event-stream/i.test(word(inside(contentOf(entry), "mimeType")))
  );
  const full = streams.filter((entry) => bodyOf(entry) !== "");
  const entry = full.at(-1);
  if (entry === undefined) {
    const problem = streams.length === 0
      ? "There is no event stream in this HAR file."
      : "This HAR file lists an event stream without its body. Save it “with content”, or copy the response.";
    return { ok: false, problem };
  }
  const url = word(inside(inside(entry, "request"), "url"));
  const note = `From a HAR file: the response of ${url}` +
    (full.length > 1 ? `, the last of ${full.length} event streams.` : ".");
  return { ok: true, text: bodyOf(entry), note };
}

const contentOf = (entry: unknown) => inside(inside(entry, "response"), "content");

function bodyOf(entry: unknown): string {
  const content = contentOf(entry);
  const text = word(inside(content, "text"));
  if (inside(content, "encoding") !== "base64") return text;
  try {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  } catch {
    return "";
  }
}
