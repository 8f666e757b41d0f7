/**
 * Reads a request from pasted text: JSON with text around it, commands, and code in many languages. The
 * inverse of `requestCode`. Runs nothing. Pure; runs in a browser.
 */
import {
  formValuesFrom,
  hasKnownTypes,
  HOLDERS,
  holdsServers,
  MASKED,
  normaliseRequest,
  requestOf,
  serverList,
  type TaskFormValues,
} from "../fields/mod.ts";
import { atOnce, inOrder, inTurns, isObject, type JsonObject, parseJson } from "../../base/mod.ts";
import { processor, readRunInput, type TaskRunInput } from "../../parallel/mod.ts";
import { isTooMuch, TOO_MUCH, TooMuch } from "./budget.ts";
import { readCode } from "./code.ts";
import { isForCmd, readCmd } from "./cmd.ts";
import { readCommands } from "./commands.ts";
import { bodiesIn } from "./documents.ts";
import { notebookCode, withoutMargins } from "./margins.ts";
import { isPowerShell, readPowerShell } from "./powershell.ts";
import { noted, type Reading, type Steps, Unknown, unknownNote } from "./found.ts";

/** A form filled from pasted text, or why it could not be. */
export type Pasted =
  | {
    readonly ok: true;
    readonly values: TaskFormValues;
    /** Members that the form has no field for, as dotted paths. */
    readonly leftOut: readonly string[];
    /** Notes about other things left out. */
    readonly notes: readonly string[];
  }
  | { readonly ok: false; readonly why: string };

export interface PasteOptions {
  /** Keeps MCP header values. Only for text that never leaves the browser. */
  readonly keepHeaders: boolean;
  /** The longest text that is read (characters). A request has at most 25,000; an export has more. */
  readonly maxChars?: number;
}

/** Fills the form from a pasted request. */
export function readPaste(text: string, options: PasteOptions): Pasted {
  return atOnce(pasteSteps(text, options));
}

/** Like {@linkcode readPaste}, but lets other work run meanwhile. */
export function readPasteInTurns(text: string, options: PasteOptions): Promise<Pasted> {
  return inTurns(pasteSteps(text, options));
}

function* pasteSteps(
  text: string,
  { keepHeaders, maxChars = 200_000 }: PasteOptions,
): Steps<Pasted> {
  if (text.length > maxChars) {
    return { ok: false, why: `This has more than ${maxChars} characters: paste only the request` };
  }
  const { found: [first, ...others], why } = yield* readQuoted(text.replace(INVISIBLE, ""));
  if (first === undefined) {
    const json = parseJson(text);
    if (json.ok && holdsServers(json.value)) {
      return {
        ok: false,
        why: "These are MCP servers without a task: paste them into the MCP servers field",
      };
    }
    return { ok: false, why: unreadWhy(text, why, keepHeaders) };
  }
  if (isTooMuch(first.body)) return { ok: false, why: TOO_MUCH };
  const notes = [...first.notes, ...placeholdersOf(text, first.body).map(unknownNote)];
  const input = readRunInput(withServerList(settle(first.body, notes)));
  if (input === null) {
    return { ok: false, why: 'A request is a JSON object with "input" and "processor"' };
  }
  if (!hasKnownTypes(input)) {
    return { ok: false, why: "A member of this request has the wrong type for the API" };
  }
  const values = valuesOf(input, keepHeaders);
  if (others.length > 0) {
    const were = others.length === 1
      ? "Another request was"
      : `${others.length} more requests were`;
    notes.push(`${were} left out. Only the first one was read.`);
  }
  if (values.processor !== "" && processor(values.processor) === null) {
    notes.push(`“${values.processor}” is not a known processor and was left out.`);
  }
  return { ok: true, values, leftOut: leftOutOf(input), notes: [...new Set(notes)] };
}

