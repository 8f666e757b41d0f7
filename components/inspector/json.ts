/** JSON as it was written: numbers keep their digits. Pure. */

/** A number that JavaScript would write in another way: `12345678901234567890`, `1.0`. */
export class Numeral {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Parses. Where a browser does not tell how a number was written, it is as JavaScript has it.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  return JSON.parse(
    text,
    (_name, value: unknown, { source }: { readonly source?: string } = {}) =>
      typeof value === "number" && source !== undefined && source !== String(value)
        ? new Numeral(source)
        : value,
  );
}
