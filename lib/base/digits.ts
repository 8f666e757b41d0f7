// A file of its own: the form and a live run load the whole of format.ts and need none of this.

/** Groups the digits of a number of any size. Numbers with an exponent, and other texts, stay as they are. */
export function groupDigits(text: string): string {
  const [, sign, whole, rest] = /^(-?)(\d+)(\.\d+)?$/.exec(text) ?? [];
  if (whole === undefined) return text;
  return `${sign}${whole.replace(/\B(?=(?:\d{3})+$)/g, ",")}${rest ?? ""}`;
}
