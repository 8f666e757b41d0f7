/** Evaluates calls that convert a value, such as `int("5")`. Pure. */
import { isNumber } from "../../base/mod.ts";
import { dedented } from "./margins.ts";
import { NUMBER_TEXT, numberOf } from "./tokens.ts";

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
