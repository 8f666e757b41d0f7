/**
 * A sandbox group in KV: its own record, an entry for each request that added runs, and one for each run.
 * This module owns `["sandbox", group_id, …]`, `["sandbox", "places", …]`, and `["sandbox", run_id]` for a
 * group's run, which says where the run is stored.
 */
import { isObject } from "../../base/mod.ts";
import {
  type Metadata,
  readRunInput,
  type TaskRunInput,
  type TaskSpec,
  type Warning,
} from "../../parallel/mod.ts";
import { fromParts, KEPT_MS, partsOf, type SandboxRecord } from "../record.ts";
import { type Lives, packLives, unpackLives } from "./lives.ts";

/** A group. */
export interface GroupRecord {
  readonly id: string;
  /** SHA-256 of the key that created it, in hex. */
  readonly keyHash: string;
  readonly createdMs: number;
  readonly speed: number;
  readonly metadata: Metadata;
  /** The number of requests that added runs, including those that take effect later. */
  readonly chunks: number;
}

/** The runs that one request added. */
export interface Chunk {
  /** The chunk's name in the keys of its runs. */
  readonly name: string;
  readonly seq: number;
  /** When the runs are created. They do not exist earlier (Unix ms). */
  readonly appliedMs: number;
  readonly lives: Lives;
}

/** A run as given in its request. */
export interface Row {
  readonly runId: string;
  /** Without its request's default specification. */
  readonly input: TaskRunInput;
  readonly fails: boolean;
  readonly warnings: readonly Warning[];
}

/** Where a run of a group is stored. */
interface RowPlace {
  readonly group: string;
  readonly chunk: string;
  readonly index: number;
}

/** A group and its version, which the next change checks. */
export interface FoundGroup {
  readonly group: GroupRecord;
  readonly versionstamp: string;
}

/** Rows per commit: two mutations each, of at most 1,000, and 800 KB in total. */
const COMMIT_ROWS = 400;
const COMMIT_BYTES = 600_000;

/** The key of a group, and of the location of a group's run. */
export function keyOf(id: string): Deno.KvKey {
  return ["sandbox", id];
}

/** The key of the slots of one API key's runs, or of all. */
export function slotsKey(keyHash: string | null): Deno.KvKey {
  return ["sandbox", "places", keyHash ?? ""];
}

/** A group, or `null`. */
export async function readGroupRecord(kv: Deno.Kv, groupId: string): Promise<FoundGroup | null> {
  const { value: group, versionstamp } = await kv.get<GroupRecord>(keyOf(groupId));
  return group === null || typeof group.chunks !== "number" ? null : { group, versionstamp };
}

/** The runs added to a group by a time (Unix ms), in the order in which they took effect. */
export async function readChunks(kv: Deno.Kv, groupId: string, nowMs: number): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  const prefix = [...keyOf(groupId), "chunk"];
  for await (const { key, value } of kv.list<StoredChunk>({ prefix })) {
    if (value.appliedMs <= nowMs) chunks.push(chunkOf(String(key[3]), value));
  }
  return chunks.sort((a, b) => a.appliedMs - b.appliedMs || a.seq - b.seq);
}

interface StoredChunk {
  readonly seq: number;
  readonly appliedMs: number;
  readonly lives: Uint8Array;
}

function chunkOf(name: string, { seq, appliedMs, lives }: StoredChunk): Chunk {
  return { name, seq, appliedMs, lives: unpackLives(lives) };
}

/** Adds a chunk to a commit. Its runs exist once that is committed. */
export function setChunk(
  atomic: Deno.AtomicOperation,
  groupId: string,
  { name, seq, appliedMs, lives }: Chunk,
): void {
  const value: StoredChunk = { seq, appliedMs, lives: packLives(lives) };
  atomic.set([...keyOf(groupId), "chunk", name], value, { expireIn: KEPT_MS });
}

/**
 * Writes the runs of a chunk before the chunk itself, and the shared specification for runs without their
 * own.
 */
export async function writeRows(
  kv: Deno.Kv,
  groupId: string,
  { name, rows, spec }: {
    readonly name: string;
    readonly rows: readonly Row[];
    readonly spec: TaskSpec | null;
  },
  commit: (atomic: Deno.AtomicOperation) => Promise<unknown>,
): Promise<void> {
  const own = keyOf(groupId);
  let atomic = kv.atomic(), count = 0, bytes = 0;
  const set = (key: Deno.KvKey, value: unknown) => atomic.set(key, value, { expireIn: KEPT_MS });
  for (const [part, value] of partsOf(spec).entries()) set([...own, "spec", name, part], value);
  for (const [index, row] of rows.entries()) {
    const parts = partsOf(row);
    const size = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (count === COMMIT_ROWS || (count > 0 && bytes + size > COMMIT_BYTES)) {
      await commit(atomic);
      atomic = kv.atomic();
      count = bytes = 0;
    }
    for (const [part, value] of parts.entries()) set([...own, "row", name, index, part], value);
    const place: RowPlace = { group: groupId, chunk: name, index };
    set(keyOf(row.runId), place);
    count++;
    bytes += size;
  }
  await commit(atomic);
}

