/** A run's immutable record, written once on creation. This module owns `["run", run_id]`. */
import type { Keyring } from "../../accounts/mod.ts";
import {
  type Committer,
  PART_BYTES,
  type PartsRef,
  readText,
  writeParts,
} from "../../store/mod.ts";
import { hasMaskedHeader, maskServers } from "../../tasks/fields/mod.ts";
import { inTurns } from "../../base/mod.ts";
import { readingInputText, type TaskRunInput } from "../../parallel/mod.ts";
import type { StoredRun } from "../model/mod.ts";
import { readUnlessGone } from "./head.ts";

/** The record as stored in KV. The request is JSON in bytes, in separate parts if it is large. */
interface RunRecord extends Omit<StoredRun, "input"> {
  readonly input: Uint8Array | PartsRef;
  /** Sealed MCP header values; the request holds them masked. In separate parts if they are large. */
  readonly sealed_headers: string | PartsRef | null;
}

/**
 * The limit on the request, and on the header values, within the record (bytes). With 4 KiB for the rest,
 * they fit KV's 64 KiB per value.
 */
const INLINE_HEADERS_BYTES = 8 * 1024;
const INLINE_INPUT_BYTES = PART_BYTES - INLINE_HEADERS_BYTES - 4096;

/** The KV write for a new run's record. Parts of a large request are written first. */
export async function recordMutation(
  committer: Pick<Committer, "commit">,
  run: StoredRun,
  sealedHeaders: string | null,
): Promise<Deno.KvMutation> {
  const { input, ...rest } = run;
  const encoder = new TextEncoder();
  const json = encoder.encode(JSON.stringify(input));
  const key = runKey(run.run_id);
  const record: RunRecord = {
    ...rest,
    input: json.byteLength <= INLINE_INPUT_BYTES
      ? json
      : await writeParts(committer, [...key, "input"], json),
    sealed_headers: (sealedHeaders?.length ?? 0) <= INLINE_HEADERS_BYTES
      ? sealedHeaders
      : await writeParts(committer, [...key, "headers"], encoder.encode(sealedHeaders ?? "")),
  };
  return { type: "set", key, value: record };
}

/** The key of a run's record, and the prefix of its parts. */
export function runKey(runId: string): Deno.KvKey {
  return ["run", runId];
}

/** Returns the record of a run, or `null`. Throws `DamagedPartsError`. */
export async function readRecord(kv: Deno.Kv, runId: string): Promise<StoredRun | null> {
  const record = await findRecord(kv, runId);
  return record === null ? null : await readUnlessGone(kv, runId, record.read);
}

/** A record whose request has not been read yet. */
export interface FoundRecord extends Omit<StoredRun, "input"> {
  /** The size of the request as JSON (bytes). */
  readonly inputBytes: number;
  /** Throws `DamagedPartsError`. */
  readonly read: () => Promise<StoredRun>;
}

/** Returns a run's record without reading its request, or `null`. */
export async function findRecord(kv: Deno.Kv, runId: string): Promise<FoundRecord | null> {
  const { value } = await kv.get<RunRecord>(runKey(runId));
  if (value === null) return null;
  const { input, sealed_headers: _, ...rest } = value;
  return {
    ...rest,
    inputBytes: input instanceof Uint8Array ? input.byteLength : input.bytes,
    read: async () => {
      const text = input instanceof Uint8Array
        ? new TextDecoder().decode(input)
        : await readText(kv, [...runKey(runId), "input"], input);
      return { ...rest, input: await inTurns(readingInputText(text, rest.processor)) };
    },
  };
}

/** Masks every MCP header value in the request. Returns the values as one JSON text to seal. */
export function splitSecrets(
  input: TaskRunInput,
): { readonly shown: TaskRunInput; readonly secrets: string | null } {
  const servers = input.mcp_servers ?? [];
  if (!servers.some((server) => server.headers)) return { shown: input, secrets: null };
  return {
    shown: { ...input, mcp_servers: maskServers(servers) },
    secrets: JSON.stringify(servers.map((server) => server.headers ?? null)),
  };
}

/** Header values with their owner, to be sealed: members who join a run must not use them. */
export function ownedSecrets(account: string, secrets: string): string {
  return `${account}\n${secrets}`;
}

/**
 * Returns a run's request as it was sent, including header values, to the account that sent it. Returns
 * `null` if the run is unknown or the values belong to another account. Throws `SealError`.
 */
export async function readSentInput(
  kv: Deno.Kv,
  keyring: Pick<Keyring, "open">,
  account: string,
  runId: string,
): Promise<TaskRunInput | null> {
  const { value } = await kv.get<RunRecord>(runKey(runId));
  const record = await readRecord(kv, runId);
  if (value === null || record === null) return null;
  const { input } = record;
  const { sealed_headers: stored } = value;
  if (stored === null) {
    // Imported with masks, or nothing to mask.
    return (input.mcp_servers ?? []).some(hasMaskedHeader) ? null : input;
  }
  const sealed = typeof stored === "string"
    ? stored
    : await readText(kv, [...runKey(runId), "headers"], stored);
  const [owner, secrets] = (await keyring.open(sealed)).split("\n", 2);
  if (owner !== account || secrets === undefined) return null;
  const headers: readonly (Record<string, string> | null)[] = JSON.parse(secrets);
  return {
    ...input,
    mcp_servers: (input.mcp_servers ?? []).map((server, index) => {
      const own = headers[index] ?? null;
      return own === null ? server : { ...server, headers: own };
    }),
  };
}
