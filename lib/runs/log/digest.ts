/**
 * The stored digest of a log: with it a page reads a part of a long trace, not all of it. This module owns
 * `["digest", run_id, version]`. A digest may be missing or behind its log, and events after it are
 * folded then.
 */
import { type Digest, digestEvents, emptyDigest, type LogEvent } from "../model/mod.ts";
import { type Head, headKey, type VersionedHead } from "./head.ts";
import { readTrace } from "./trace.ts";

/** The version of the stored shape. Digests of another version are not read. */
const VERSION = 1;
/** The events after which a digest is worth a write, and so the most that a page folds of a large log. */
const EVERY = 256;
/** The same limit for large events (characters). */
const EVERY_CHARS = 512 * 1024;
/** KV stores 64 KiB per value. A larger digest is not stored. */
const MAX_BYTES = 60 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The key of a run's digest. */
function digestKey(runId: string): Deno.KvKey {
  return ["digest", runId, VERSION];
}

/** How far a digest is ahead of the stored one, and whether its log has ended. */
export interface DigestAge {
  /** The last ID of the stored one. */
  readonly since: number;
  /** The characters of the payloads since then. */
  readonly chars: number;
  readonly ended: boolean;
}

/** The writes that store a digest, if it is due: at intervals, and at the end of a long log. */
export function digestMutations(
  runId: string,
  digest: Digest,
  { since, chars, ended }: DigestAge,
): Deno.KvMutation[] {
  const { lastId } = digest.view;
  const isDue = chars >= EVERY_CHARS || (ended ? lastId > EVERY : lastId - since >= EVERY);
  if (!isDue) return [];
  const value = encoder.encode(JSON.stringify({ ...digest, view: slim(digest.view) }));
  return value.byteLength > MAX_BYTES ? [] : [{ type: "set", key: digestKey(runId), value }];
}

/** Folds the whole of a log. Passes each event to `recorded`. */
export async function digestLog(
  kv: Deno.Kv,
  runId: string,
  head: Pick<Head, "created_ms" | "last_id">,
  recorded: (event: LogEvent) => void,
): Promise<Digest> {
  let digest = emptyDigest(head.created_ms);
  for await (const event of readTrace(kv, runId, { from: 1, to: head.last_id, output: null })) {
    recorded(event);
    digest = digestEvents([event], digest);
  }
  return digest;
}

/** The limit on a log's sources in its digest (characters). */
const SITES_CHARS = 20_000;

/** Keeps one address per site: pages only count sites, and exports read the log. */
function slim(view: Digest["view"]): Digest["view"] {
  const sites = new Set(view.sources.map((url) => `${URL.parse(url)?.origin ?? url}/`));
  let chars = 0;
  const sources = [...sites].filter((site) => (chars += site.length + 3) <= SITES_CHARS);
  return { ...view, sources };
}

/** Returns a run's head with the digest of its log at that moment, or `null` for an unknown run. */
export async function readDigest(
  kv: Deno.Kv,
  runId: string,
): Promise<(VersionedHead & { readonly digest: Digest | null }) | null> {
  // One snapshot in one round trip: the digest may be behind the head, but never ahead.
  const [{ value }, { value: head, versionstamp }] = await kv.getMany<[Uint8Array, Head]>([
    digestKey(runId),
    headKey(runId),
  ]);
  if (head === null || versionstamp === null) return null;
  const digest: Digest | null = value === null ? null : JSON.parse(decoder.decode(value));
  return { head, versionstamp, digest };
}
