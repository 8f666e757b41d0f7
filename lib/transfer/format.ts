/**
 * A history as a file of JSON lines. The first line is a header and the last holds the number of runs, so a
 * truncated file is detected. The file contains no keys, share links or MCP header values: those are masked
 * in the store. Pure.
 */
import {
  atOnce,
  beginning,
  isObject,
  JSON_BOUNDS,
  type JsonBounds,
  JsonBoundsError,
  jsonPieces,
  JsonText,
  memberSpan,
  readingVerbatim,
} from "../base/mod.ts";
import { isOneLine, isOutput, oneLine, outputText } from "../exports/mod.ts";
import { readOutput, readRunInput, type TaskRunInput } from "../parallel/mod.ts";
import { type ImportedRun, splitSecrets } from "../runs/mod.ts";
import {
  applyStored,
  emptyView,
  isActiveStatus,
  kindOf,
  type RunPage,
  type RunView,
} from "../runs/model/mod.ts";
import { hasKnownTypes } from "../tasks/fields/mod.ts";
import {
  asDouble,
  isEventType,
  isId,
  isInteraction,
  isPrice,
  isProcessor,
  isTime,
  readGaps,
  readStatus,
} from "./values.ts";

/** The longest line (bytes). */
export const LINE_BYTES = 16 * 1024 * 1024;

/** The format version. Raise it when an older Taskstream could not read the new format. */
export const VERSION = 1;

/** The first line. `about` identifies the account; an import ignores it. */
export function headLine(nowMs: number, about: Readonly<Record<string, unknown>> = {}): string {
  const head = {
    taskstream: "history",
    version: VERSION,
    exported_at: new Date(nowMs).toISOString(),
    ...about,
  };
  return `${JSON.stringify(head)}\n`;
}

/** Yields one run, in pieces. */
export function* runLine(page: RunPage): Generator<string> {
  const { run, title, events, ended_ms, view, gaps } = page;
  const { input, ...rest } = run;
  const text = outputText(page);
  const isInline = text === null || isOneLine(text);
  const line = {
    ...rest,
    title,
    status: view.status,
    ended_ms,
    gaps,
    input,
    output: text === null ? null : new JsonText(isInline ? text : [...oneLine(text)].join("")),
    // A line cannot hold this unchanged.
    output_text: isInline ? undefined : text,
    events,
  };
  yield* jsonPieces({ run: line });
  yield "\n";
}

/** Yields a value other than a run, such as a batch, in pieces. */
export function* extraLine(value: Readonly<Record<string, unknown>>): Generator<string> {
  yield* jsonPieces(value);
  yield "\n";
}

/** The last line. */
export function endLine(runs: number): string {
  return `${JSON.stringify({ end: { runs } })}\n`;
}

/** The kinds of line. */
export type Line =
  | { readonly kind: "head" }
  | { readonly kind: "end"; readonly runs: number }
  /** A batch or some of its rows. An import skips them. */
  | { readonly kind: "batch" }
  | { readonly kind: "run"; readonly run: ImportedRun }
  /** A run that was active when it was exported. */
  | { readonly kind: "active"; readonly runId: string }
  /** `isHead`: the first line of an export in another format version. */
  | { readonly kind: "wrong"; readonly why: string; readonly isHead?: true };

/**
 * The limits of a line: a run with {@linkcode MAX_EVENTS} events of five values each, and with the largest
 * result. The line and its run are two levels around the result.
 */
const LINE_BOUNDS: Partial<JsonBounds> = {
  maxChars: LINE_BYTES,
  maxDepth: JSON_BOUNDS.maxDepth + 2,
  maxValues: 250_000,
};

/** Reads a line, with pauses. Total: every text yields some kind of line. */
export function* readingLine(text: string): Generator<"", Line> {
  let value: unknown;
  try {
    value = yield* readingVerbatim(text, LINE_BOUNDS);
  } catch (error) {
    return wrong(error instanceof JsonBoundsError ? wordsOf(error) : "it is not valid JSON");
  }
  if (!isObject(value)) return wrong("it is not an object");
  if (value.taskstream === "history") {
    const version = asDouble(value.version);
    if (version === VERSION) return { kind: "head" };
    const named = typeof version === "number" ? version : "unknown";
    const why =
      `it was written by another version of Taskstream (${named}); this one reads ${VERSION}`;
    return { kind: "wrong", why, isHead: true };
  }
  const runs = isObject(value.end) ? asDouble(value.end.runs) : null;
  if (typeof runs === "number") return { kind: "end", runs };
  if (isObject(value.batch) || isObject(value.batch_rows)) return { kind: "batch" };
  return isObject(value.run) ? yield* readRun(value.run, text) : wrong("it is not a run");
}

/** {@linkcode readingLine} without the pauses. */
export function readLine(text: string): Line {
  return atOnce(readingLine(text));
}

function wordsOf({ message }: JsonBoundsError): string {
  return message.replace("The JSON", "it");
}

/** The most events of a run: ten times those of the longest ones. Anyone with the run's link can load all. */
const MAX_EVENTS = 20_000;