/** Returns a range of a chunk's runs. Skips deleted runs. */
export async function* readRows(
  kv: Deno.Kv,
  group: GroupRecord,
  chunk: Chunk,
  from = 0,
  to = chunk.lives.length,
): AsyncGenerator<{ readonly index: number; readonly record: SandboxRecord }> {
  const spec = await readSpec(kv, group.id, chunk.name);
  const prefix = [...keyOf(group.id), "row", chunk.name];
  const rows = { start: [...prefix, from], end: [...prefix, to] };
  let index = -1, parts: Uint8Array[] = [];
  const made = () => {
    const record = parts.length === 0 ? null : recordOf(group, chunk, index, parts, spec);
    return record === null ? [] : [{ index, record }];
  };
  for await (const { key, value } of kv.list<Uint8Array>(rows, { batchSize: 100 })) {
    if (key[4] !== index) {
      yield* made();
      index = Number(key[4]);
      parts = [];
    }
    parts.push(value);
  }
  yield* made();
}

/** Returns one run of a group, or `null` if it does not exist or its request has not taken effect yet. */
export async function readRow(
  kv: Deno.Kv,
  runId: string,
  nowMs: number,
): Promise<SandboxRecord | null> {
  const { value: place } = await kv.get<RowPlace>(keyOf(runId));
  if (!isObject(place) || typeof place.group !== "string") return null;
  const found = await readGroupRecord(kv, place.group);
  const key = [...keyOf(place.group), "chunk", place.chunk];
  const { value } = await kv.get<StoredChunk>(key);
  if (found === null || value === null || value.appliedMs > nowMs) return null;
  const chunk = chunkOf(place.chunk, value);
  const { index } = place;
  for await (const { record } of readRows(kv, found.group, chunk, index, index + 1)) return record;
  return null;
}

/** Removes a run of a group, and the group with its last run. Returns `false` if there is no such run. */
export async function forgetRow(
  kv: Deno.Kv,
  runId: string,
  commit: (atomic: Deno.AtomicOperation) => Promise<unknown>,
): Promise<boolean> {
  const { value: place } = await kv.get<RowPlace>(keyOf(runId));
  if (!isObject(place) || typeof place.group !== "string") return false;
  const own = keyOf(place.group);
  const atomic = kv.atomic().delete(keyOf(runId));
  const prefix = [...own, "row", place.chunk, place.index];
  for await (const { key } of kv.list({ prefix })) atomic.delete(key);
  await commit(atomic);
  for await (const _ of kv.list({ prefix: [...own, "row"] }, { limit: 1 })) return true;
  const rest = (await Array.fromAsync(kv.list({ prefix: own }))).map(({ key }) => key);
  for (let from = 0; from < rest.length; from += COMMIT_ROWS) {
    const atomic = kv.atomic();
    for (const key of rest.slice(from, from + COMMIT_ROWS)) atomic.delete(key);
    await commit(atomic);
  }
  await commit(kv.atomic().delete(own));
  return true;
}

async function readSpec(kv: Deno.Kv, groupId: string, chunk: string): Promise<TaskSpec | null> {
  const parts: Uint8Array[] = [];
  for await (
    const { value } of kv.list<Uint8Array>({ prefix: [...keyOf(groupId), "spec", chunk] })
  ) {
    parts.push(value);
  }
  return readRunInput({ input: "", processor: "", task_spec: fromParts(parts) })?.task_spec ?? null;
}

function recordOf(
  { id, keyHash, speed }: GroupRecord,
  { appliedMs, lives }: Chunk,
  index: number,
  parts: readonly Uint8Array[],
  spec: TaskSpec | null,
): SandboxRecord | null {
  const row = fromParts(parts);
  const life = lives[index];
  if (!isObject(row) || life === undefined) return null;
  const input = readRunInput(row.input);
  if (input === null) return null;
  return {
    runId: life.runId,
    keyHash,
    createdMs: appliedMs,
    speed,
    input: withSpec(input, spec),
    follows: null,
    followsUnknown: false,
    group: {
      id,
      waitUs: life.waitUs,
      fails: row.fails === true,
      warnings: Array.isArray(row.warnings) ? row.warnings : [],
    },
  };
}

/** Returns the request of a run with its group's specification, unless it has its own. */
export function withSpec(input: TaskRunInput, spec: TaskSpec | null): TaskRunInput {
  return spec === null || (input.task_spec ?? null) !== null
    ? input
    : { ...input, task_spec: spec };
}
