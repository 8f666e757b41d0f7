/** A sandbox run in KV. This module owns `["sandbox", run_id, …]`. */
import { isObject, readVerbatim } from "../base/mod.ts";
import { readRunInput, type TaskRunInput, type Warning } from "../parallel/mod.ts";
import type { RunSeed } from "./timeline.ts";
import { whenUnlocked, type World } from "./world.ts";

/** Everything that determines a run, and its owner. */
export interface SandboxRecord {
  readonly runId: string;
  /** SHA-256 of the key that created it, in hex. */
  readonly keyHash: string;
  readonly createdMs: number;
  readonly speed: number;
  readonly input: TaskRunInput;
  readonly follows: string | null;
  readonly followsUnknown: boolean;
  /** The group of the run, and its position there. */
  readonly group?: RowOfGroup;
}

/** Extra data of a group's run. */
export interface RowOfGroup {
  readonly id: string;
  /** How long it waits for a slot (µs). */
  readonly waitUs: number;
  /** Whether it is one of the rows that the group was asked to fail. */
  readonly fails: boolean;
  readonly warnings: readonly Warning[];
}

/** The payload of one value (bytes): 64 KiB, less the framing. */
const PART_BYTES = 60 * 1024;
/** How long sandbox runs are kept (ms). By then recorders have them. */
export const KEPT_MS = 30 * 86_400_000;

/** Stores a run atomically. */
export async function writeRecord(
  world: World,
  { runId, input, ...rest }: SandboxRecord,
): Promise<void> {
  const parts = partsOf(input);
  const atomic = world.kv.atomic();
  atomic.set(["sandbox", runId], { ...rest, parts: parts.length }, { expireIn: KEPT_MS });
  for (const [part, value] of parts.entries()) {
    atomic.set(["sandbox", runId, "request", part], value, { expireIn: KEPT_MS });
  }
  await whenUnlocked(world, () => atomic.commit());
}

/** Cuts a value's JSON into parts that fit into a KV value each. */
export function partsOf(value: unknown): Uint8Array[] {
  const json = new TextEncoder().encode(JSON.stringify(value));
  const parts = Math.max(1, Math.ceil(json.byteLength / PART_BYTES));
  return Array.from(
    { length: parts },
    (_, part) => json.slice(part * PART_BYTES, (part + 1) * PART_BYTES),
  );
}

/** Reads the output of {@linkcode partsOf}. `null` without parts. */
export function fromParts(parts: readonly Uint8Array[]): unknown {
  const decoder = new TextDecoder();
  const text = parts.map((part) => decoder.decode(part, { stream: true })).join("");
  return text === "" ? null : readVerbatim(text + decoder.decode());
}

/** Reads a run, or `null`. */
export async function readRecord(kv: Deno.Kv, runId: string): Promise<SandboxRecord | null> {
  const { value } = await kv.get(["sandbox", runId]);
  if (!isObject(value)) return null;
  const { keyHash, createdMs, speed, follows, followsUnknown } = value;
  const chunks: Uint8Array[] = [];
  for await (const entry of kv.list({ prefix: ["sandbox", runId, "request"] })) {
    if (entry.value instanceof Uint8Array) chunks.push(entry.value);
  }
  const input = chunks.length === value.parts ? readRunInput(fromParts(chunks)) : null;
  if (
    typeof keyHash !== "string" || typeof createdMs !== "number" || typeof speed !== "number" ||
    input === null
  ) return null;
  return {
    runId,
    keyHash,
    createdMs,
    speed,
    input,
    follows: typeof follows === "string" ? follows : null,
    followsUnknown: followsUnknown === true,
  };
}

/** Removes a run. */
export async function forgetRecord(world: World, runId: string): Promise<void> {
  const atomic = world.kv.atomic().delete(["sandbox", runId]);
  for await (const { key } of world.kv.list({ prefix: ["sandbox", runId] })) atomic.delete(key);
  await whenUnlocked(world, () => atomic.commit());
}

/**
 * Counts the connections to a stalled run's stream, and returns the number of this one (from 1). The run
 * resumes when the second connection arrives.
 */
export async function countConnection(
  world: World,
  runId: string,
): Promise<number> {
  const key = ["sandbox", runId, "connections"];
  for (;;) {
    const entry = await world.kv.get<number[]>(key);
    const times = entry.value ?? [];
    if (times.length >= 2) return 3;
    const counted = [...times, world.now() * 1000];
    const atomic = world.kv.atomic().check(entry).set(key, counted, { expireIn: KEPT_MS });
    if ((await whenUnlocked(world, () => atomic.commit())).ok) return times.length + 1;
  }
}

/** When a second connection resumed a stalled run (Unix µs), or `null`. */
export async function readResumed(kv: Deno.Kv, runId: string): Promise<number | null> {
  const { value } = await kv.get<number[]>(["sandbox", runId, "connections"]);
  return value?.[1] ?? null;
}

// MCP header values are never stored: the sandbox contacts no server, so it does not need them.
/** Returns the request with only the names of MCP headers. */
export function withoutHeaderValues(input: TaskRunInput): TaskRunInput {
  if (!input.mcp_servers) return input;
  const servers = input.mcp_servers.map((server) => {
    if (!server.headers) return server;
    const names = Object.keys(server.headers);
    return { ...server, headers: Object.fromEntries(names.map((name) => [name, "REDACTED"])) };
  });
  return { ...input, mcp_servers: servers };
}

/** The seed of a run. `resumedUs` is when a stalled run was resumed. */
export function seedOf(
  { group, ...record }: SandboxRecord,
  resumedUs: number | null = null,
): RunSeed {
  if (group === undefined) return { ...record, resumedUs };
  const { waitUs, fails, warnings } = group;
  return { ...record, resumedUs, waitUs, fails, warnings };
}
