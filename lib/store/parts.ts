/**
 * Stores values larger than KV allows (64 KiB) in parts under one prefix. Verifies length and hash on
 * reading.
 */
import { decoding, inTurns } from "../base/mod.ts";
import type { Committer } from "./committer.ts";

/** The payload of one part (bytes). The rest of the 64 KiB is for KV's framing. */
export const PART_BYTES = 60 * 1024;

/** The location of a value's parts, with their total length and hash. */
export interface PartsRef {
  readonly parts: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Parts are missing or do not match their length or hash. */
export class DamagedPartsError extends Error {
  override name = "DamagedPartsError";
}

/** How {@linkcode writeParts} writes. */
export interface PartsOptions {
  /** KV removes the parts after that time (ms). */
  readonly expireIn?: number;
}

/** Writes `bytes` under `prefix` in parts, and resolves when all are durable. */
export async function writeParts(
  committer: Pick<Committer, "commit">,
  prefix: Deno.KvKey,
  bytes: Uint8Array<ArrayBuffer>,
  options: PartsOptions = {},
): Promise<PartsRef> {
  const { ref, mutations } = await encodeParts(prefix, bytes, options);
  await Promise.all(mutations.map((mutation) => committer.commit({ mutations: [mutation] })));
  return ref;
}

/**
 * Returns the mutations of {@linkcode writeParts}. Each fits a commit. Only that of a value with one part may
 * share it with other writes.
 */
export async function encodeParts(
  prefix: Deno.KvKey,
  bytes: Uint8Array<ArrayBuffer>,
  options: PartsOptions = {},
): Promise<{ readonly ref: PartsRef; readonly mutations: readonly Deno.KvMutation[] }> {
  const parts = Math.max(1, Math.ceil(bytes.byteLength / PART_BYTES));
  const mutations = Array.from({ length: parts }, (_, part) => {
    const value = bytes.slice(part * PART_BYTES, (part + 1) * PART_BYTES);
    return { type: "set" as const, key: [...prefix, part], value, ...options };
  });
  return {
    ref: { parts, bytes: bytes.byteLength, sha256: await sha256Hex(bytes) },
    mutations,
  };
}

/** Reads back what {@linkcode writeParts} wrote. Throws {@linkcode DamagedPartsError}. */
export async function readParts(
  kv: Deno.Kv,
  prefix: Deno.KvKey,
  ref: PartsRef,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(ref.bytes);
  // Hash each part as it comes: another thread would need a copy of the whole value.
  const hash = await sha256();
  let offset = 0, part = 0;
  for await (const entry of partsOf(kv, prefix, ref)) {
    const inOrder = entry.key.length === prefix.length + 1 && entry.key.at(-1) === part;
    if (!inOrder || offset + entry.value.byteLength > ref.bytes) break;
    bytes.set(entry.value, offset);
    hash.update(entry.value);
    offset += entry.value.byteLength;
    part++;
  }
  if (part !== ref.parts || offset !== ref.bytes || hash.digest("hex") !== ref.sha256) {
    throw new DamagedPartsError(
      `The stored parts of ${prefix.join("/")} are damaged or incomplete`,
    );
  }
  return bytes;
}

/** {@linkcode readParts} of a text in UTF-8. */
export async function readText(
  kv: Deno.Kv,
  prefix: Deno.KvKey,
  ref: PartsRef,
): Promise<string> {
  const bytes = await readParts(kv, prefix, ref);
  const text = await inTurns(decoding(bytes));
  // Free the bytes now: megabytes would otherwise stay until the next garbage collection.
  bytes.buffer.transfer(0);
  return text;
}

/** The entries of a value. A single part, which most values have, is read by its key. */
async function* partsOf(
  kv: Deno.Kv,
  prefix: Deno.KvKey,
  { parts }: PartsRef,
): AsyncGenerator<Deno.KvEntry<Uint8Array>> {
  if (parts !== 1) return yield* kv.list<Uint8Array>({ prefix }, { limit: parts });
  const entry = await kv.get<Uint8Array>([...prefix, 0]);
  if (entry.value !== null) yield entry;
}

/** Values up to this size are hashed on this thread: another one costs more (bytes). */
const SMALL_BYTES = 64 * 1024;

/** Lower-case hex SHA-256. */
export async function sha256Hex(data: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  if (bytes.byteLength <= SMALL_BYTES) return (await sha256()).update(bytes).digest("hex");
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

async function sha256() {
  // Loaded on first use: it would take 16 to 25 ms of each start.
  const { createHash } = await import("node:crypto");
  return createHash("sha256");
}
