/**
 * Monitors, simulated. At speed 1 an hour of a monitor's frequency takes a minute. What each check finds is a
 * function of the monitor's id and the check's number, so a restart changes nothing; only webhooks that were
 * not sent yet are lost. A monitor cancels itself after 200 checks, and goes with its run, of which it keeps a
 * copy. Owns `["sandbox-monitor", id]`, `["sandbox-monitors", key_hash, created_ms, id]` and
 * `["sandbox-monitors-of", run_id, id]`.
 *
 * `metadata.sandbox` of a new monitor names a fault: `fail` makes every third check fail, `still` finds
 * nothing, and `402`, `429`, `500` or `503` refuse it.
 */
import { beginning, isObject } from "../base/mod.ts";
import type { TaskRunOutput } from "../parallel/mod.ts";
import { jsonResponse, refuse } from "./responses.ts";
import { REFUSALS } from "./faults.ts";
import { readObject, refuseBody } from "./groups/add.ts";
import type { Notification } from "./notify.ts";
import { checksOf, cutResult, MAX_CHECKS, type StoredMonitor, timeOf } from "./monitor_checks.ts";
import { KEPT_MS } from "./record.ts";
import { timestamp, wait, whenUnlocked, type World } from "./world.ts";

/** What simulated monitors need. */
export interface MonitorsOptions extends World {
  /** The result of a completed run of the key, and its input as text; `null` if there is none. */
  readonly resultOf: (
    runId: string,
    keyHash: string,
  ) => Promise<{ readonly output: TaskRunOutput; readonly query: string } | null>;
  readonly deliver?: ((notification: Notification) => Promise<boolean>) | undefined;
}

/** An hour of a frequency at speed 1 (ms). */
const HOUR_MS = 60_000;
/** Monitors of one key. */
const MAX_MONITORS = 20;
const PATH = /^\/v1\/monitors(?:\/([^/]+)(?:\/(events|cancel))?)?$/;
const UNKNOWN = "Monitor not found";
const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 168 };

/** Answers requests about monitors. */
export class Monitors {
  readonly #options: MonitorsOptions;

  constructor(options: MonitorsOptions) {
    this.#options = options;
  }

  static has(path: string): boolean {
    return PATH.test(path);
  }

