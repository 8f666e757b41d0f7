/**
 * Delivers the sandbox's notifications to this instance's own receiver only. Simulated data never leaves
 * the instance, whatever URL a task names.
 */
import { signWebhook } from "../../parallel/mod.ts";
import { readHead } from "../log/mod.ts";
import { receiveWebhook, type WebhookContext } from "./webhook.ts";

/** Signs a notification with the secret that the receiver expects, and delivers it. */
export async function deliverSimulated(
  context: WebhookContext,
  { id, runId, body }: { readonly id: string; readonly runId: string; readonly body: string },
): Promise<boolean> {
  const found = await readHead(context.kv, runId);
  // A fast run may end before its create is answered and stored.
  if (found === null) return false;
  const [account] = found.head.members;
  const secret = (account === undefined ? null : await context.secretOf(account)) ??
    context.instanceSecret;
  // Skip accounts without a secret: they cannot verify deliveries.
  if (secret === null) return true;
  const timestamp = String(Math.floor(context.now() / 1000));
  const headers = new Headers({
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": await signWebhook(secret, { id, timestamp, body }),
  });
  const outcome = await receiveWebhook(context, headers, new TextEncoder().encode(body));
  return !["refused", "malformed", "later"].includes(outcome.state);
}
