/**
 * What a notification of the API does: a run that it says is over, and that nobody records or whose
 * recorder lost its stream, is asked for. This module owns `["webhook", id]`.
 *
 * Nothing is taken from a notification but that there is something to ask: the API itself says how the
 * run stands, so not even somebody who knows the secret can make a run end.
 */
import { isObject, readJson } from "../../base/mod.ts";
import type { Committer } from "../../store/mod.ts";
import { readSignature, verifyWebhook } from "../../parallel/mod.ts";
import { type Head, headKey, lacksEnd, readHead } from "../log/mod.ts";
import { isRunId } from "../model/mod.ts";

/** What receiving needs of the world. */
export interface WebhookContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
  /** The instance's secret, or `null`. */
  readonly instanceSecret: string | null;
  /** An account's own secret, or `null`. */
  readonly secretOf: (account: string) => Promise<string | null>;
  /** Has a run asked for; records it where nobody does. */
  readonly notify: (runId: string) => void;
  /** Has a run asked for whose log ended without the run's end. `false` where the API did not tell. */
  readonly resume: (runId: string) => Promise<boolean>;
}

/** What became of a delivery. */
export type WebhookOutcome =
  /** The run is asked for. */
  | { readonly state: "taken" }
  /** It came before. */
  | { readonly state: "repeated" }
  /** Nothing to do: of a kind that we do not know, of no run of this instance, or of one that is over. */
  | { readonly state: "ignored" }
  /** The API has sent for a run, and does not tell of it now: to be delivered again. */
  | { readonly state: "later" }
  /** No notification: the message says what it lacks. */
  | { readonly state: "malformed"; readonly message: string }
  /** Not signed by a secret that the run's account has; the same for a run that nobody knows. */
  | { readonly state: "refused" };

/** How long an id is remembered (ms): the API delivers for up to two days. */
const REMEMBERED_MS = 3 * 24 * 3_600_000;

/** Receives a delivery: its headers and the exact bytes of its body. */
export async function receiveWebhook(
  context: WebhookContext,
  headers: Headers,
  body: Uint8Array<ArrayBuffer>,
): Promise<WebhookOutcome> {
  const { kv, now } = context;
  const signature = readSignature(headers, now());
  if (!signature.ok) {
    return signature.reason === "missing"
      ? { state: "malformed", message: "webhook-id, -timestamp and -signature are needed" }
      : { state: "refused" };
  }
  const notice = readNotice(body);
  if (notice === null) return { state: "malformed", message: "The body is not a notification" };
  // Anything but 2xx would have it sent again for two days, and there is nothing to do with it.
  if (notice.type !== "task_run.status") return { state: "ignored" };
  const { runId } = notice;
  if (runId === null) return { state: "malformed", message: "The body names no run" };
  const found = await readHead(kv, runId);
  if (!await isGenuine(context, headers, body, found?.head ?? null)) return { state: "refused" };
  // Before it is remembered: what the API does not tell now it tells when it delivers again.
  if (found !== null && lacksEnd(found.head) && !await context.resume(runId)) {
    return { state: "later" };
  }
  return await take(context, signature.id, runId);
}

/** What a notification says of itself, or `null` where the body is none. */
function readNotice(
  body: Uint8Array<ArrayBuffer>,
): { readonly type: unknown; readonly runId: string | null } | null {
  let value: unknown;
  try {
    value = readJson(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const { type, data } = value;
  const runId = isObject(data) && typeof data.run_id === "string" && isRunId(data.run_id)
    ? data.run_id
    : null;
  return { type, runId };
}

async function isGenuine(
  { instanceSecret, secretOf, now }: WebhookContext,
  headers: Headers,
  body: Uint8Array<ArrayBuffer>,
  head: Head | null,
): Promise<boolean> {
  const accounts = [...head?.members ?? [], ...head?.leaving ?? []];
  const secrets = [instanceSecret, ...await Promise.all(accounts.map(secretOf))];
  for (const secret of secrets) {
    if (secret === null) continue;
    if ((await verifyWebhook({ secret, headers, body, now: now() })).ok) return true;
  }
  return false;
}

async function take(
  { kv, committer, now, notify }: WebhookContext,
  id: string,
  runId: string,
): Promise<WebhookOutcome> {
  for (;;) {
    const seen = await kv.get<string>(webhookKey(id));
    // An id that another run's account used first must not keep this one from being heard.
    if (seen.value === runId) return { state: "repeated" };
    const found = await readHead(kv, runId);
    if (found === null || found.head.gone) return { state: "ignored" };
    const head: Head = { ...found.head, webhook: { id, ms: now() } };
    // Remembered in the commit that acts: what was not acted on is delivered again, and heard then.
    const result = await committer.commit({
      checks: [seen, { key: headKey(runId), versionstamp: found.versionstamp }],
      mutations: [
        { type: "set", key: seen.key, value: runId, expireIn: REMEMBERED_MS },
        { type: "set", key: headKey(runId), value: head },
      ],
    });
    if (!result.ok) continue;
    if (head.ended) return { state: "ignored" };
    notify(runId);
    return { state: "taken" };
  }
}

/** The key under which a delivery is remembered. */
export function webhookKey(id: string): Deno.KvKey {
  return ["webhook", id];
}