/** Why no request was found, in a sentence about what the text is. */
function unreadWhy(text: string, why: string | null, keepHeaders: boolean): string {
  const isSyntax = why === null || why.startsWith("This is not JSON: ");
  if (!isSyntax) return why;
  // A syntax error quotes the text, which may contain a key.
  if (why !== null && keepHeaders && /^\s*[[{]/.test(text)) return why;
  if (/^\s*https?:\/\/\S+\s*$/.test(text)) {
    return "This is an address: paste the request that is sent to it";
  }
  const names = (name: string) => new RegExp(`\\b${name}\\b`, "i").test(text);
  if (!names("input")) return "This is not JSON, a command, or code that sends JSON";
  return names("processor")
    ? "This has “input” and “processor” in a form that cannot be read: paste the request as JSON"
    : "This names no processor: a request has “input” and “processor”";
}

/** Characters that web pages and chats add around a text. */
const INVISIBLE =
  /^[\s\u200b-\u200f\u2060\ufeff]+|(?<![\s\u200b-\u200f\u2060\ufeff])[\s\u200b-\u200f\u2060\ufeff]+$/g;

/** HTML entities of the quotes and signs in code. */
const ENTITIES = new Map([
  ...["quot", "#34"].map((name) => [name, '"'] as const),
  ...["apos", "#39"].map((name) => [name, "'"] as const),
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
]);

/** Reads the requests of a text. A word processor or chat may have made its quotation marks curly. */
function* readQuoted(text: string): Steps<Reading> {
  const reading = yield* readRequests(text);
  const decoded = text.replace(
    /&(quot|#34|apos|#39|amp|lt|gt);/g,
    (_, name: string) => ENTITIES.get(name) ?? "",
  );
  if (decoded !== text && reading.found.length === 0) return yield* readQuoted(decoded);
  if (reading.found.length === 0) {
    for (const plain of withoutMargins(text)) {
      const inside = yield* readRequests(plain);
      if (inside.found.length > 0) return inside;
    }
  }
  if (reading.found.length > 0) return reading;
  // Single ones may be apostrophes of a text.
  const doubles = text.replace(/[“”„‟]/g, '"');
  const straight = doubles.replace(/[‘’‚‛]/g, "'");
  const readings = yield* readEach([doubles, straight].filter((each) => each !== text));
  const read = readings.filter(({ found }) => found.length > 0);
  const best = read.find(({ found }) => found[0]!.notes.length === 0) ?? read.at(-1);
  return best === undefined
    ? reading
    : noted(best, ["Its curly quotation marks were read as straight ones."]);
}

function* readEach(texts: readonly string[]): Steps<Reading[]> {
  const readings: Reading[] = [];
  for (const text of texts) readings.push(yield* readRequests(text));
  return readings;
}

/** Returns the requests of the first reader that finds one, otherwise the first reason why not. */
function* readRequests(text: string): Steps<Reading> {
  const json = parseJson(text);
  // A chat shows code between backticks.
  if (/^`[^`]+`$/.test(text)) return yield* readRequests(text.slice(1, -1));
  // If the text is JSON, skip the other readers.
  if (json.ok) {
    const code = notebookCode(json.value);
    return code === null ? bodiesIn(text) : yield* readRequests(code);
  }
  const blocks = [...text.matchAll(/^[ \t]*(`{3,}(?!`)|~{3,}(?!~)).*\r?\n([^]*?)^[ \t]*\1/gm)];
  const fenced = yield* readEach(blocks.map(([, , block = ""]) => block.trim()));
  const inBlocks = fenced.flatMap(({ found }) => found);
  if (inBlocks.length > 0) return { found: inBlocks, why: null };
  let why: string | null = fenced.find(({ why }) => why !== null)?.why ?? null;
  if (/^[[{]\s*\\"/.test(text)) {
    const escaped = bodiesIn(text);
    if (escaped.found.length > 0) return yield* withCode(escaped, text);
    why ??= escaped.why;
  }
  const readers: readonly (() => Steps<Reading | null> | null)[] = [
    () => isForCmd(text) ? readCmd(text) : null,
    () => isPowerShell(text) ? readPowerShell(text) : null,
    // PowerShell continues a line that ends in a backtick.
    () => readCommands(text.replace(/`[ \t]*\r?\n/g, " ")),
    () => /\bcurl/i.test(text) ? readCmd(text) : null,
  ];
  for (const read of readers) {
    yield;
    const reading = yield* withinBudget(read());
    if (reading !== null && reading.found.length > 0) return yield* withCode(reading, text);
    why ??= reading?.why ?? null;
  }
  const code = yield* readCode(text);
  if (code.found.length > 0) return code;
  why ??= code.why;
  if (/^input:/m.test(text) && /^processor:/m.test(text)) {
    why = "This is YAML: paste the request as JSON, or the command or code that sends it";
  }
  return { found: [], why: why ?? (json.ok ? null : json.why) };
}

/** What a reader reads, or that it takes too much work. */
function* withinBudget(reading: Steps<Reading | null> | null): Steps<Reading | null> {
  try {
    return reading === null ? null : yield* reading;
  } catch (error) {
    if (error instanceof TooMuch) return { found: [], why: TOO_MUCH };
    throw error;
  }
}

/** Adds the requests of code beside a command, so that they are counted. */
function* withCode({ found, why }: Reading, text: string): Steps<Reading> {
  if (!/[{(]/.test(text)) return { found, why };
  const code = yield* readCode(text);
  return { found: [...found, ...code.found.slice(found.length)], why };
}

/** Names in double braces, which a program, an editor or curl would fill in. In JSON they are text. */
function placeholdersOf(text: string, body: unknown): readonly string[] {
  if (parseJson(text).ok) return [];
  return JSON.stringify(body).match(/\$?\{\{[^{}"]{1,60}\}\}/g) ?? [];
}

/** Converts the MCP servers of any client's settings to the API's list. */
function withServerList(body: unknown): unknown {
  if (!isObject(body)) return body;
  const { mcpServers, ...rest } = body;
  const servers = rest.mcp_servers ?? mcpServers;
  return isObject(servers) ? { ...rest, mcp_servers: serverList(servers) } : body;
}

/** Removes values that the program computes, with a note for each. */
function settle(value: unknown, notes: string[]): unknown {
  if (!isObject(value)) return value;
  const body: JsonObject = { ...value };
  for (const name of ["input", "processor"]) {
    const member = body[name];
    if (!(member instanceof Unknown)) continue;
    notes.push(unknownNote(member.expression));
    body[name] = "";
  }
  return withoutUnknown(body, notes, 0);
}

function withoutUnknown(value: unknown, notes: string[], depth: number): unknown {
  const isKnown = (member: unknown) => {
    if (!(member instanceof Unknown)) return true;
    notes.push(unknownNote(member.expression));
    return false;
  };
  // Code readers go no deeper. Deeper values are JSON and contain nothing unknown.
  if (depth > 100) return value;
  if (Array.isArray(value)) {
    return value.filter(isKnown).map((item) => withoutUnknown(item, notes, depth + 1));
  }
  if (!isObject(value)) return value;
  return inOrder(
    Object.entries(value).filter(([, member]) => isKnown(member)).map((
      [name, member],
    ) => [name, withoutUnknown(member, notes, depth + 1)]),
  );
}

/** The form of a request. Keeps header values if the text never leaves the browser. */
function valuesOf(input: TaskRunInput, keepHeaders: boolean): TaskFormValues {
  const values = formValuesFrom(input);
  if (!keepHeaders || values.mcp_servers === "") return values;
  return { ...values, mcp_servers: JSON.stringify(input.mcp_servers, null, 2) };
}

/** Members of a request that a form filled from it would not send, as dotted paths. */
export function leftOutOf(input: TaskRunInput): string[] {
  const made = requestOf(formValuesFrom(input));
  return lost(normaliseRequest(input), normaliseRequest(made), "");
}

/** The members of `given` that `made` lacks or changes. */
function lost(given: unknown, made: unknown, path: string): string[] {
  if (given === null || given === undefined || sameText(given, made)) return [];
  if (isObject(given)) {
    if (!isObject(made) && !HOLDS_FIELDS.includes(path)) return isEmpty(given) ? [] : [path];
    return Object.entries(given).flatMap(([name, value]) =>
      lost(value, isObject(made) ? made[name] : undefined, path === "" ? name : `${path}.${name}`)
    );
  }
  // An empty list has no effect, unless the form sends another value in its place.
  if (Array.isArray(given) && given.length === 0 && made === undefined) return [];
  if (path.startsWith("mcp_servers") && JSON.stringify(made)?.includes(MASKED)) return [];
  return [path];
}

/** Objects whose members the form covers only in part. */
const HOLDS_FIELDS = [...HOLDERS, "webhook"];

const isEmpty = (value: object) => Object.keys(value).length === 0;

function sameText(given: unknown, made: unknown): boolean {
  const text = (value: unknown) => JSON.stringify(typeof value === "string" ? value.trim() : value);
  return text(given) === text(made);
}
