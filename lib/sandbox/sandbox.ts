/**
 * The Task API's wire protocol, embedded: a `fetch`-shaped handler for runs. Every answer is computed from
 * what KV holds and the clock; there is no background work, and a restart changes nothing.
 */
import { RESULT_TIMEOUT_SECONDS } from "../parallel/limits.ts";
import * as say from "./answer.ts";
import { answer, refuse, refuseFields } from "./answer.ts";
import { streamBody } from "./body.ts";
import { readCreate } from "./create.ts";
import { faultsOf } from "./faults.ts";
import { type Notification, notifyOfEnd } from "./notify.ts";
import {
  countConnection,
  forgetRecord,
  readRecord,
  readResumed,
  type SandboxRecord,
  writeRecord,
} from "./record.ts";
import { withoutHeaderValues } from "./redact.ts";
import { topicOf } from "./script/topic.ts";
import { frames } from "./stream.ts";
import { type SetTimer, systemTimer, wait } from "./time.ts";
import type { Timeline } from "./timeline.ts";
import { TimelineCache } from "./timeline_cache.ts";
import { restRun, shownInput } from "./wire.ts";

/** What a sandbox lives on. */
export interface SandboxOptions {
  readonly kv: Deno.Kv;
  /** 1 takes seconds where the API takes minutes; 10 is ten times faster than that. */
  readonly speed: number;
  /** Unix ms. */
  readonly now?: () => number;
  readonly setTimer?: SetTimer;
  /** Which API keys are good; by default those that start with `sandbox-`. */
  readonly acceptKey?: (key: string) => boolean;
  /** 32 hexadecimal digits that no other run has. */
  readonly newRunHex?: () => string;
  /** Whether faults that cost much may be asked for; they may by default. */
  readonly costlyFaults?: boolean;
  /** Told of every run that is made, and what keeping it will take at least (bytes). */
  readonly onCreated?: (runId: string, bytes: number) => Promise<void>;
  /** Takes a notification to its receiver; `false` has it tried again. Without it none is sent. */
  readonly deliver?: (notification: Notification) => Promise<boolean>;
}

/** A sandbox. */
export interface Sandbox {
  /** Answers a request to the Task API, whatever its host. */
  fetch(request: Request): Promise<Response>;
  /** Whether a run works no more; so does one that never was. */
  isOver(runId: string): Promise<boolean>;
  /** Forgets a run, as if it had never been. */
  forget(runId: string): Promise<void>;
  /** Ends every open stream and every waiting request. */
  close(): void;
}

/** How often a stalled run is looked at again (ms): nobody knows when it will go on. */
const LOOK_AGAIN_MS = 250;
const RUN_ID = /^trun_[0-9a-f]{32}$/;
const RUNS_PATH = /^\/v1(?:beta)?\/tasks\/runs(?:\/([^/]+)(?:\/(input|result|events))?)?$/;

/** Makes a sandbox. Its state lies in KV below `["sandbox"]`. */
export function createSandbox(options: SandboxOptions): Sandbox {
  const closing = new AbortController();
  const handler = new Handler(options, closing.signal);
  return {
    fetch: (request) => handler.answer(request),
    isOver: (runId) => handler.isOver(runId),
    forget: (runId) =>
      forgetRecord(options.kv, options.setTimer ?? systemTimer, runId, closing.signal),
    close: () => closing.abort(new DOMException("The sandbox was closed", "AbortError")),
  };
}

class Handler {
  readonly #kv: Deno.Kv;
  readonly #speed: number;
  readonly #now: () => number;
  readonly #setTimer: SetTimer;
  readonly #acceptKey: (key: string) => boolean;
  readonly #newRunHex: () => string;
  readonly #costlyFaults: boolean;
  readonly #onCreated: SandboxOptions["onCreated"];
  readonly #deliver: SandboxOptions["deliver"];
  readonly #closing: AbortSignal;
  readonly #timelines = new TimelineCache();

