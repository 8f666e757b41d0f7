/** Groups of runs: `/v1/tasks/groups`. Each response is computed from KV and the clock. */
import {
  type AddedRuns,
  type GroupStatus,
  STATUSES,
  type TaskGroup,
  type TaskSpec,
} from "../../parallel/mod.ts";
import { jsonResponse, refuse, UNKNOWN_RUN } from "../responses.ts";
import { streamResponse } from "../body.ts";
import { Random } from "../random.ts";
import { KEPT_MS, type SandboxRecord, seedOf } from "../record.ts";
import { lifeOf, type Timeline } from "../timeline.ts";
import { restRun } from "../wire.ts";
import { timestamp } from "../world.ts";
import {
  readMetadata,
  readObject,
  readRunsToAdd,
  readSwitch,
  refuseQuery,
  type RunsToAdd,
} from "./add.ts";
import { type GroupFaults, groupFaults } from "./faults.ts";
import { cursorOf, GroupHistory, runCursorOf } from "./history.ts";
import { spansOf } from "./schedule.ts";
import { GroupState, type GroupStateContext } from "./state.ts";
import {
  type Chunk,
  forgetRow,
  type GroupRecord,
  keyOf,
  readGroupRecord,
  readRow,
  type Row,
  withSpec,
  writeRows,
} from "./store.ts";
import { GROUP_STREAM_SECONDS, groupFrames, type GroupStreamContext, runFrames } from "./stream.ts";

/** The dependencies of groups. */
export interface GroupsContext extends GroupStateContext {
  readonly costlyFaults: boolean;
  readonly timelineOf: (record: SandboxRecord) => Timeline;
  /** Called with newly created runs. */
  readonly onCreated: (records: readonly SandboxRecord[]) => Promise<void>;
}

const PATH = /^\/v1(?:beta)?\/tasks\/groups(?:\/([^/]+)(?:\/(events|runs)(?:\/([^/]+))?)?)?$/;
const GROUP_ID = /^tgrp_[0-9a-f]{32}$/;
const RUN_ID = /^trun_[0-9a-f]{32}$/;
const UNKNOWN_GROUP = "TaskGroup not found";

/** Handles requests for groups. */
export class Groups {
  readonly #context: GroupsContext;
  readonly #state: GroupState;

  constructor(context: GroupsContext) {
    this.#context = context;
    this.#state = new GroupState(context);
  }

  /** Returns whether a path belongs to a group. */
  static has(path: string): boolean {
    return PATH.test(path);
  }

