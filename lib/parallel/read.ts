/**
 * Reads the API's responses. Checks what the program relies on and keeps what the API adds. Returns `null`
 * if the value is invalid. Pure.
 */
import {
  atOnce,
  isObject,
  isStringArray,
  type JsonBounds,
  JsonBoundsError,
  type JsonObject,
  readingVerbatim,
} from "../base/mod.ts";
import { RESULT_VALUES } from "./limits.ts";
import type { Citation, TaskRunInput, TaskRunOutput } from "./types.ts";

/** Reads the request of a run. */
export function readRunInput(value: unknown): TaskRunInput | null {
  if (!isObject(value)) return null;
  const { input, processor } = value;
  if (typeof processor !== "string") return null;
  return typeof input === "string" || isObject(input) ? { ...value, input, processor } : null;
}

/** Reads an output from a text that was read within bounds. */
export function readOutput(value: unknown): TaskRunOutput | null {
  if (!isObject(value)) return null;
  const { mcp_tool_calls: calls } = value;
  return readContent(
    calls === undefined || calls === null ? value : {
      ...value,
      mcp_tool_calls: Array.isArray(calls) ? calls.filter(isObject).map(readCall) : [],
    },
  );
}

function readContent(value: JsonObject): TaskRunOutput | null {
  const basis = Array.isArray(value.basis)
    ? value.basis.flatMap((entry) => readBasis(entry) ?? [])
    : [];
  if (value.type === "text" && typeof value.content === "string") {
    return { ...value, type: "text", content: value.content, basis };
  }
  if (value.type !== "json") return null;
  const content = typeof value.content === "string" ? parsed(value.content) : value.content;
  // The text is JSON but exceeds the limits.
  if (typeof content === "string") return { ...value, type: "text", content, basis };
  return isObject(content) ? { ...value, type: "json", content, basis } : null;
}

/** Reads a recorded output. Returns its text if it is not an output or exceeds the JSON limits. */
export function readOutputText(text: string): TaskRunOutput {
  return atOnce(readingOutputText(text));
}

/** {@linkcode readOutputText} with pauses: the largest output takes long to read. */
export function* readingOutputText(text: string): Generator<"", TaskRunOutput> {
  const value = yield* parsing(text, { maxValues: RESULT_VALUES });
  yield "";
  return readOutput(value) ?? { type: "text", content: text, basis: [] };
}

/** Reads a stored request, with pauses. Returns its text if it is nested too deeply, as older imports may be. */
export function* readingInputText(text: string, processor: string): Generator<"", TaskRunInput> {
  return readRunInput(yield* parsing(text)) ?? { input: text, processor };
}

function readBasis(value: unknown) {
  if (!isObject(value) || typeof value.field !== "string") return null;
  const { field, reasoning, confidence } = value;
  const citations = Array.isArray(value.citations)
    ? value.citations.flatMap((each) => readCitation(each) ?? [])
    : [];
  return {
    ...value,
    field,
    reasoning: typeof reasoning === "string" ? reasoning : "",
    // Older servers send "" if there is none.
    confidence: typeof confidence === "string" && confidence !== "" ? confidence : null,
    citations,
  };
}

function readCitation(value: unknown): Citation | null {
  if (!isObject(value) || typeof value.url !== "string") return null;
  const { url, title = null, excerpts = null } = value;
  const isTitle = title === null || typeof title === "string";
  if (isTitle && (excerpts === null || isStringArray(excerpts))) return { ...value, url };
  const texts = Array.isArray(excerpts) ? excerpts : [];
  return {
    ...value,
    url,
    title: isTitle ? title : null,
    excerpts: texts.filter((text) => typeof text === "string"),
  };
}

/** Converts values that are not text to JSON: tools' servers respond in many formats. */
function readCall(call: JsonObject): JsonObject {
  const names = ["server_name", "tool_name", "arguments", "content", "error"];
  const odd = names.filter((name) => (call[name] ?? "") !== "" && typeof call[name] !== "string");
  const texts = odd.map((name) => [name, JSON.stringify(call[name])] as const);
  return { ...call, arguments: call.arguments ?? "", ...Object.fromEntries(texts) };
}

function parsed(text: string): unknown {
  return atOnce(parsing(text));
}

/** Parses a text. Returns the text itself if it exceeds the JSON limits, and `null` if it is not JSON. */
function* parsing(text: string, bounds?: Partial<JsonBounds>): Generator<"", unknown> {
  try {
    const value = yield* readingVerbatim(text, bounds);
    return typeof value === "string" ? null : value;
  } catch (error) {
    return error instanceof JsonBoundsError ? text : null;
  }
}
