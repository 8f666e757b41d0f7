/** Evaluates calls that convert a value, such as `int("5")`. Pure. */
import { isNumber } from "../../base/mod.ts";
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

/** A text without the margin that all of its lines have, as Python's `textwrap.dedent` leaves it. */
function dedented(text: string): string {
  const lines = text.split("\n").map((line) => line.trim() === "" ? "" : line);
  let margin: string | null = null;
  for (const line of lines) {
    if (line === "") continue;
    const own: string = /^[ \t]*/.exec(line)![0];
    let length = 0;
    margin ??= own;
    while (length < margin.length && margin[length] === own[length]) length++;
    margin = margin.slice(0, length);
  }
  return lines.map((line) => line.slice(margin?.length)).join("\n");
}
