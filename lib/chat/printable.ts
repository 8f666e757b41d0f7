/**
 * Text that may come from anywhere, safe for a terminal: without the control characters that move
 * the cursor, set the window's title or write the clipboard. Lines and tabs stay. Works on pieces,
 * since each character is judged alone.
 */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- they are the point
  return text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}
