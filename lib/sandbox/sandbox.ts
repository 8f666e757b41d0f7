/**
 * The Task API's wire protocol, embedded: a `fetch`-shaped handler for runs and groups. Every response is
 * computed from KV and the clock. There is no background work, and a restart changes nothing.
 */
import { RESULT_TIMEOUT_SECONDS } from "../parallel/mod.ts";
import * as messages from "./responses.ts";
import { jsonResponse, refuse, refuseFields } from "./responses.ts";
import { streamResponse } from "./body.ts";
import { readCreate } from "./create.ts";
import { type Fault, faultsOf } from "./faults.ts";
import { bytesOf, bytesOfRow } from "./stored_bytes.ts";
import { Groups } from "./groups/handler.ts";
import { forgetRow, readRow } from "./groups/store.ts";
import { Monitors } from "./monitors.ts";
import { notifyOfEnd } from "./notify.ts";
import type { Sandbox, SandboxOptions } from "./options.ts";
import {
  countConnection,
  forgetRecord,
  readRecord,
  readResumed,
  type SandboxRecord,
  seedOf,
  whenUnlocked,
  withoutHeaderValues,
  writeRecord,
} from "./record.ts";
import { topicOf } from "./script/topic.ts";
import { suggest } from "./suggest.ts";
import { frames } from "./stream.ts";
import { type SetTimer, systemTimer, wait } from "./time.ts";
import { type Timeline, TimelineCache } from "./timeline.ts";
import { restRun, shownInput } from "./wire.ts";

/** How often to check a stalled run (ms): it may resume at any time. */
const LOOK_AGAIN_MS = 250;
const RUN_ID = /^trun_[0-9a-f]{32}$/;
const SUGGEST_PATH = /^\/v1beta\/tasks\/suggest(?:-processor)?$/;
const RUNS_PATH = /^\/v1(?:beta)?\/tasks\/runs(?:\/([^/]+)(?:\/(input|result|events))?)?$/;

