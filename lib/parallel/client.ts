/**
 * A client for the Task API's runs and groups. Responses are parsed, expected failures are values, and a
 * create is never retried: each one is billed.
 */
import { memberSpan } from "../base/mod.ts";
import { ApiCalls, type ApiResult, type Reader, type TaskClientOptions } from "./client_call.ts";
import { TaskGroups } from "./client_groups.ts";
import { TaskMonitors } from "./monitors.ts";
import { readOutputText, readRunInput } from "./read.ts";
import { readRun, readRunResult } from "./read_run.ts";
import { readSuggestion, type Suggestion, type SuggestRequest } from "./suggest.ts";
import type { TaskRun, TaskRunInput, TaskRunResult } from "./types.ts";

export type { ApiResult, TaskClientOptions } from "./client_call.ts";

/** The body of `GET …/result`, and the original JSON text of its output. */
export interface FetchedResult extends TaskRunResult {
  readonly outputText: string;
}

const RUN: Reader<TaskRun> = { what: "a run", read: readRun };
const INPUT: Reader<TaskRunInput> = { what: "a run's request", read: readRunInput };

/** The Task API, bound to one key. */
export class TaskClient {
  /** Groups of runs. */
  readonly groups: TaskGroups;
  /** Monitors: results that the API checks again on its own. */
  readonly monitors: TaskMonitors;
  readonly #calls: ApiCalls;

  constructor(options: TaskClientOptions) {
    this.#calls = new ApiCalls(options);
    this.groups = new TaskGroups(this.#calls);
    this.monitors = new TaskMonitors(this.#calls);
  }

  /** Creates a run. Sends exactly one request. */
  create(input: TaskRunInput): Promise<ApiResult<TaskRun>> {
    const body = JSON.stringify(input);
    return this.#calls.send({ path: "/v1/tasks/runs", method: "POST", body }, RUN);
  }

  /** Returns the run's current state. */
  retrieve(runId: string, { signal }: { signal?: AbortSignal } = {}): Promise<ApiResult<TaskRun>> {
    return this.#calls.send({ path: runPath(runId), signal }, RUN);
  }

  /** Returns the request that created the run. */
  input(
    runId: string,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<ApiResult<TaskRunInput>> {
    return this.#calls.send({ path: `${runPath(runId)}/input`, signal }, INPUT);
  }

  /**
   * Returns the result. Waits at most `timeoutSeconds`, then the failure's status is 408. A failed run and
   * an unknown run both return 404. A result that is too deeply nested to parse is returned as its text.
   */
  result(
    runId: string,
    { timeoutSeconds, signal }: { timeoutSeconds: number; signal?: AbortSignal },
  ): Promise<ApiResult<FetchedResult>> {
    const path = `${runPath(runId)}/result?timeout=${Math.ceil(timeoutSeconds)}`;
    return this.#calls.send({ path, signal, extraMs: timeoutSeconds * 1000 }, {
      what: "a result",
      read: readResult,
      beyond: (text) => {
        const outputText = outputIn(text) ?? text;
        const run = readRun({ run_id: runId, status: "completed" });
        return run && { run, output: readOutputText(outputText), outputText };
      },
    });
  }

  /** Removes the key from the API's text before it is stored or shown, in case the API ever quotes it. */
  shown(text: string): string {
    return this.#calls.shown(text);
  }

  /** Returns what is needed to open the run's event stream. */
  eventsRequest(runId: string): { url: string; headers: Record<string, string> } {
    const { url, headers } = this.#calls.streamRequest(`${runPath(runId)}/events`);
    return { url, headers: { ...headers } };
  }

  /**
   * Suggests schemas and example inputs for an intent. The API does not document this and does not offer it
   * to every account: treat 403 and 404 as "no suggestions".
   */
  suggest(
    request: SuggestRequest,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<ApiResult<Suggestion>> {
    const body = JSON.stringify(request);
    const call = { path: "/v1beta/tasks/suggest", method: "POST", body, signal } as const;
    return this.#calls.send(call, { what: "a suggestion", read: readSuggestion });
  }
}

function readResult(value: unknown, text: string): FetchedResult | null {
  const result = readRunResult(value);
  const outputText = outputIn(text);
  return result === null || outputText === null ? null : { ...result, outputText };
}

function outputIn(text: string): string | null {
  const span = memberSpan(text, "output");
  return span === null ? null : text.slice(...span);
}

function runPath(runId: string): string {
  // An ID made of dots must not leave the path.
  return `/v1/tasks/runs/${encodeURIComponent(runId).replaceAll(".", "%2E")}`;
}
