/** The meaning of one line of a stream, and the rule it breaks, if any. Pure. */
import type { RuleId } from "./rules.ts";

/** A line as parsed by the standard. */
export type Line =
  | { readonly kind: "comment"; readonly value: string }
  | {
    readonly kind: "field";
    readonly name: string;
    readonly value: string;
    /** Why it is ignored, or looks like a mistake. */
    readonly rule: RuleId | null;
  };

const FIELDS = new Set(["data", "event", "id", "retry"]);

/** Parses a line that is not empty, without its line end. */
export function readLine(line: string): Line {
  const colon = line.indexOf(":");
  if (colon === 0) return { kind: "comment", value: line.slice(line[1] === " " ? 2 : 1) };
  const name = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
  return { kind: "field", name, value, rule: ruleOf(name, value, colon >= 0) };
}

function ruleOf(name: string, value: string, colon: boolean): RuleId | null {
  if (FIELDS.has(name)) {
    if (name === "id" && value.includes("\0")) return "id-nul";
    if (name === "retry" && !/^[0-9]+$/.test(value)) return "retry-not-digits";
    return colon ? null : "bare-field";
  }
  if (name.startsWith("\uFEFF")) return "bom-inside";
  if (/^\s*["{}[\]]/.test(name)) return "bare-json";
  const plain = name.trim().toLowerCase();
  if (FIELDS.has(plain)) return name.trim() === name ? "field-case" : "field-space";
  return colon ? "unknown-field" : "no-colon";
}
