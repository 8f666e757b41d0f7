/** Evaluates plain values, and calls that convert a value, such as `int("5")`. Pure. */
import { isNumber } from "../../base/mod.ts";
import { dedented } from "./margins.ts";
import type { Value } from "./found.ts";
import { NUMBER_TEXT, numberOf, type Token } from "./tokens.ts";

/** The value that a call such as `int("5")`, `String(7)` or `dedent("…")` passes on; `undefined` if it is not known. */
export function converted(call: string, value: unknown): unknown {
  switch (call) {
    case "int":
    case "float":
    case "Number": {
      if (typeof value !== "string" && !isNumber(value)) {
        // An `Unknown` keeps its expression for the note.
        return typeof value === "object" && value !== null ? value : undefined;
      }
      const text = String(value).trim();
      if (!NUMBER_TEXT.test(text) || call === "int" && /[.e]/i.test(text)) return undefined;
      return numberOf(text);
    }
    case "str":
    case "String":
      if (isNumber(value)) return /^-?\d+$/.test(String(value)) ? String(value) : undefined;
      if (value === null) return undefined;
      if (typeof value !== "boolean") return value;
      return call === "str" ? (value ? "True" : "False") : String(value);
    case "dedent":
      return typeof value === "string" ? dedented(value) : value;
    default:
      return value;
  }
}

/** A text after a method that removes its margin; unchanged after any other. */
export function withoutMargin(method: string, text: string): string {
  if (method === "trimMargin") return text.replace(/^[ \t]*\|/gm, "");
  return /Indent$/.test(method) ? dedented(text) : text;
}

/** A number with its sign, `!0` and `!1` of minified code, or a symbol of Ruby; `null` if none begins there. */
export function plainAt(tokens: readonly Token[], at: number): Value | null {
  const [token, next] = [tokens[at], tokens[at + 1]];
  if (token?.kind === "number") return { value: numberOf(token.text), end: at + 1 };
  if (token?.kind !== "mark") return null;
  const end = at + 2;
  if (next?.kind === "number") {
    if (token.text === "-") return { value: numberOf(`-${next.text}`), end };
    if (token.text === "+") return { value: numberOf(next.text), end };
    if (token.text === "!") return { value: Number(next.text) === 0, end };
  }
  return token.text === ":" && next?.kind === "name" ? { value: next.text, end } : null;
}