function* readRun(run: Record<string, unknown>, text: string): Generator<"", Line> {
  const { run_id, interaction_id, processor } = run;
  const status = readStatus(run.status);
  const [created_ms, ended_ms, price_usd] = [run.created_ms, run.ended_ms, run.price_usd]
    .map(asDouble);
  if (!isId(run_id)) return wrong("its run_id is invalid");
  if (!isProcessor(processor)) return wrong("it does not name a processor");
  if (status === null) return wrong("it has no status");
  if (!isTime(created_ms)) return wrong("its created_ms is not a valid time");
  if (ended_ms !== null && ended_ms !== undefined && !isTime(ended_ms)) {
    return wrong("its ended_ms is not a valid time");
  }
  if (isActiveStatus(status)) return { kind: "active", runId: run_id };
  const input = readInput(run.input);
  if (input === null) return wrong("its input is invalid");
  if (Array.isArray(run.events) && run.events.length > MAX_EVENTS) {
    return wrong(`it has ${run.events.length} events, more than the limit of ${MAX_EVENTS}`);
  }
  const read = readEvents(run.events ?? []);
  if (read === null) return wrong("its events are not numbered from 1 without a gap");
  yield "";
  const output = yield* writtenOutput(run, text);
  if (output === "none") return wrong("its output is neither text nor JSON");
  const endedMs = isTime(ended_ms) ? ended_ms : null;
  const events = yield* withEnd(read, { run_id, interaction_id, processor, status }, endedMs);
  return {
    kind: "run",
    run: {
      run: {
        run_id,
        interaction_id: isInteraction(interaction_id) ? interaction_id : run_id,
        input,
        processor,
        price_usd: isPrice(price_usd) ? price_usd : null,
        source: "import",
        rerun_of: isId(run.rerun_of) ? run.rerun_of : null,
        follows: isInteraction(run.follows) ? run.follows : null,
        group_id: isId(run.group_id) ? run.group_id : null,
        created_ms,
        simulated: run.simulated === true,
      },
      title: typeof run.title === "string" ? beginning(run.title, 500) : null,
      ended_ms: endedMs,
      events,
      gaps: readGaps(run.gaps),
      output_text: output,
    },
  };
}

/** Returns the JSON text of a line's output: `null` if it has none, `none` if it is invalid. */
function* writtenOutput(
  { output, output_text }: Record<string, unknown>,
  line: string,
): Generator<"", string | null> {
  if (output === null || output === undefined) return null;
  if (typeof output_text === "string") return isOutput(output_text) ? output_text : "none";
  if (readOutput(output) === null) return "none";
  yield "";
  const run = memberOf(line, "run");
  yield "";
  // Names of members may contain escapes.
  return memberOf(run, "output") || JSON.stringify(output);
}

function memberOf(json: string, name: string): string {
  return json.slice(...memberSpan(json, name) ?? [0, 0]);
}

function wrong(why: string): Line {
  return { kind: "wrong", why };
}

/** Returns whether the log is complete. Only the last event with the run's state counts. */
function* hasEnd(events: ImportedRun["events"]): Generator<"", boolean> {
  for (const event of events.toReversed()) {
    if (kindOf(event.type) !== "state" && kindOf(event.type) !== "error") continue;
    const last = { ...event, id: 1, received_ms: null };
    if (applyStored(UNSAID, last).status !== UNSAID.status) {
      return !applyStored(emptyView(), last).isActive;
    }
    yield "";
  }
  return false;
}

const UNSAID: RunView = { ...emptyView(), status: "" };

/**
 * Returns the events. Adds the last state if they do not contain the run's end, because the trace was
 * truncated or missing.
 */
function* withEnd(
  events: ImportedRun["events"],
  run: Readonly<Record<string, unknown>>,
  endedMs: number | null,
): Generator<"", ImportedRun["events"]> {
  if (yield* hasEnd(events)) return events;
  const payload = {
    type: "task_run.state",
    event_id: null,
    input: null,
    run: { ...run, is_active: false },
    output: null,
  };
  return [...events, {
    id: events.length + 1,
    received_ms: endedMs,
    type: payload.type,
    data: JSON.stringify(payload),
  }];
}

/** Returns the request. Masks header values if someone added them to the file. */
function readInput(value: unknown): TaskRunInput | null {
  const input = readRunInput(value);
  return input === null || !hasKnownTypes(input) ? null : splitSecrets(input).shown;
}

function readEvents(value: unknown): ImportedRun["events"] | null {
  if (!Array.isArray(value)) return null;
  const events = value.flatMap((event: unknown, index) => {
    if (!isObject(event) || asDouble(event.id) !== index + 1) return [];
    const { type, data } = event;
    if (!isEventType(type) || typeof data !== "string") return [];
    const received_ms = asDouble(event.received_ms);
    return [{ id: index + 1, received_ms: isTime(received_ms) ? received_ms : null, type, data }];
  });
  return events.length === value.length ? events : null;
}
