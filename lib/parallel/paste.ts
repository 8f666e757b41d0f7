/**
 * Reads a request out of what people paste: its JSON body, the cURL command or the TypeScript that
 * sends it. The way back from `requestCode`. Pure: runs in a browser.
 */
import { formValuesFrom, type TaskFormValues } from "./form.ts";
import { isObject, type JsonObject, parseJson } from "./json.ts";
import { readRunInput } from "./read.ts";
import { shellWords } from "./shell.ts";
import type { TaskRunInput } from "./types.ts";

/** A form filled by what was pasted, or why it could not be. */
export type Pasted =
  | {
    readonly ok: true;
    readonly values: TaskFormValues;
    /** Members that the form has no field for, as dotted paths. */
    readonly leftOut: readonly string[];
  }
  | { readonly ok: false; readonly why: string };

/** How a paste is read. */
export interface PasteOptions {
  /** MCP header values stay: only where the text never leaves the browser. */
  readonly keepHeaders: boolean;
}

/** The form that a pasted request stands for. */
export function readPaste(text: string, { keepHeaders }: PasteOptions): Pasted {
  const json = bodyText(text.trim());
  if (json === null) {
    return { ok: false, why: "This command sends no body: it needs --data or --json" };
  }
  if (json.startsWith("@")) {
    return { ok: false, why: "This command reads its body from a file: paste the file’s text" };
  }
  const parsed = parseJson(json);
  // The engine quotes what it cannot read, which may be a key.
  const unread = "This is not JSON, nor a command that sends some";
  if (!parsed.ok) return { ok: false, why: keepHeaders ? parsed.why : unread };
  const input = readRunInput(parsed.value);
  if (input === null) {
    return { ok: false, why: 'A request is a JSON object with "input" and "processor"' };
  }
  const values = valuesOf(input, keepHeaders);
  if (values === null) {
    return { ok: false, why: "A member of this request is not of the type that the API takes" };
  }
  return { ok: true, values, leftOut: leftOutOf(input) };
}

/** The form of a request whose members may have any shape; `null` where one has the wrong one. */
function valuesOf(input: TaskRunInput, keepHeaders: boolean): TaskFormValues | null {
  try {
    const values = formValuesFrom(input);
    const servers = input.mcp_servers;
    const own = keepHeaders && values.mcp_servers !== "" ? JSON.stringify(servers, null, 2) : null;
    const whole = Object.values(values).every((value) => typeof value === "string");
    return whole ? { ...values, mcp_servers: own ?? values.mcp_servers } : null;
  } catch {
    return null;
  }
}

function bodyText(text: string): string | null {
  const command = text.replace(/^\$\s+/, "");
  if (/^curl(?:\.exe)?\s/.test(command)) return curlBody(command);
  const call = /\.create\(\s*\{/.exec(text);
  return call === null ? text : objectAt(text, call.index + call[0].length - 1);
}

const DATA = ["-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"];

function curlBody(command: string): string | null {
  const words = shellWords(command) ?? [];
  for (const [at, word] of words.entries()) {
    if (DATA.includes(word)) return words[at + 1] ?? null;
    const flag = DATA.find((name) => name.startsWith("--") && word.startsWith(`${name}=`));
    if (flag !== undefined) return word.slice(flag.length + 1);
    // Short options take their value without a space too.
    if (/^-d./.test(word)) return word.slice(2);
  }
  return null;
}

/** The object literal that opens at `start`, as JSON where our own code wrote it. */
function objectAt(text: string, start: number): string {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (inString) {
      if (char === "\\") at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) {
      return text.slice(start, at + 1).replace(/^( *)\["__proto__"\]:/gm, '$1"__proto__":');
    }
  }
  return text.slice(start);
}

/** What the request says and the form has no field for, as dotted paths. */
export function leftOutOf(input: TaskRunInput): string[] {
  return strangers(input, HELD, "");
}

/** The members that the form holds; `true` holds whatever is in them. */
const HELD: JsonObject = {
  input: true,
  processor: true,
  task_spec: { output_schema: true, input_schema: true },
  source_policy: { include_domains: true, exclude_domains: true, after_date: true },
  advanced_settings: { location: true },
  previous_interaction_id: true,
  webhook: { url: true, event_types: true },
  metadata: true,
  mcp_servers: true,
  enable_events: true,
};

function strangers(given: object, held: JsonObject, prefix: string): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    if (value === undefined || value === null) return [];
    if (!Object.hasOwn(held, name)) return [prefix + name];
    const inner = held[name];
    return isObject(inner) && isObject(value) ? strangers(value, inner, `${prefix}${name}.`) : [];
  });
}