/** Creates a sandbox. Its state is stored in KV below `["sandbox"]`. */
export function createSandbox(options: SandboxOptions): Sandbox {
  const closing = new AbortController();
  const handler = new Handler(options, closing.signal);
  return {
    fetch: (request) => handler.handle(request),
    isOver: (runId) => handler.isOver(runId),
    forget: (runId) => handler.forget(runId),
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
  readonly #groups: Groups;
  readonly #monitors: Monitors;

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
    this.#groups = new Groups({
      kv: this.#kv,
      speed: this.#speed,
      now: this.#now,
      setTimer: this.#setTimer,
      closing,
      newHex: this.#newRunHex,
      costlyFaults: this.#costlyFaults,
      places: options.places,
      timelineOf: (record) => this.#timelines.forSeed(seedOf(record)),
      onCreated: async (records) => {
        for (const record of records) void this.#notify(record);
        await this.#onCreated?.(records.map(bytesOfRow));
      },
    });
    this.#monitors = new Monitors({
      kv: this.#kv,
      speed: this.#speed,
      now: this.#now,
      setTimer: this.#setTimer,
      closing,
      newHex: this.#newRunHex,
      deliver: this.#deliver,
      resultOf: async (runId, keyHash) => {
        const record = await this.#read(runId);
        if (record?.keyHash !== keyHash) return null;
        const timeline = await this.#timeline(record);
        const output = this.#nowUs() < timeline.ending.us ? null : timeline.output();
        return output === null ? null : { output, query: topicOf(record.input.input).phrase };
      },
    });
  }

  async handle(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = RUNS_PATH.exec(url.pathname);
    const isOfGroups = Groups.has(url.pathname), isSuggest = SUGGEST_PATH.test(url.pathname);
    const isOfMonitors = Monitors.has(url.pathname);
    if (path === null && !isOfGroups && !isOfMonitors && !isSuggest) {
      return notSimulated(request.method, url.pathname);
    }
    const apiKey = request.headers.get("x-api-key") ?? "";
    if (!this.#acceptKey(apiKey)) return refuse(401, messages.UNAUTHORIZED);
    if (isSuggest) return await suggest(request, url.pathname);
    if (isOfMonitors) return await this.#monitors.handle(request, url, await sha256Hex(apiKey));
    if (path === null) return await this.#groups.handle(request, url, await sha256Hex(apiKey));
    const [, runId, part] = path;
    const allowed = runId === undefined ? "POST" : "GET";
    if (request.method !== allowed) {
      return refuse(405, `Method not allowed: use ${allowed}`, null, { allow: allowed });
    }
    const keyHash = await sha256Hex(apiKey);
    if (runId === undefined) return await this.#create(request, keyHash);
    const record = await this.#read(runId);
    if (record?.keyHash !== keyHash) {
      return refuse(404, part === "result" ? messages.NO_RESULT : messages.UNKNOWN_RUN);
    }
    switch (part) {
      case "input":
        return jsonResponse(shownInput(record.input));
      case "result":
        return await this.#result(record, url, request.signal);
      case "events":
        return await this.#events(record, request.signal);
      default:
        return jsonResponse(restRun(record, await this.#timeline(record), this.#nowUs()));
    }
  }

  async isOver(runId: string): Promise<boolean> {
    const record = await this.#read(runId);
    return record === null || this.#nowUs() >= (await this.#timeline(record)).ending.us;
  }

  async forget(runId: string): Promise<void> {
    const commit = (atomic: Deno.AtomicOperation) =>
      whenUnlocked(() => atomic.commit(), this.#setTimer, this.#closing);
    await this.#monitors.forget(runId);
    if (await forgetRow(this.#kv, runId, commit)) return;
    await forgetRecord(this.#kv, this.#setTimer, runId, this.#closing);
  }

  /** Returns a run, alone or of a group, or `null`. */
  async #read(runId: string): Promise<SandboxRecord | null> {
    if (!RUN_ID.test(runId)) return null;
    return await readRecord(this.#kv, runId) ?? await readRow(this.#kv, runId, this.#now());
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
    await this.#onCreated?.([{ runId: record.runId, bytes: bytesOf(record, timeline) }]);
    return jsonResponse(restRun(record, timeline, timeline.createdUs), 202);
  }

  /** Sends a notification when the run ends. Unlike everything else here, it is lost in a restart. */
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
      return refuseFields(messages.INVALID_REQUEST, [problem], "query");
    }
    const deadlineUs = this.#nowUs() + seconds * 1e6;
    for (;;) {
      const timeline = await this.#timeline(record);
      const us = this.#nowUs();
      if (us >= timeline.ending.us) {
        const output = timeline.output();
        if (output === null) return refuse(404, messages.NO_RESULT);
        return jsonResponse({ run: restRun(record, timeline, us), output });
      }
      if (us >= deadlineUs) return refuse(408, messages.STILL_ACTIVE);
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
    const ordinal = stalls(record, before) && this.#nowUs() < before.ending.us
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
    return streamResponse((stop) => frames(connection, stop), signal, this.#closing);
  }

  /** The subject of the previous run, if this key can see it. */
  async #previous(
    id: string | null,
    keyHash: string,
  ): Promise<Pick<SandboxRecord, "follows" | "followsUnknown">> {
    if (id === null) return { follows: null, followsUnknown: false };
    const record = await this.#read(id);
    if (record?.keyHash !== keyHash) return { follows: null, followsUnknown: true };
    return { follows: topicOf(record.input.input).phrase, followsUnknown: false };
  }

  async #timeline(record: SandboxRecord): Promise<Timeline> {
    const resumedUs = stalls(record, faultsOf(record.input))
      ? await readResumed(this.#kv, record.runId)
      : null;
    return this.#timelines.forSeed(seedOf(record, resumedUs));
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
    ? `The Taskstream sandbox does not simulate ${method} ${path}: it knows task runs, groups and monitors only`
    : `Not found: ${path}. The Taskstream sandbox knows /v1/tasks/runs and /v1/tasks/groups`;
  return refuse(404, message);
}

/** Returns whether a run waits for a second connection. Runs of groups do not. */
function stalls(
  record: SandboxRecord,
  { faults }: { readonly faults: ReadonlySet<Fault> },
): boolean {
  return record.group === undefined && faults.has("stall");
}

async function sha256Hex(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(bytes).toHex();
}
