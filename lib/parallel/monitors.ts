/**
 * Parallel's Monitor API (`/v1/monitors`), bound to one key: the API repeats a task at a fixed frequency and
 * reports changes. Each check is billed until the monitor is cancelled.
 */
import { isObject, type JsonObject } from "../base/mod.ts";
import type { ApiCalls, ApiResult, Reader } from "./client_call.ts";
import { readOutput } from "./read.ts";
import type { TaskRunOutput } from "./types.ts";

/** The processor of a monitor's checks. */
export type MonitorProcessor = "lite" | "base";

/** US dollars per check. */
export const MONITOR_PRICES: Readonly<Record<MonitorProcessor, number>> = {
  lite: 0.003,
  base: 0.01,
};

/** All event types of webhooks. */
const MONITOR_EVENT_TYPES = [
  "monitor.event.detected",
  "monitor.execution.completed",
  "monitor.execution.failed",
] as const;

/** A monitor over the result of a finished run. */
export interface NewMonitor {
  readonly task_run_id: string;
  /** Hours, days or weeks, such as `6h`; from 1 hour to 30 days. */
  readonly frequency: string;
  readonly processor: MonitorProcessor;
  readonly metadata?: Readonly<Record<string, string>>;
  /** The webhook URL for all {@linkcode MONITOR_EVENT_TYPES}. */
  readonly webhook_url?: string;
}

/** A monitor as the API reports it. */
export interface Monitor {
  readonly id: string;
  readonly status: "active" | "cancelled";
  readonly frequency: string;
  readonly processor: MonitorProcessor;
  /** The run that it compares with; `null` if it follows a search. */
  readonly task_run_id: string | null;
  /** The task's input, or the search. */
  readonly query: string;
  /** Unix ms. `null` if the API does not say. */
  readonly created_ms: number | null;
  readonly last_run_ms: number | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The result of one check. */
export type MonitorEvent =
  | {
    readonly kind: "change";
    readonly id: string;
    /** A day, a month or a year, as the API writes it. */
    readonly date: string | null;
    /** What is new, with its basis: only the fields that changed. */
    readonly output: TaskRunOutput | null;
    readonly previous: TaskRunOutput | null;
  }
  | { readonly kind: "nothing"; readonly at_ms: number | null }
  | { readonly kind: "error"; readonly at_ms: number | null; readonly message: string };

/** A page of a list. `next` is the cursor of the one after it. */
export interface MonitorPage<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

const MONITOR: Reader<Monitor> = { what: "a monitor", read: readMonitor };
const MONITORS: Reader<MonitorPage<Monitor>> = {
  what: "a list of monitors",
  read: (value) => pageOf(value, "monitors", readMonitor),
};
const EVENTS: Reader<MonitorPage<MonitorEvent>> = {
  what: "a monitor's events",
  read: (value) => pageOf(value, "events", readEvent),
};

/** Monitors. Made by the client. */
export class TaskMonitors {
  readonly #calls: ApiCalls;

  constructor(calls: ApiCalls) {
    this.#calls = calls;
  }

  /** Creates a monitor, whose first check runs and is billed at once. Sends exactly one request. */
  create(monitor: NewMonitor): Promise<ApiResult<Monitor>> {
    const { task_run_id, webhook_url, ...rest } = monitor;
    const body = JSON.stringify({
      type: "snapshot",
      settings: { task_run_id },
      ...rest,
      ...webhook_url === undefined
        ? {}
        : { webhook: { url: webhook_url, event_types: MONITOR_EVENT_TYPES } },
    });
    return this.#calls.send({ path: "/v1/monitors", method: "POST", body }, MONITOR);
  }

  /** Returns the key's monitors, the newest first, cancelled ones included. */
  list(
    { cursor }: { readonly cursor?: string | null } = {},
  ): Promise<ApiResult<MonitorPage<Monitor>>> {
    const query = new URLSearchParams([
      ["status", "active"],
      ["status", "cancelled"],
      ["limit", "100"],
      ...cursor ? [["cursor", cursor]] : [],
    ]);
    return this.#calls.send({ path: `/v1/monitors?${query}` }, MONITORS);
  }

  retrieve(id: string): Promise<ApiResult<Monitor>> {
    return this.#calls.send({ path: monitorPath(id) }, MONITOR);
  }

  /** Stops a monitor for good. Cancelling it again changes nothing. */
  cancel(id: string): Promise<ApiResult<Monitor>> {
    const call = { path: `${monitorPath(id)}/cancel`, method: "POST", body: "{}" } as const;
    return this.#calls.send(call, MONITOR);
  }

  /** Returns the results of the monitor's checks, newest first. */
  events(
    id: string,
    { completions = false, cursor, limit = 20 }: {
      /** Whether to include checks that found nothing new. */
      readonly completions?: boolean;
      readonly cursor?: string | null;
      /** At most 100. */
      readonly limit?: number;
    } = {},
  ): Promise<ApiResult<MonitorPage<MonitorEvent>>> {
    const query = new URLSearchParams({
      limit: String(limit),
      ...completions ? { include_completions: "true" } : {},
      ...cursor ? { cursor } : {},
    });
    return this.#calls.send({ path: `${monitorPath(id)}/events?${query}` }, EVENTS);
  }
}

/** The most items of a page that are read. */
const MAX_ITEMS = 1_000;

function pageOf<Item>(
  value: unknown,
  name: string,
  read: (value: unknown) => Item | null,
): MonitorPage<Item> | null {
  if (!isObject(value) || !Array.isArray(value[name])) return null;
  const items = value[name].slice(0, MAX_ITEMS).flatMap((each) => read(each) ?? []);
  const next = value.next_cursor;
  return { items, next: typeof next === "string" && next !== "" ? next : null };
}

function readMonitor(value: unknown): Monitor | null {
  if (!isObject(value)) return null;
  const { monitor_id: id, status, frequency, metadata, processor } = value;
  const settings: JsonObject = isObject(value.settings) ? value.settings : {};
  if (typeof id !== "string" || (status !== "active" && status !== "cancelled")) return null;
  return {
    id,
    status,
    frequency: text(frequency),
    processor: processor === "base" ? "base" : "lite",
    task_run_id: typeof settings.task_run_id === "string" ? settings.task_run_id : null,
    query: text(settings.query),
    created_ms: moment(value.created_at),
    last_run_ms: moment(value.last_run_at),
    metadata: isObject(metadata) ? metadata : {},
  };
}

function readEvent(value: unknown): MonitorEvent | null {
  if (!isObject(value)) return null;
  const { changed_output, event_date, event_id, event_type, output, previous_output } = value;
  if (event_type === "completion") return { kind: "nothing", at_ms: moment(value.timestamp) };
  if (event_type === "error") {
    return { kind: "error", at_ms: moment(value.timestamp), message: text(value.error_message) };
  }
  if (typeof event_id !== "string") return null;
  return {
    kind: "change",
    id: event_id,
    date: typeof event_date === "string" ? event_date : null,
    output: readOutput(changed_output ?? output),
    previous: readOutput(previous_output),
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function moment(value: unknown): number | null {
  const ms = Date.parse(text(value));
  return Number.isFinite(ms) ? ms : null;
}

function monitorPath(id: string): string {
  // An ID made of dots must not leave the path.
  return `/v1/monitors/${encodeURIComponent(id).replaceAll(".", "%2E")}`;
}
