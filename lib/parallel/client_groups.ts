/** The Task API's groups of runs, bound to one key. */
import type { ApiCalls, ApiResult, Reader } from "./client_call.ts";
import { type GroupEvent, type GroupStreamOptions, readStream } from "./client_group_streams.ts";
import {
  type AddedRuns,
  type GroupInput,
  type GroupRunsInput,
  readAddedRuns,
  readGroup,
  type TaskGroup,
} from "./group.ts";
import type { KnownStatus } from "./types.ts";

/** Which runs of a group to read, and how much of each. */
export interface GroupRunsOptions extends GroupStreamOptions {
  readonly includeInput?: boolean;
  /** Only completed runs have an output. */
  readonly includeOutput?: boolean;
  readonly status?: KnownStatus;
}

const GROUP: Reader<TaskGroup> = { what: "a task group", read: readGroup };
const ADDED: Reader<AddedRuns> = { what: "the ids of runs", read: readAddedRuns };

/** Groups of runs. Made by the client. */
export class TaskGroups {
  readonly #calls: ApiCalls;

  constructor(calls: ApiCalls) {
    this.#calls = calls;
  }

  /** Creates an empty group, which costs nothing. */
  create(input: GroupInput = {}): Promise<ApiResult<TaskGroup>> {
    const body = JSON.stringify(input);
    return this.#calls.send({ path: "/v1/tasks/groups", method: "POST", body }, GROUP);
  }

  /** Returns the group's current state. */
  retrieve(
    groupId: string,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ApiResult<TaskGroup>> {
    return this.#calls.send({ path: groupPath(groupId), signal }, GROUP);
  }

  /**
   * Adds runs. Each is billed, so the request is never repeated. The API takes 1,000 at once; its documentation
   * sends 500. The status in the response may be older than the request.
   */
  addRuns(groupId: string, input: GroupRunsInput): Promise<ApiResult<AddedRuns>> {
    const path = `${groupPath(groupId)}/runs?refresh_status=false`;
    const body = JSON.stringify(input);
    return this.#calls.send({ path, method: "POST", body }, ADDED);
  }

  /**
   * Opens one connection to the group's events: its counts, and each run that ends. The API closes it when no run
   * is active, and after an hour. To continue, pass the `eventId` of the last event as `lastEventId`. Throws
   * `GroupStreamError`; rejects with the signal's reason.
   */
  events(groupId: string, options: GroupStreamOptions = {}): AsyncGenerator<GroupEvent> {
    return readStream(this.#calls, `${groupPath(groupId)}/events`, {}, options);
  }

  /**
   * Reads the runs that are in the group now, in the order they were added, after `lastEventId` if it is set.
   * Throws like {@linkcode events}.
   */
  runs(
    groupId: string,
    { includeInput, includeOutput, status, ...options }: GroupRunsOptions = {},
  ): AsyncGenerator<GroupEvent> {
    const query = {
      ...includeInput === true && { include_input: "true" },
      ...includeOutput === true && { include_output: "true" },
      ...status !== undefined && { status },
    };
    return readStream(this.#calls, `${groupPath(groupId)}/runs`, query, options);
  }
}

function groupPath(groupId: string): string {
  // An ID made of dots must not leave the path.
  return `/v1/tasks/groups/${encodeURIComponent(groupId).replaceAll(".", "%2E")}`;
}
