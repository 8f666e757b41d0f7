/** Writes, their size in KV, and the limits of a commit. Pure. */

/** Writes that succeed or fail together. */
export interface Write {
  readonly checks?: readonly Deno.AtomicCheck[];
  readonly mutations: readonly Deno.KvMutation[];
}

/** Whether the write is durable, or a check failed and nothing was written. */
export type CommitResult =
  | { readonly ok: true; readonly versionstamp: string }
  | { readonly ok: false };

/** The limits of one commit. */
export interface CommitLimits {
  readonly checks: number;
  readonly mutations: number;
  /** Keys and values of checks and mutations (bytes). */
  readonly bytes: number;
}

/** Deno's limits for a local file, enforced in `ext/kv`. */
export const LOCAL_LIMITS: CommitLimits = { checks: 100, mutations: 1_000, bytes: 819_200 };

/** denokv's limits over KV Connect. Deno's client itself allows ten times as many checks. */
export const REMOTE_LIMITS: CommitLimits = { ...LOCAL_LIMITS, checks: 10 };

/** The maximum size of a key as KV encodes it (bytes). */
export function keyBytes(key: Deno.KvKey): number {
  let bytes = 0;
  for (const part of key) {
    if (typeof part === "string") bytes += 2 + 3 * part.length;
    else if (typeof part === "object") bytes += 2 + 2 * part.byteLength;
    else if (typeof part === "bigint") bytes += 4 + part.toString(16).length;
    else bytes += 9;
  }
  return bytes;
}

/** The maximum size of a value as KV stores it (bytes): V8's serialization, estimated without running it. */
export function valueBytes(value: unknown): number {
  if (value instanceof Uint8Array) return value.byteLength;
  return 4 + serializedBytes(value);
}

function serializedBytes(value: unknown): number {
  switch (typeof value) {
    case "string":
      return stringBytes(value);
    case "bigint":
      return 12 + value.toString(16).length;
    case "object":
      break;
    default:
      return 10;
  }
  if (value === null) return 1;
  // The whole buffer is stored, even if the view shows only a part.
  if (ArrayBuffer.isView(value)) return 40 + value.buffer.byteLength;
  if (value instanceof Deno.KvU64 || value instanceof Date) return 16;
  let bytes = 16;
  if (value instanceof Map) {
    for (const entry of value) bytes += serializedBytes(entry[0]) + serializedBytes(entry[1]);
  } else if (value instanceof Set) {
    for (const entry of value) bytes += serializedBytes(entry);
  } else {
    for (const [name, member] of Object.entries(value)) {
      bytes += stringBytes(name) + serializedBytes(member);
    }
  }
  return bytes;
}

/** One byte per character if all are Latin-1, else two. */
function stringBytes(text: string): number {
  // deno-lint-ignore no-control-regex
  return 6 + (/^[\x00-\xff]*$/.test(text) ? text.length : 2 * text.length);
}