  async handle(request: Request, url: URL, keyHash: string): Promise<Response> {
    const [, id, part] = PATH.exec(url.pathname) ?? [];
    const isPost = request.method === "POST";
    const allowed = id === undefined ? ["GET", "POST"] : part === "cancel" ? ["POST"] : ["GET"];
    if (!allowed.includes(request.method)) {
      const allow = allowed.join(", ");
      return refuse(405, `Method not allowed: use ${allow}`, null, { allow });
    }
    if (id === undefined) {
      return isPost ? await this.#create(request, keyHash) : await this.#list(url, keyHash);
    }
    const key = ["sandbox-monitor", id];
    const { value: monitor } = await this.#options.kv.get<StoredMonitor>(key);
    if (monitor?.keyHash !== keyHash) return refuse(404, UNKNOWN);
    if (part === "events") return this.#events(monitor, url);
    if (part !== "cancel") return jsonResponse(this.#shown(monitor));
    const cancelled = { ...monitor, cancelledMs: monitor.cancelledMs ?? this.#options.now() };
    await this.#write(cancelled);
    return jsonResponse(this.#shown(cancelled));
  }

  /** Removes the monitors of a run. */
  async forget(runId: string): Promise<void> {
    const { kv } = this.#options;
    for await (const { key } of kv.list({ prefix: ["sandbox-monitors-of", runId] })) {
      const id = String(key[2]);
      const { value } = await kv.get<StoredMonitor>(["sandbox-monitor", id]);
      const atomic = kv.atomic().delete(key);
      for (const own of value === null ? [] : keysOf(value)) atomic.delete(own);
      await whenUnlocked(this.#options, () => atomic.commit());
    }
  }

  async #create(request: Request, keyHash: string): Promise<Response> {
    const { kv, newHex, now, resultOf, speed } = this.#options;
    const body = await readObject(request);
    if (body instanceof Response) return body;
    const { frequency, metadata, processor = "lite", settings, type, webhook } = body;
    const refusal = isObject(metadata) ? REFUSALS[String(metadata.sandbox)] : undefined;
    if (refusal !== undefined) return refuse(refusal.status, refusal.message, { simulated: true });
    const hours = hoursOf(frequency);
    const runId = isObject(settings) ? settings.task_run_id : undefined;
    const problems = [
      ...hours === null ? [{ field: "frequency", message: "Must be between 1h and 30d" }] : [],
      ...type === "snapshot"
        ? []
        : [{ field: "type", message: "The sandbox simulates snapshot monitors only" }],
      ...typeof runId === "string" ? [] : [{ field: "settings.task_run_id", message: "Required" }],
      ...processor === "lite" || processor === "base"
        ? []
        : [{ field: "processor", message: "Input should be 'lite' or 'base'" }],
    ];
    if (problems.length > 0 || hours === null || typeof runId !== "string") {
      return refuseBody(problems);
    }
    const result = await resultOf(runId, keyHash);
    if (result === null) {
      return refuseBody([{ field: "settings.task_run_id", message: "Not a completed task run" }]);
    }
    const own = await Array.fromAsync(kv.list({ prefix: ["sandbox-monitors", keyHash] }));
    if (own.length >= MAX_MONITORS) {
      return refuse(429, `At most ${MAX_MONITORS} monitors per key`);
    }
    const monitor: StoredMonitor = {
      id: `monitor_${newHex()}`,
      keyHash,
      createdMs: now(),
      runId,
      frequency: String(frequency),
      periodMs: Math.max(1, hours * HOUR_MS / speed),
      processor: processor === "base" ? "base" : "lite",
      webhook: isObject(webhook) ? webhook : null,
      metadata: isObject(metadata) ? metadata : null,
      cancelledMs: null,
      // What a monitor keeps of a result must fit into one value.
      output: JSON.stringify(cutResult(result.output)),
      query: beginning(result.query, 1_000),
    };
    await this.#write(monitor);
    void this.#notify(monitor);
    return jsonResponse(this.#shown(monitor));
  }

  async #list(url: URL, keyHash: string): Promise<Response> {
    const { kv } = this.#options;
    const wanted = url.searchParams.getAll("status");
    const limit = Math.min(Math.max(1, Number(url.searchParams.get("limit")) || 100), 10_000);
    const cursor = Number(url.searchParams.get("cursor") ?? Infinity);
    const found: StoredMonitor[] = [];
    const prefix = ["sandbox-monitors", keyHash];
    for await (const { key } of kv.list({ prefix }, { reverse: true })) {
      const { value } = await kv.get<StoredMonitor>(["sandbox-monitor", String(key[3])]);
      if (value === null || value.createdMs >= cursor) continue;
      const { status } = this.#shown(value);
      if (wanted.length === 0 ? status === "active" : wanted.includes(status)) found.push(value);
    }
    const monitors = found.slice(0, limit);
    return jsonResponse({
      monitors: monitors.map((monitor) => this.#shown(monitor)),
      ...found.length > limit ? { next_cursor: String(monitors.at(-1)?.createdMs) } : {},
    });
  }

  #events(monitor: StoredMonitor, url: URL): Response {
    const limit = Number(url.searchParams.get("limit") ?? 20);
    if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
      return refuseBody([{ field: "limit", message: "Must be from 1 to 100" }], "query");
    }
    const before = Number(url.searchParams.get("cursor") ?? Infinity);
    const all = url.searchParams.get("include_completions") === "true";
    const events = checksOf(monitor, this.#count(monitor)).reverse()
      .filter(({ check, event }) => check < before && (all || event.event_type !== "completion"));
    const shown = events.slice(0, limit);
    return jsonResponse({
      events: shown.map(({ event }) => event),
      ...events.length > limit ? { next_cursor: String(shown.at(-1)?.check) } : {},
    });
  }

  /** The monitor as the API shows it: without null members. */
  #shown(monitor: StoredMonitor) {
    const { cancelledMs, createdMs, frequency, id, metadata, processor, webhook } = monitor;
    const checks = this.#count(monitor);
    const isOver = cancelledMs !== null || checks >= MAX_CHECKS;
    return {
      monitor_id: id,
      type: "snapshot",
      status: isOver ? "cancelled" : "active",
      frequency,
      processor,
      settings: { task_run_id: monitor.runId, query: monitor.query },
      ...webhook === null ? {} : { webhook },
      ...metadata === null ? {} : { metadata },
      created_at: timestamp(createdMs * 1000),
      ...checks === 0 ? {} : { last_run_at: timestamp(timeOf(monitor, checks - 1) * 1000) },
    };
  }

  /** How often it has checked: first right away. */
  #count({ cancelledMs, createdMs, periodMs }: StoredMonitor): number {
    const untilMs = Math.min(cancelledMs ?? Infinity, this.#options.now());
    return Math.min(MAX_CHECKS, Math.floor((untilMs - createdMs) / periodMs) + 1);
  }

  /** Sends a webhook for each check while this process lives. */
  async #notify(monitor: StoredMonitor): Promise<void> {
    const { closing, deliver, kv, now } = this.#options;
    if (deliver === undefined || monitor.webhook === null) return;
    try {
      for (let check = 0; check < MAX_CHECKS; check++) {
        while (now() < timeOf(monitor, check)) {
          await wait(this.#options, timeOf(monitor, check) - now(), closing);
        }
        const { value } = await kv.get<StoredMonitor>(["sandbox-monitor", monitor.id]);
        if (value === null || value.cancelledMs !== null) return;
        const { event } = checksOf(monitor, check + 1)[check]!;
        const types: Record<string, string> = {
          completion: "monitor.execution.completed",
          error: "monitor.execution.failed",
        };
        const body = JSON.stringify({
          type: types[event.event_type] ?? "monitor.event.detected",
          timestamp: timestamp(timeOf(monitor, check) * 1000),
          data: {
            monitor_id: monitor.id,
            event: "event_group_id" in event
              ? { event_group_id: event.event_group_id }
              : { type: event.event_type },
            ...monitor.metadata === null ? {} : { metadata: monitor.metadata },
          },
        });
        const id = `whevent_${monitor.id.replace(/^monitor_/, "")}${check}`;
        await deliver({ id, runId: monitor.runId, body }).catch(() => false);
      }
    } catch {
      // The sandbox was closed.
    }
  }

  async #write(monitor: StoredMonitor): Promise<void> {
    const atomic = this.#options.kv.atomic();
    for (const [at, key] of keysOf(monitor).entries()) {
      atomic.set(key, at === 0 ? monitor : null, { expireIn: KEPT_MS });
    }
    await whenUnlocked(this.#options, () => atomic.commit());
  }
}

/** Where a monitor is stored, and what lists it. */
function keysOf({ createdMs, id, keyHash, runId }: StoredMonitor): Deno.KvKey[] {
  return [
    ["sandbox-monitor", id],
    ["sandbox-monitors", keyHash, createdMs, id],
    ["sandbox-monitors-of", runId, id],
  ];
}

/** Hours of a frequency such as `6h`, `1d` or `2w`; `null` if it is out of bounds. */
function hoursOf(frequency: unknown): number | null {
  const [, number = "", unit = ""] = /^(\d{1,3})([hdw])$/.exec(String(frequency)) ?? [];
  const hours = Number(number) * (HOURS[unit] ?? 0);
  return hours >= 1 && hours <= 720 ? hours : null;
}