  constructor(options: SandboxOptions, closing: AbortSignal) {
    this.#kv = options.kv;
    this.#speed = options.speed;
    this.#now = options.now ?? Date.now;
    this.#setTimer = options.setTimer ?? systemTimer;
    this.#acceptKey = options.acceptKey ?? ((key) => key.startsWith("sandbox-"));
    this.#newRunHex = options.newRunHex ?? (() => crypto.randomUUID().replaceAll("-", ""));
    this.#costlyFaults = options.costlyFaults ?? true;
    this.#onCreated = options.onCreated;
    this.#deliver = options.deliver;
    this.#closing = closing;
  }

  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = RUNS_PATH.exec(url.pathname);
    if (path === null) return notSimulated(request.method, url.pathname);
    const apiKey = request.headers.get("x-api-key") ?? "";
    if (!this.#acceptKey(apiKey)) return refuse(401, say.UNAUTHORIZED);
    const [, runId, part] = path;
    const allowed = runId === undefined ? "POST" : "GET";
    if (request.method !== allowed) {
      return refuse(405, `Method not allowed: use ${allowed}`, null, { allow: allowed });
    }
    const keyHash = await sha256Hex(apiKey);
    if (runId === undefined) return await this.#create(request, keyHash);
    const record = RUN_ID.test(runId) ? await readRecord(this.#kv, runId) : null;
    if (record === null || record.keyHash !== keyHash) {
      return refuse(404, part === "result" ? say.NO_RESULT : say.UNKNOWN_RUN);
    }
    switch (part) {
      case "input":
        return answer(shownInput(record.input));
      case "result":
        return await this.#result(record, url, request.signal);
      case "events":
        return await this.#events(record, request.signal);
      default:
        return answer(restRun(record, await this.#timeline(record), this.#nowUs()));
    }
  }

  async isOver(runId: string): Promise<boolean> {
    const record = RUN_ID.test(runId) ? await readRecord(this.#kv, runId) : null;
    return record === null || this.#nowUs() >= (await this.#timeline(record)).ending.us;
  }

  async #create(request: Request, keyHash: string): Promise<Response> {
    const input = await readCreate(request, { costlyFaults: this.#costlyFaults });
    if (input instanceof Response) return input;
    const previous = await this.#previous(input.previous_interaction_id ?? null, keyHash);
    const record: SandboxRecord = {
      runId: `trun_${this.#newRunHex()}`,
      keyHash,
      createdMs: this.#now(),
      speed: this.#speed,
      input: withoutHeaderValues(input),
      ...previous,
    };
    await writeRecord(this.#kv, this.#setTimer, record, this.#closing);
    void this.#notify(record);
    const timeline = await this.#timeline(record);
    await this.#onCreated?.(record.runId, bytesOf(record, timeline));
    return answer(restRun(record, timeline, timeline.createdUs), 202);
  }

  /** Notifies of the run's end. It is forgotten by a restart, unlike everything else here. */
  async #notify(record: SandboxRecord): Promise<void> {
    const deliver = this.#deliver;
    if (deliver === undefined || !record.input.webhook?.event_types?.length) return;
    const world = { setTimer: this.#setTimer, nowUs: () => this.#nowUs(), signal: this.#closing };
    await notifyOfEnd(world, record, () => this.#timeline(record), deliver);
  }

  async #result(record: SandboxRecord, url: URL, signal: AbortSignal): Promise<Response> {
    const seconds = Number(url.searchParams.get("timeout") ?? RESULT_TIMEOUT_SECONDS);
    if (!Number.isInteger(seconds) || seconds < 0) {
      const problem = { field: "timeout", message: "The timeout must be whole seconds, 0 or more" };
      return refuseFields(say.INVALID_REQUEST, [problem], "query");
    }
    const deadlineUs = this.#nowUs() + seconds * 1e6;
    for (;;) {
      const timeline = await this.#timeline(record);
      const us = this.#nowUs();
      if (us >= timeline.ending.us) {
        const output = timeline.output();
        if (output === null) return refuse(404, say.NO_RESULT);
        return answer({ run: restRun(record, timeline, us), output });
      }
      if (us >= deadlineUs) return refuse(408, say.STILL_ACTIVE);
      const restMs = Math.ceil((Math.min(timeline.ending.us, deadlineUs) - us) / 1000);
      const stalled = timeline.faults.has("stall");
      try {
        await this.#wait(stalled ? Math.min(LOOK_AGAIN_MS, restMs) : restMs, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        return refuse(503, "The sandbox is closing; the run goes on by the clock");
      }
    }
  }

  async #events(record: SandboxRecord, signal: AbortSignal): Promise<Response> {
    const before = await this.#timeline(record);
    const ordinal = before.faults.has("stall") && this.#nowUs() < before.ending.us
      ? await countConnection(this.#kv, this.#setTimer, record.runId, this.#nowUs(), this.#closing)
      : 1;
    const timeline = ordinal === 1 ? before : await this.#timeline(record);
    const connection = {
      record,
      timeline,
      ordinal,
      nowUs: () => this.#nowUs(),
      setTimer: this.#setTimer,
    };
    const body = streamBody((stop) => frames(connection, stop), signal, this.#closing);
    return new Response(body, {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
      },
    });
  }

  /** What the run before was about, where it is known to this key. */
  async #previous(
    id: string | null,
    keyHash: string,
  ): Promise<Pick<SandboxRecord, "follows" | "followsUnknown">> {
    if (id === null) return { follows: null, followsUnknown: false };
    const record = RUN_ID.test(id) ? await readRecord(this.#kv, id) : null;
    if (record?.keyHash !== keyHash) return { follows: null, followsUnknown: true };
    return { follows: topicOf(record.input.input).phrase, followsUnknown: false };
  }

  async #timeline(record: SandboxRecord): Promise<Timeline> {
    const stalls = faultsOf(record.input).faults.has("stall");
    const resumedUs = stalls ? await readResumed(this.#kv, record.runId) : null;
    return this.#timelines.of({ ...record, resumedUs });
  }

  #nowUs(): number {
    return this.#now() * 1000;
  }

  async #wait(ms: number, request: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const onAbort = () => stop.abort(request.aborted ? request.reason : this.#closing.reason);
    if (request.aborted || this.#closing.aborted) onAbort();
    request.addEventListener("abort", onAbort);
    this.#closing.addEventListener("abort", onAbort);
    try {
      await wait(this.#setTimer, ms, stop.signal);
    } finally {
      request.removeEventListener("abort", onAbort);
      this.#closing.removeEventListener("abort", onAbort);
    }
  }
}

function notSimulated(method: string, path: string): Response {
  const message = /^\/(?:v1|v1beta|chat)\b/.test(path)
    ? `The Taskstream sandbox does not simulate ${method} ${path}: it knows task runs only`
    : `Not found: ${path}. The Taskstream sandbox knows /v1/tasks/runs`;
  return refuse(404, message);
}

/** What keeping a run takes: its request, its trace and its result (characters). */
function bytesOf({ input }: SandboxRecord, timeline: Timeline): number {
  const trace = timeline.events.reduce((sum, { data }) => sum + data.length, 0);
  return JSON.stringify(input).length + trace + JSON.stringify(timeline.output()).length;
}

async function sha256Hex(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(bytes).toHex();
}
