/** What is written, how large it is in KV, and how much one commit takes. Pure. */

/** Writes that stand or fall together. */
export interface Write {
  readonly checks?: readonly Deno.AtomicCheck[];
  readonly mutations: readonly Deno.KvMutation[];
}

/** Whether the write is durable, or a check failed and nothing of it was written. */
export type CommitResult =
  | { readonly ok: true; readonly versionstamp: string }
  | { readonly ok: false };

/** What one commit may hold. */
export interface CommitLimits {
  readonly checks: number;
  readonly mutations: number;
  /** Keys and values of checks and mutations (bytes). */
  readonly bytes: number;
}

/** Deno's own limits, for a local file: `ext/kv` refuses more. */
export const LOCAL_LIMITS: CommitLimits = { checks: 100, mutations: 1_000, bytes: 819_200 };

/** What denokv takes over KV Connect, where Deno's client lets ten times as many checks pass. */
export const REMOTE_LIMITS: CommitLimits = { ...LOCAL_LIMITS, checks: 10 };

/** Bytes of a key as KV encodes it, at the most. */
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

/** Bytes of a value as KV stores it, at the most: V8's serialization, which is not run for this. */
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
  // The whole buffer is stored, of which the view may show a part.
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

/** A byte a character where all are Latin-1, else two. */
function stringBytes(text: string): number {
  // deno-lint-ignore no-control-regex
  return 6 + (/^[\x00-\xff]*$/.test(text) ? text.length : 2 * text.length);
}
