/** A sandbox run in KV. This module owns `["sandbox", run_id, …]`. */
import { isObject, readVerbatim } from "../base/mod.ts";
import { readRunInput, type TaskRunInput, type Warning } from "../parallel/mod.ts";
import { type SetTimer, wait } from "./time.ts";
import type { RunSeed } from "./timeline.ts";

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
export const PART_BYTES = 60 * 1024;
/** How long sandbox runs are kept (ms). By then recorders have them. */
export const KEPT_MS = 30 * 86_400_000;
const RETRIES = 20;

/** Stores a run atomically. */
export async function writeRecord(
  kv: Deno.Kv,
  setTimer: SetTimer,
  { runId, input, ...rest }: SandboxRecord,
  signal: AbortSignal,
): Promise<void> {
  const json = new TextEncoder().encode(JSON.stringify(input));
  const parts = Math.ceil(json.byteLength / PART_BYTES);
  await whenUnlocked(
    async () => {
      const atomic = kv.atomic();
      atomic.set(["sandbox", runId], { ...rest, parts }, { expireIn: KEPT_MS });
      for (let part = 0; part < parts; part++) {
        const value = json.slice(part * PART_BYTES, (part + 1) * PART_BYTES);
        atomic.set(["sandbox", runId, "request", part], value, { expireIn: KEPT_MS });
      }
      await atomic.commit();
    },
    setTimer,
    signal,
  );
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
  const text = await new Blob(chunks.map((chunk) => chunk.slice())).text();
  const input = chunks.length === value.parts ? readRunInput(readVerbatim(text)) : null;
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
export async function forgetRecord(
  kv: Deno.Kv,
  setTimer: SetTimer,
  runId: string,
  signal: AbortSignal,
): Promise<void> {
  const keys: Deno.KvKey[] = [["sandbox", runId]];
  for await (const { key } of kv.list({ prefix: ["sandbox", runId] })) keys.push(key);
  const mutations = keys.map((key) => ({ type: "delete" as const, key }));
  await whenUnlocked(() => kv.atomic().mutate(...mutations).commit(), setTimer, signal);
}

/**
 * Counts the connections to a stalled run's stream, and returns the number of this one (from 1). The run
 * resumes when the second connection arrives.
 */
export async function countConnection(
  kv: Deno.Kv,
  setTimer: SetTimer,
  runId: string,
  nowUs: number,
  signal: AbortSignal,
): Promise<number> {
  const key = ["sandbox", runId, "connections"];
  for (;;) {
    const entry = await kv.get<number[]>(key);
    const times = entry.value ?? [];
    if (times.length >= 2) return 3;
    const committed = await whenUnlocked(
      () => kv.atomic().check(entry).set(key, [...times, nowUs], { expireIn: KEPT_MS }).commit(),
      setTimer,
      signal,
    );
    if (committed.ok) return times.length + 1;
  }
}

/** When a second connection resumed a stalled run (Unix µs), or `null`. */
export async function readResumed(kv: Deno.Kv, runId: string): Promise<number | null> {
  const { value } = await kv.get<number[]>(["sandbox", runId, "connections"]);
  return value?.[1] ?? null;
}

/** With two processes on one database file, a write may briefly find it locked. */
export async function whenUnlocked<T>(
  write: () => Promise<T>,
  setTimer: SetTimer,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 0;; attempt++) {
    try {
      return await write();
    } catch (error) {
      const isLocked = error instanceof Error && error.message.includes("locked");
      if (!isLocked || attempt >= RETRIES) throw error;
      await wait(setTimer, 5 * (attempt + 1), signal);
    }
  }
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
