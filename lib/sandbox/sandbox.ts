/**
 * The Task API's wire protocol, embedded: a `fetch`-shaped handler for runs and groups. Every response is
 * computed from KV and the clock. There is no background work, and a restart changes nothing.
 */
import { SYSTEM_TIMERS } from "../base/mod.ts";
import { RESULT_TIMEOUT_SECONDS } from "../parallel/mod.ts";
import * as messages from "./responses.ts";
import { jsonResponse, refuse, refuseFields } from "./responses.ts";
import { streamResponse } from "./body.ts";
import { readCreate } from "./create.ts";
import { type Fault, faultsOf } from "./faults.ts";
import { bytesOf, bytesOfRow } from "./stored_bytes.ts";
import { Groups } from "./groups/handler.ts";
import { readRow } from "./groups/store.ts";
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
  withoutHeaderValues,
  writeRecord,
} from "./record.ts";
import { topicOf } from "./script/topic.ts";
import { suggest } from "./suggest.ts";
import { frames } from "./stream.ts";
import { type Timeline, TimelineCache } from "./timeline.ts";
import { restRun, shownInput } from "./wire.ts";
import { wait, type World } from "./world.ts";

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
  readonly #world: World;
  readonly #options: SandboxOptions & Required<Pick<SandboxOptions, "acceptKey" | "costlyFaults">>;
  readonly #timelines = new TimelineCache();
  readonly #groups: Groups;
  readonly #monitors: Monitors;

  constructor(options: SandboxOptions, closing: AbortSignal) {
    this.#options = {
      ...options,
      acceptKey: options.acceptKey ?? ((key) => key.startsWith("sandbox-")),
      costlyFaults: options.costlyFaults ?? true,
    };
    this.#world = {
      kv: options.kv,
      speed: options.speed,
      now: options.now ?? Date.now,
      timers: options.timers ?? SYSTEM_TIMERS,
      newHex: options.newHex ?? (() => crypto.randomUUID().replaceAll("-", "")),
      closing,
    };
    this.#groups = new Groups({
      ...this.#world,
      costlyFaults: this.#options.costlyFaults,
      slots: options.slots,
      timelineOf: (record) => this.#timelines.forSeed(seedOf(record)),
      onCreated: async (records) => {
        for (const record of records) void this.#notify(record);
        await options.onCreated?.(records.map(bytesOfRow));
      },
    });
    this.#monitors = new Monitors({
      ...this.#world,
      deliver: options.deliver,
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
    if (!this.#options.acceptKey(apiKey)) return refuse(401, messages.UNAUTHORIZED);
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
    await this.#monitors.forget(runId);
    if (!await this.#groups.forget(runId)) await forgetRecord(this.#world, runId);
  }

  /** Returns a run, alone or of a group, or `null`. */
  async #read(runId: string): Promise<SandboxRecord | null> {
    if (!RUN_ID.test(runId)) return null;
    const { kv, now } = this.#world;
    return await readRecord(kv, runId) ?? await readRow(kv, runId, now());
  }

  async #create(request: Request, keyHash: string): Promise<Response> {
    const input = await readCreate(request, this.#options);
    if (input instanceof Response) return input;
    const previous = await this.#previous(input.previous_interaction_id ?? null, keyHash);
    const record: SandboxRecord = {
      runId: `trun_${this.#world.newHex()}`,
      keyHash,
      createdMs: this.#world.now(),
      speed: this.#world.speed,
      input: withoutHeaderValues(input),
      ...previous,
    };
    await writeRecord(this.#world, record);
    void this.#notify(record);
    const timeline = await this.#timeline(record);
    await this.#options.onCreated?.([{ runId: record.runId, bytes: bytesOf(record, timeline) }]);
    return jsonResponse(restRun(record, timeline, timeline.createdUs), 202);
  }

  /** Sends a notification when the run ends. Unlike everything else here, it is lost in a restart. */
  async #notify(record: SandboxRecord): Promise<void> {
    const { deliver } = this.#options;
    if (deliver === undefined || !record.input.webhook?.event_types?.length) return;
    await notifyOfEnd(this.#world, record, () => this.#timeline(record), deliver);
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
      const ms = timeline.faults.has("stall") ? Math.min(LOOK_AGAIN_MS, restMs) : restMs;
      try {
        await wait(this.#world, ms, AbortSignal.any([signal, this.#world.closing]));
      } catch (error) {
        if (signal.aborted) throw error;
        return refuse(503, "The sandbox is closing; the run goes on by the clock");
      }
    }
  }

  async #events(record: SandboxRecord, signal: AbortSignal): Promise<Response> {
    const before = await this.#timeline(record);
    const ordinal = stalls(record, before) && this.#nowUs() < before.ending.us
      ? await countConnection(this.#world, record.runId)
      : 1;
    const timeline = ordinal === 1 ? before : await this.#timeline(record);
    const connection = { record, timeline, ordinal, world: this.#world };
    return streamResponse((stop) => frames(connection, stop), signal, this.#world.closing);
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
      ? await readResumed(this.#world.kv, record.runId)
      : null;
    return this.#timelines.forSeed(seedOf(record, resumedUs));
  }

  #nowUs(): number {
    return this.#world.now() * 1000;
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
