/**
 * What a share link shows of a run: the request, the trace and the result. It hides metadata, the webhook,
 * tool servers with their headers, and where the run came from. Pure.
 */
import { inOrder, isObject, type JsonObject, readVerbatim } from "../../base/mod.ts";
import type { TaskRunInput } from "../../parallel/mod.ts";
import { cutResult, kindOf, type LogEvent, type RunPage } from "../model/mod.ts";

/** Returns a run's page without its owner's private data. */
export function publicPage<Page extends RunPage>(page: Page): Page {
  const hide = hiding(page.run.input);
  return {
    ...page,
    view: hide(page.view),
    output: hide(page.output),
    output_text: null,
    run: {
      ...page.run,
      input: publicInput(page.run.input),
      source: "form",
      rerun_of: null,
      follows: null,
      group_id: null,
    },
    events: page.events.map((event) => publicEvent(event, hide)),
  };
}

/** An allow list: members that the API adds later stay private until someone has reviewed them. */
function publicInput(input: TaskRunInput): TaskRunInput {
  const { processor, task_spec, source_policy, enable_events } = input;
  return {
    input: input.input,
    processor,
    ...task_spec && { task_spec },
    ...source_policy && { source_policy },
    ...enable_events !== undefined && { enable_events },
  };
}

/** Replaces a run's private addresses in every text of a value, and keeps the value's shape. */
export type Hide = <Value>(value: Value) => Value;

const hideNothing: Hide = (value) => value;

/**
 * Returns a function that hides the addresses of a run's webhook and tool servers. The API quotes them in
 * warnings, with keys in the query: it masks headers only.
 */
export function hiding({ webhook, mcp_servers }: TaskRunInput): Hide {
  const urls = [webhook?.url, ...(mcp_servers ?? []).map(({ url }) => url)];
  const spelled = urls.flatMap((url) => url ? spellings(url) : []);
  if (spelled.length === 0) return hideNothing;
  // Longest first: the rest of an address that is replaced in part could still contain a key.
  const ordered = spelled.sort((a, b) => b.length - a.length);
  const hide = (text: string) => ordered.reduce((rest, url) => rest.replaceAll(url, HIDDEN), text);
  return <Value>(value: Value) => mapTexts(value, hide) as Value;
}

const HIDDEN = "[address hidden]";

/** The spellings of an address: as given, normalised, and without its query. */
function spellings(url: string): string[] {
  const parsed = URL.parse(url);
  if (parsed === null) return [url];
  return [url, parsed.href, `${parsed.origin}${parsed.pathname}`];
}

function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map));
  if (!isObject(value)) return value;
  return inOrder(
    Object.entries(value).map(([name, member]) => [name, mapTexts(member, map)]),
  );
}

/** The public members of a run's state. An allow list for the same reason. */
const STATE_MEMBERS = [
  "run_id",
  "interaction_id",
  "status",
  "is_active",
  "processor",
  "created_at",
  "modified_at",
];

/** Names of members that may hold secrets, at any depth of a payload. */
const PRIVATE = new Set(["metadata", "webhook", "mcp_servers", "headers", "x-api-key", "api_key"]);
const MAY_BE_PRIVATE = new RegExp(`"(?:${[...PRIVATE].join("|")})"|\\\\u`);

/** Returns an event as a share link shows it. The id and the type stay. */
export function publicEvent(event: LogEvent, hide: Hide = hideNothing): LogEvent {
  const isState = kindOf(event.type) === "state";
  const asItIs = !isState && !MAY_BE_PRIVATE.test(event.data);
  if (asItIs && hide === hideNothing) return event;
  const whole = payloadOf(event.data);
  if (whole === null) return { ...event, data: asItIs ? hide(event.data) : "{}" };
  const payload = isState ? publicState(whole) : stripped(whole);
  return { ...event, data: JSON.stringify(hide(payload)) };
}

/**
 * Returns the payload if it is an object, or else `null`. If the result exceeds the bounds of JSON, it is left out.
 */
function payloadOf(data: string): JsonObject | null {
  for (const text of [data, cutResult(data, null)?.data]) {
    try {
      const value = readVerbatim(text ?? "");
      if (isObject(value)) return value;
    } catch {
      continue;
    }
  }
  return null;
}

function publicState({ type, event_id, run, output }: JsonObject): JsonObject {
  if (!isObject(run)) return { type };
  return {
    type,
    event_id,
    input: null,
    run: {
      ...Object.fromEntries(
        STATE_MEMBERS.filter((name) => Object.hasOwn(run, name)).map((name) => [name, run[name]]),
      ),
      warnings: Array.isArray(run.warnings) ? run.warnings.map(publicNotice) : null,
      error: publicNotice(run.error),
    },
    // The result is what is shared, and its fields may have any name.
    output: output ?? null,
  };
}

/** Returns a warning or error without its detail, which may quote the request. */
function publicNotice(notice: unknown): JsonObject | null {
  if (!isObject(notice)) return null;
  const { type, ref_id, message } = notice;
  return { type, ref_id, message };
}

function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  if (!isObject(value)) return value;
  return inOrder(
    Object.entries(value).filter(([name]) => !PRIVATE.has(name.toLowerCase()))
      .map(([name, member]) => [name, stripped(member)]),
  );
}
