/** Calls of a language that convert a value. Pure. */
import { isNumber } from "../../base/mod.ts";
import { NUMBER_TEXT, numberOf } from "./tokens.ts";

/** The value that a call such as `int("5")` or `String(7)` passes on; `undefined` if it is not known. */
export function converted(call: string, value: unknown): unknown {
  switch (call) {
    case "int":
    case "float":
    case "Number": {
      if (typeof value !== "string" && !isNumber(value)) {
        // A program that computes it has been noted.
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
    default:
      return value;
  }
}
