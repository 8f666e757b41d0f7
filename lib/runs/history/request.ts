/** What a list says about a request. Pure. */
import type { TaskRunInput } from "../../parallel/mod.ts";
import type { OutputType } from "../model/mod.ts";

/** Longest title that a list carries (characters). */
const TITLE_LENGTH = 140;

/** The first line of the input, which names a run until its owner does; of an object, its members. */
export function titleOf({ input }: TaskRunInput): string {
  const text = typeof input === "string"
    ? input
    : Object.entries(input).map(([name, value]) => `${name}: ${plainText(value)}`).join(", ");
  const line = text.trim().split(/\r?\n/, 1)[0] ?? "";
  return line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH - 1).trimEnd()}…` : line;
}

function plainText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The kind of output a request asks for. */
export function outputTypeOf(input: TaskRunInput): OutputType {
  const schema = input.task_spec?.output_schema;
  if (schema === undefined || schema === null) return "auto";
  if (typeof schema === "string") return "text";
  if (schema.type === "text" || schema.type === "auto") return schema.type;
  return "json";
}
