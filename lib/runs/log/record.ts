/**
 * The immutable record of a run, written once when it is created. This module owns `["run", run_id]`.
 */
import type { Keyring } from "../../accounts/mod.ts";
import {
  type Committer,
  PART_BYTES,
  type PartsRef,
  readParts,
  writeParts,
} from "../../store/mod.ts";
import { hasMaskedHeader, maskServers } from "../../tasks/fields/mod.ts";
import { readInputText, type TaskRunInput } from "../../parallel/mod.ts";
import type { StoredRun } from "../model/mod.ts";

/** The record as it lies in KV: the request as JSON bytes, in parts of its own when it is large. */
interface RunRecord extends Omit<StoredRun, "input"> {
  readonly input: Uint8Array | PartsRef;
  /** MCP header values, sealed; the request itself holds them masked. In parts when they are large. */
  readonly sealed_headers: string | PartsRef | null;
}

/** A record stays below KV's 64 KiB a value: both of these, and 4 KiB for the rest (bytes). */
const INLINE_HEADERS_BYTES = 8 * 1024;
const INLINE_INPUT_BYTES = PART_BYTES - INLINE_HEADERS_BYTES - 4096;

/** The KV write of a new run's record; parts of a large request are written before. */
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

/** The key of a run's record; parts of it lie below. */
export function runKey(runId: string): Deno.KvKey {
  return ["run", runId];
}

/** The record of a run, or `null`. Throws `DamagedPartsError`. */
export async function readRecord(kv: Deno.Kv, runId: string): Promise<StoredRun | null> {
  return await (await findRecord(kv, runId))?.read() ?? null;
}

/** A record whose request is not read yet. */
export interface FoundRecord {
  /** What the request is as JSON (bytes). */
  readonly inputBytes: number;
  /** Throws `DamagedPartsError`. */
  readonly read: () => Promise<StoredRun>;
}

/** The record of a run as far as it says how large it is, or `null`. */
export async function findRecord(kv: Deno.Kv, runId: string): Promise<FoundRecord | null> {
  const { value } = await kv.get<RunRecord>(runKey(runId));
  if (value === null) return null;
  const { input, sealed_headers: _, ...rest } = value;
  return {
    inputBytes: input instanceof Uint8Array ? input.byteLength : input.bytes,
    read: async () => {
      const json = input instanceof Uint8Array
        ? input
        : await readParts(kv, [...runKey(runId), "input"], input);
      return { ...rest, input: readInputText(new TextDecoder().decode(json), rest.processor) };
    },
  };
}

/** The request with every MCP header value masked, and the values as one JSON text to seal. */
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

/** Header values with whose they are, to be sealed: a run may get members who must not use them. */
export function ownedSecrets(account: string, secrets: string): string {
  return `${account}\n${secrets}`;
}

/**
 * The request of a run as it was sent, header values included, for the account that sent it; `null`
 * where the store has no such run, or the values are not that account's. Throws `SealError`.
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
    : new TextDecoder().decode(await readParts(kv, [...runKey(runId), "headers"], stored));
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