  /** Handles a request made with a key. */
  async handle(request: Request, url: URL, keyHash: string): Promise<Response> {
    const [, groupId, part, runId] = PATH.exec(url.pathname) ?? [];
    const allowed = groupId === undefined
      ? ["POST"]
      : part === "runs" && runId === undefined
      ? ["GET", "POST"]
      : ["GET"];
    if (!allowed.includes(request.method) || (part === "events" && runId !== undefined)) {
      const message = `Method not allowed: use ${allowed.join(" or ")}`;
      return refuse(405, message, null, { allow: allowed.join(", ") });
    }
    if (groupId === undefined) return await this.#create(request, keyHash);
    const { kv } = this.#context;
    const found = GROUP_ID.test(groupId) ? await readGroupRecord(kv, groupId) : null;
    if (found?.group.keyHash !== keyHash) return refuse(404, UNKNOWN_GROUP);
    const { group } = found;
    if (runId !== undefined) return await this.#run(group, runId);
    if (part === undefined) return jsonResponse(await this.#describe(group));
    if (request.method === "POST") return await this.#add(request, url, group);
    return part === "events"
      ? this.#events(group, url.searchParams, request.signal)
      : this.#runs(group, url.searchParams, request.signal);
  }

  /** Deletes a run. Returns `false` if no group has it. */
  forget(runId: string): Promise<boolean> {
    return forgetRow(this.#context.kv, runId, (atomic) => this.#state.commit(atomic));
  }

  async #create(request: Request, keyHash: string): Promise<Response> {
    const body = await readObject(request);
    if (body instanceof Response) return body;
    const metadata = readMetadata(body);
    if (metadata instanceof Response) return metadata;
    const { kv, newHex, now, speed } = this.#context;
    const id = `tgrp_${newHex()}`;
    const group: GroupRecord = { id, keyHash, createdMs: now(), speed, metadata, chunks: 0 };
    await this.#state.commit(kv.atomic().set(keyOf(id), group, { expireIn: KEPT_MS }));
    return jsonResponse(await this.#describe(group));
  }

  /** The group as sent on the wire. */
  async #describe(group: GroupRecord): Promise<TaskGroup> {
    return {
      taskgroup_id: group.id,
      metadata: group.metadata,
      created_at: timestamp(group.createdMs * 1000),
      status: await this.#statusNow(group),
    };
  }

  async #run(group: GroupRecord, runId: string): Promise<Response> {
    const { kv, now } = this.#context;
    const record = RUN_ID.test(runId) ? await readRow(kv, runId, now()) : null;
    if (record?.group?.id !== group.id) return refuse(404, UNKNOWN_RUN);
    return jsonResponse(restRun(record, lifeOf(seedOf(record)), this.#nowUs()));
  }

  async #add(request: Request, url: URL, group: GroupRecord): Promise<Response> {
    const { costlyFaults, kv, newHex } = this.#context;
    const refresh = readSwitch(url.searchParams, "refresh_status", true);
    if (refresh instanceof Response) return refresh;
    const body = await readObject(request);
    if (body instanceof Response) return body;
    const read = await readRunsToAdd(body, { costlyFaults });
    if (read instanceof Response) return read;
    const faults = await this.#faults(group, read);
    if (faults.refusal !== null) {
      const { status, message } = faults.refusal;
      const headers: HeadersInit = status === 429 ? { "retry-after": "2" } : {};
      return refuse(status, message, { simulated: true }, headers);
    }
    const name = newHex();
    const rows = read.rows.map(({ input, warnings }): Row => ({
      runId: `trun_${newHex()}`,
      input,
      warnings,
      fails: faults.failing > 0 && isAmong(input, faults.failing),
    }));
    await writeRows(
      kv,
      group.id,
      { name, rows, spec: read.spec },
      (atomic) => this.#state.commit(atomic),
    );
    const spans = await spansOf(rows, group.speed);
    const change = { name, spans, lateMs: faults.lateMs, shuffles: faults.shuffles };
    const { chunk, before } = await this.#state.apply(group.id, change);
    await this.#context.onCreated(recordsOf(group, chunk, rows, read.spec));
    if (faults.isLost) return lostAnswer();
    const last = before.at(-1);
    const history = new GroupHistory(group, before);
    const added: AddedRuns = {
      // Without a refresh the API returns an older status.
      status: refresh ? await this.#statusNow(group) : history.statusAt(this.#nowUs()),
      run_ids: rows.map(({ runId }) => runId),
      run_cursor: last === undefined ? null : runCursorOf(last, last.lives.length - 1),
      event_cursor: last === undefined
        ? null
        : cursorOf({ us: chunk.appliedMs * 1000, seq: 0, index: 0 }),
    };
    return jsonResponse(added);
  }

  /** The faults for this request. The requests of a group are counted only if a fault depends on it. */
  async #faults(group: GroupRecord, { rows }: RunsToAdd): Promise<GroupFaults> {
    const inputs = rows.map(({ input }) => input);
    const counts = [group, ...inputs].some(({ metadata }) => `${metadata?.sandbox}`.includes("@"));
    return groupFaults(group.metadata, inputs, counts ? await this.#state.countTry(group.id) : 0);
  }

  #events(group: GroupRecord, query: URLSearchParams, signal: AbortSignal): Response {
    const text = query.get("timeout") || `${GROUP_STREAM_SECONDS}`;
    const seconds = /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : NaN;
    if (Number.isNaN(seconds)) return refuseQuery("timeout", "Input should be a valid number");
    const lastEventId = query.get("last_event_id") || null;
    const world = this.#world(group);
    return this.#stream((stop) => groupFrames(world, { lastEventId, seconds }, stop), signal);
  }

  #runs(group: GroupRecord, query: URLSearchParams, signal: AbortSignal): Response {
    const includeInput = readSwitch(query, "include_input", false);
    if (includeInput instanceof Response) return includeInput;
    const includeOutput = readSwitch(query, "include_output", false);
    if (includeOutput instanceof Response) return includeOutput;
    const status = query.get("status") || null;
    if (status !== null && !STATUSES.some((known) => known === status)) {
      return refuseQuery("status", `Input should be one of ${STATUSES.join(", ")}`);
    }
    const lastEventId = query.get("last_event_id") || null;
    const wanted = { lastEventId, status, includeInput, includeOutput };
    return this.#stream((stop) => runFrames(this.#world(group), wanted, stop), signal);
  }

  #stream(make: (stop: AbortSignal) => AsyncGenerator<string>, signal: AbortSignal): Response {
    return streamResponse(make, signal, this.#context.closing);
  }

  #world(group: GroupRecord): GroupStreamContext {
    return { ...this.#context, group, look: () => this.#state.look(group) };
  }

  async #statusNow(group: GroupRecord): Promise<GroupStatus> {
    const { history, us } = await this.#state.look(group);
    return history.statusAt(us);
  }

  #nowUs(): number {
    return this.#context.now() * 1000;
  }
}

/** Returns whether a run fails. Depends on the request, so another attempt may succeed. */
function isAmong({ input, metadata }: Row["input"], share: number): boolean {
  return new Random(JSON.stringify([input, metadata])).fork("fails").next() < share;
}

function recordsOf(
  { id, keyHash, speed }: GroupRecord,
  { appliedMs, lives }: Chunk,
  rows: readonly Row[],
  spec: TaskSpec | null,
): SandboxRecord[] {
  return rows.map(({ runId, input, fails, warnings }, index) => ({
    runId,
    keyHash,
    speed,
    createdMs: appliedMs,
    input: withSpec(input, spec),
    follows: null,
    followsUnknown: false,
    group: { id, fails, warnings, waitUs: lives[index]?.waitUs ?? 0 },
  }));
}

/** A response that breaks off before its body begins. */
function lostAnswer(): Response {
  const body = new ReadableStream({
    pull: (controller) => controller.error(new TypeError("connection reset (simulated)")),
  });
  return new Response(body, { headers: { "content-type": "application/json" } });
}
