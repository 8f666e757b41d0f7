/**
 * Handles API notifications. If one reports that a run has ended, and the run has no recorder or its recorder
 * has lost the stream, we ask the API. This module owns `["webhook", id]`.
 *
 * A notification is only a hint to ask. The state comes from the API itself, so knowing the secret is not
 * enough to end a run.
 */
import { isObject, readJson } from "../../base/mod.ts";
import type { Committer } from "../../store/mod.ts";
import { readSignature, verifyWebhook } from "../../parallel/mod.ts";
import { type Head, headKey, lacksEnd, readHead } from "../log/mod.ts";
import { isRunId } from "../model/mod.ts";

/** The dependencies for receiving. */
export interface WebhookContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
  /** Returns the instance's secret, or `null`. */
  readonly instanceSecret: string | null;
  /** Returns an account's own secret, or `null`. */
  readonly secretOf: (account: string) => Promise<string | null>;
  /** Asks the API about a run. Starts a recorder if it has none. */
  readonly notify: (runId: string) => void;
  /**
   * Asks about a run whose log stopped before its end. Returns `false` if the API did not respond with its
   * state.
   */
  readonly resume: (runId: string) => Promise<boolean>;
  /** Receives notifications about a monitor. `isGenuine` checks the signature with an account's secrets. */
  readonly onMonitor?: (
    data: unknown,
    isGenuine: (account: string | null) => Promise<boolean>,
  ) => Promise<"taken" | "later" | "refused">;
}

/** The outcome of a delivery. */
export type WebhookOutcome =
  /** The API was asked about the run. */
  | { readonly state: "taken" }
  /** The delivery is a duplicate. */
  | { readonly state: "repeated" }
  /** Nothing to do: an unknown kind, a run of another instance, or a run that has ended. */
  | { readonly state: "ignored" }
  /** The API did not report on its run just now, so the delivery must be repeated. */
  | { readonly state: "later" }
  /** Not a notification. The message names what is missing. */
  | { readonly state: "malformed"; readonly message: string }
  /** Not signed with a secret of the run's account. Unknown runs get the same response. */
  | { readonly state: "refused" };

/** How long an id is remembered (ms). The API retries for up to two days. */
const REMEMBERED_MS = 3 * 24 * 3_600_000;

/** Receives a delivery: its headers and its body's exact bytes. */
export async function receiveWebhook(
  context: WebhookContext,
  headers: Headers,
  body: Uint8Array<ArrayBuffer>,
): Promise<WebhookOutcome> {
  const { kv, now } = context;
  const signature = readSignature(headers, now());
  if (!signature.ok) {
    return signature.reason === "missing"
      ? {
        state: "malformed",
        message: "The webhook-id, webhook-timestamp and webhook-signature headers are required",
      }
      : { state: "refused" };
  }
  const notice = readNotice(body);
  if (notice === null) return { state: "malformed", message: "The body is not a notification" };
  if (String(notice.type).startsWith("monitor.") && context.onMonitor !== undefined) {
    const isOf = (account: string | null) =>
      isSigned(context, headers, body, account === null ? [] : [account]);
    return { state: await context.onMonitor(notice.data, isOf) };
  }
  // A non-2xx status would cause two days of retries, and there is nothing to do here.
  if (notice.type !== "task_run.status") return { state: "ignored" };
  const { runId } = notice;
  if (runId === null) return { state: "malformed", message: "The body does not name a run" };
  const found = await readHead(kv, runId);
  if (!await isGenuine(context, headers, body, found?.head ?? null)) return { state: "refused" };
  // Ask before remembering the id, so a retry can succeed if the API does not answer now.
  if (found !== null && lacksEnd(found.head) && !await context.resume(runId)) {
    return { state: "later" };
  }
  return await accept(context, signature.id, runId);
}

/** Parses a notification. Returns `null` if the body is not one. */
function readNotice(
  body: Uint8Array<ArrayBuffer>,
): { readonly type: unknown; readonly runId: string | null; readonly data: unknown } | null {
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
  return { type, runId, data };
}

async function isGenuine(
  context: WebhookContext,
  headers: Headers,
  body: Uint8Array<ArrayBuffer>,
  head: Head | null,
): Promise<boolean> {
  return await isSigned(context, headers, body, [...head?.members ?? [], ...head?.leaving ?? []]);
}

/** Whether a delivery is signed with the instance's secret, or one of these accounts'. */
async function isSigned(
  { instanceSecret, secretOf, now }: WebhookContext,
  headers: Headers,
  body: Uint8Array<ArrayBuffer>,
  accounts: readonly string[],
): Promise<boolean> {
  const secrets = [instanceSecret, ...await Promise.all(accounts.map(secretOf))];
  for (const secret of secrets) {
    if (secret === null) continue;
    if ((await verifyWebhook({ secret, headers, body, now: now() })).ok) return true;
  }
  return false;
}

async function accept(
  { kv, committer, now, notify }: WebhookContext,
  id: string,
  runId: string,
): Promise<WebhookOutcome> {
  for (;;) {
    const seen = await kv.get<string>(webhookKey(id));
    // An id first used for another account's run must not block this one.
    if (seen.value === runId) return { state: "repeated" };
    const found = await readHead(kv, runId);
    if (found === null || found.head.gone) return { state: "ignored" };
    const head: Head = { ...found.head, webhook: { id, ms: now() } };
    // Remember it in the commit that acts: an unhandled notification is delivered and handled again.
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

/** The key of a remembered delivery. */
export function webhookKey(id: string): Deno.KvKey {
  return ["webhook", id];
}
