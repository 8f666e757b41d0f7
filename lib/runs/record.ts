/**
 * The immutable record of a run, written once when it is created. This module owns `["run", run_id]`.
 */
import type { Committer } from "../kv/committer.ts";
import { PART_BYTES, type PartsRef, readParts, writeParts } from "../kv/parts.ts";
import { maskServers } from "../parallel/mcp_headers.ts";
import type { TaskRunInput } from "../parallel/types.ts";
import type { StoredRun } from "./model.ts";

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
  committer: Committer,
  run: StoredRun,
  sealedHeaders: string | null,
): Promise<{ readonly mutation: Deno.KvMutation; readonly bytes: number }> {
  const { input, ...rest } = run;
  const encoder = new TextEncoder();
  const json = encoder.encode(JSON.stringify(input));
  const key = ["run", run.run_id];
  const record: RunRecord = {
    ...rest,
    input: json.byteLength <= INLINE_INPUT_BYTES
      ? json
      : await writeParts(committer, [...key, "input"], json),
    sealed_headers: (sealedHeaders?.length ?? 0) <= INLINE_HEADERS_BYTES
      ? sealedHeaders
      : await writeParts(committer, [...key, "headers"], encoder.encode(sealedHeaders ?? "")),
  };
  const inputBytes = Math.min(json.byteLength, INLINE_INPUT_BYTES);
  const headersBytes = Math.min(sealedHeaders?.length ?? 0, INLINE_HEADERS_BYTES);
  return {
    mutation: { type: "set", key, value: record },
    bytes: inputBytes + headersBytes + 1000,
  };
}

/** The record of a run, or `null`. Throws `DamagedPartsError`. */
export async function readRecord(kv: Deno.Kv, runId: string): Promise<StoredRun | null> {
  const { value } = await kv.get<RunRecord>(["run", runId]);
  if (value === null) return null;
  const { input, sealed_headers: _, ...rest } = value;
  const json = input instanceof Uint8Array
    ? input
    : await readParts(kv, ["run", runId, "input"], input);
  return { ...rest, input: JSON.parse(new TextDecoder().decode(json)) as TaskRunInput };
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
