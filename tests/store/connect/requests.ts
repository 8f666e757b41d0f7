/** Reads and writes of the stand-in store, with the limits of denokv's `proto/limits.rs`. */
import { Buffer } from "node:buffer";
import { deserialize, serialize } from "node:v8";
import { BYTES, type Entries, type Entry, keyBytes, keyText, LE64, stamp, V8 } from "./entries.ts";
import {
  bytesOf,
  decode,
  Encoder,
  intOf,
  type Message,
  messages,
  Refusal,
  varintBytes,
} from "./protobuf.ts";

/** The limits of one request. */
export const LIMITS = {
  maxChecks: 10,
  maxMutations: 1_000,
  maxValueBytes: 65_536,
  maxKeyBytes: 2_048,
  maxWriteBytes: 819_200,
  maxRanges: 10,
  maxEntries: 1_000,
  maxWatched: 10,
};
export type Limits = typeof LIMITS;

const refuse = (message: string): never => {
  throw new Refusal(400, message);
};

export function encodeEntry(key: string, { value, encoding, version }: Entry): Uint8Array {
  return new Encoder().bytes(1, keyBytes(key)).bytes(2, value).int(3, encoding)
    .bytes(4, stamp(version)).done();
}

/** Answers a SnapshotRead. */
export function snapshotRead(body: Uint8Array, entries: Entries, limits: Limits): Uint8Array {
  const ranges = messages(decode(body), 1).map(decode).map((range) => ({
    start: keyText(bytesOf(range, 1)),
    end: keyText(bytesOf(range, 2)),
    limit: Number(intOf(range, 3)),
    reverse: intOf(range, 4) !== 0n,
  }));
  if (ranges.length > limits.maxRanges) {
    refuse("Too many read ranges requested in one read request.");
  }
  for (const { start, end, limit } of ranges) {
    if (limit <= 0) refuse("The read range limit of the snapshot read request is invalid.");
    if (Math.max(start.length, end.length) > limits.maxKeyBytes + 1) {
      refuse("A key exceeds the key size limit.");
    }
  }
  if (ranges.reduce((sum, { limit }) => sum + limit, 0) > limits.maxEntries) {
    refuse("The total number of entries requested is too large.");
  }
  const answer = new Encoder();
  for (const { start, end, limit, reverse } of ranges) {
    const output = new Encoder();
    for (const [key, entry] of entries.range(start, end, limit, reverse)) {
      output.bytes(1, encodeEntry(key, entry), true);
    }
    answer.bytes(1, output.done(), true);
  }
  return answer.int(4, 1).int(8, 1).done();
}

const SET = 1, DELETE = 2, SUM = 3, MAX = 4, MIN = 5;
const MASK = (1n << 64n) - 1n;

/** Applies an AtomicWrite. `keys` are those that it changed; none where a check failed. */
export function atomicWrite(
  body: Uint8Array,
  entries: Entries,
  limits: Limits,
): { readonly answer: Uint8Array; readonly keys: readonly string[] } {
  const write = decode(body);
  const checks = messages(write, 1).map(decode), mutations = messages(write, 2).map(decode);
  checkLimits(checks, mutations, limits);
  if (messages(write, 3).length > 0) refuse("Queues are not served here");
  const failed = checks.flatMap((check, index) => holds(check, entries) ? [] : [index]);
  if (failed.length > 0) {
    const answer = new Encoder().int(1, 2);
    for (const index of failed) answer.bytes(4, varintBytes(BigInt(index)));
    return { answer: answer.done(), keys: [] };
  }
  const version = entries.version + BigInt(1 + Math.floor(Math.random() * 9));
  // Planned first: a mutation that fails leaves nothing of the others.
  const planned = new Map<string, Entry | undefined>();
  for (const mutation of mutations) {
    const key = keyText(bytesOf(mutation, 1));
    const old = planned.has(key) ? planned.get(key) : entries.get(key);
    planned.set(key, mutated(mutation, old, version));
  }
  entries.version = version;
  for (const [key, entry] of planned) {
    if (entry === undefined) entries.delete(key);
    else entries.set(key, entry);
  }
  return {
    answer: new Encoder().int(1, 1).bytes(2, stamp(version)).done(),
    keys: [...planned.keys()],
  };
}

function checkLimits(checks: readonly Message[], mutations: readonly Message[], limits: Limits) {
  let size = 0;
  for (const check of checks) {
    const { length } = bytesOf(check, 1);
    if (length > limits.maxKeyBytes + 1) refuse("A key exceeds the key size limit.");
    size += length;
  }
  for (const mutation of mutations) {
    const key = bytesOf(mutation, 1).length;
    const value = bytesOf(decode(bytesOf(mutation, 2)), 1).length;
    if (key > limits.maxKeyBytes) refuse("A key exceeds the key size limit.");
    if (value > limits.maxValueBytes) refuse("A value exceeds the value size limit.");
    size += key + value;
  }
  if (checks.length > limits.maxChecks) refuse("Too many checks included in atomic write.");
  if (mutations.length > limits.maxMutations) {
    refuse("Too many mutations / enqueues included in atomic write.");
  }
  if (size > limits.maxWriteBytes) refuse("The total size of the atomic write is too large.");
}

function holds(check: Message, entries: Entries): boolean {
  const found = entries.get(keyText(bytesOf(check, 1))), expected = bytesOf(check, 2);
  if (expected.length !== 0 && expected.length !== 10) refuse("Invalid versionstamp.");
  if (found === undefined) return expected.length === 0;
  return expected.length === 10 && Buffer.compare(expected, stamp(found.version)) === 0;
}

function mutated(mutation: Message, old: Entry | undefined, version: bigint): Entry | undefined {
  const kind = Number(intOf(mutation, 3)), expires = intOf(mutation, 4);
  if (kind === DELETE) return undefined;
  if (expires < -1n) refuse("Invalid mutation expire at.");
  const held = decode(bytesOf(mutation, 2));
  const data = bytesOf(held, 1), encoding = Number(intOf(held, 2));
  if (![V8, LE64, BYTES].includes(encoding)) refuse(`The value encoding ${encoding} is unknown.`);
  if (kind === SET) {
    return {
      value: data.slice(),
      encoding,
      version,
      expiresMs: expires > 0n ? Number(expires) : 0,
    };
  }
  if (![SUM, MIN, MAX].includes(kind)) refuse("Invalid mutation kind or arguments.");
  if (encoding === LE64) return { ...combined(kind, old, data), version, expiresMs: 0 };
  if (kind !== SUM) refuse("Failed to perform mutation on a non-U64 operand");
  const before = old === undefined ? 0 : deserialize(Buffer.from(old.value)) as number;
  const value = serialize(before + (deserialize(Buffer.from(data)) as number));
  return { value, encoding: V8, version, expiresMs: 0 };
}

function combined(kind: number, old: Entry | undefined, operand: Uint8Array) {
  if (old !== undefined && old.encoding !== LE64) {
    refuse("Failed to perform a mutation on a non-U64 value in the database");
  }
  const right = Buffer.from(operand).readBigUInt64LE(0);
  const left = old === undefined ? undefined : Buffer.from(old.value).readBigUInt64LE(0);
  const value = left === undefined
    ? right
    : kind === SUM
    ? (left + right) & MASK
    : (kind === MIN) === (left < right)
    ? left
    : right;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return { value: bytes, encoding: LE64 };
}
