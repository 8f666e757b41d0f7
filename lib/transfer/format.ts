/**
 * A history as a file: lines of JSON, the first says what it is, the last how many runs there were, so
 * that a file that was cut short is known. No key is in it, no share link, and no value of an MCP
 * header: those are masked where they are stored. Pure.
 */
import { isObject, readVerbatim } from "../parallel/json.ts";
import { isOutput, oneLine, outputText } from "../exports/written.ts";
import { readRunInput } from "../parallel/read.ts";
import type { TaskRunInput } from "../parallel/types.ts";
import { memberSpan } from "../base/json_span.ts";
import { splitSecrets } from "../runs/record.ts";
import { withResult } from "../runs/result_splice.ts";
import type { ImportedRun } from "../runs/import.ts";
import type { RunPage } from "../runs/model.ts";
import { isActiveStatus } from "../runs/status.ts";
import { hasKnownKinds } from "./request_kinds.ts";

/** Raised whenever an older Taskstream could not read what a newer one writes. */
export const VERSION = 1;

/** The first line; `about` says whose history it is, which nobody needs who takes it in. */
export function headLine(nowMs: number, about: Readonly<Record<string, unknown>> = {}): string {
  const head = {
    taskstream: "history",
    version: VERSION,
    exported_at: new Date(nowMs).toISOString(),
    ...about,
  };
  return `${JSON.stringify(head)}\n`;
}

/** One run. */
export function runLine(page: RunPage): string {
  const { run, title, events, ended_ms, view } = page;
  const { input, ...rest } = run;
  const text = outputText(page);
  const inline = text === null ? null : oneLine(text);
  const line = {
    ...rest,
    title,
    status: view.status,
    ended_ms,
    input,
    output: null,
    // What a line cannot hold as it is.
    ...(inline === text ? {} : { output_text: text }),
    events,
  };
  return `{"run":${withResult(JSON.stringify(line), inline)}}\n`;
}

/** The last line. */
export function endLine(runs: number): string {
  return `${JSON.stringify({ end: { runs } })}\n`;
}

/** What a line is. */
export type Line =
  | { readonly kind: "head" }
  | { readonly kind: "end"; readonly runs: number }
  | { readonly kind: "run"; readonly run: ImportedRun }
  /** A run that was not over yet when it was exported. */
  | { readonly kind: "active"; readonly runId: string }
  | { readonly kind: "wrong"; readonly why: string };

/** Reads a line. Total: whatever it is, it is something. */
export function readLine(text: string): Line {
  let value: unknown;
  try {
    value = readVerbatim(text);
  } catch {
    return wrong("it is no JSON");
  }
  if (!isObject(value)) return wrong("it is no object");
  if (value.taskstream === "history") {
    return value.version === VERSION ? { kind: "head" } : wrong(
      `it was written by another version of Taskstream (${
        JSON.stringify(value.version)
      }); this one reads ${VERSION}`,
    );
  }
  if (isObject(value.end) && typeof value.end.runs === "number") {
    return { kind: "end", runs: value.end.runs };
  }
  return isObject(value.run) ? readRun(value.run, text) : wrong("it is no run");
}

/** Ten times what the longest runs have: a page shows all of them, and whoever has its link may ask for it. */
const MOST_EVENTS = 20_000;

function readRun(run: Record<string, unknown>, text: string): Line {
  const { run_id, interaction_id, processor, status, created_ms, ended_ms, price_usd } = run;
  if (!isId(run_id)) return wrong("its run_id is none");
  if (typeof processor !== "string" || processor === "" || processor.length > 100) {
    return wrong("it names no processor");
  }
  if (typeof status !== "string" || !/^\w{1,40}$/.test(status)) return wrong("it has no status");
  if (!isTime(created_ms)) return wrong("its created_ms is no time");
  if (isActiveStatus(status)) return { kind: "active", runId: run_id };
  const input = readInput(run.input);
  if (input === null) return wrong("its input is none");
  if (Array.isArray(run.events) && run.events.length > MOST_EVENTS) {
    return wrong(`it has ${run.events.length} events: at most ${MOST_EVENTS} are taken in`);
  }
  const events = readEvents(run.events);
  if (events === null) return wrong("its events are not numbered from 1 without a gap");
  const output = run.output === null || run.output === undefined ? null : writtenOutput(run, text);
  if (output !== null && !isOutput(output)) return wrong("its output is neither text nor JSON");
  return {
    kind: "run",
    run: {
      run: {
        run_id,
        interaction_id: isId(interaction_id) ? interaction_id : run_id,
        input,
        processor,
        price_usd: typeof price_usd === "number" && price_usd >= 0 ? price_usd : null,
        source: "import",
        rerun_of: isId(run.rerun_of) ? run.rerun_of : null,
        follows: isId(run.follows) ? run.follows : null,
        group_id: isId(run.group_id) ? run.group_id : null,
        created_ms,
        simulated: run.simulated === true,
      },
      title: typeof run.title === "string" ? run.title.slice(0, 500) : null,
      ended_ms: isTime(ended_ms) ? ended_ms : null,
      events,
      output_text: output,
    },
  };
}

/** The JSON text of the output that a line has. */
function writtenOutput({ output_text }: Record<string, unknown>, line: string): string {
  if (typeof output_text === "string") return output_text;
  const run = memberOf(line, "run");
  return memberOf(run, "output");
}

function memberOf(json: string, name: string): string {
  return json.slice(...memberSpan(json, name) ?? [0, 0]);
}

function wrong(why: string): Line {
  return { kind: "wrong", why };
}

function isId(value: unknown): value is string {
  return typeof value === "string" && /^[\w-]{1,100}$/.test(value);
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < 8.64e15;
}

/** The request, with header values masked if somebody wrote some into the file. */
function readInput(value: unknown): TaskRunInput | null {
  const input = readRunInput(value);
  const servers: unknown = input?.mcp_servers ?? [];
  if (input === null || !Array.isArray(servers) || !servers.every(isObject)) return null;
  if (!hasKnownKinds(value)) return null;
  // Of the API's other options none is read here: they are shown and sent again as they stand.
  return splitSecrets(input).shown;
}

function readEvents(value: unknown): ImportedRun["events"] | null {
  if (!Array.isArray(value)) return null;
  const events = value.flatMap((event: unknown, index) => {
    if (!isObject(event) || event.id !== index + 1) return [];
    const { id, received_ms, type, data } = event;
    if (typeof type !== "string" || !/^[\w.-]{1,200}$/.test(type) || typeof data !== "string") {
      return [];
    }
    return [{ id, received_ms: isTime(received_ms) ? received_ms : null, type, data }];
  });
  return events.length === value.length ? events : null;
}
