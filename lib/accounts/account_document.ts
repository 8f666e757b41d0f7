/** The stored data of an account itself, for export. Contains no key and no secret. Pure. */
import type { AccountKey, StoredAccount } from "./accounts.ts";
import type { SessionInfo } from "./sessions.ts";

/** All stored data besides the runs. */
export interface AccountParts {
  readonly account: StoredAccount;
  readonly keys: readonly AccountKey[];
  readonly sessions: readonly SessionInfo[];
  readonly hasWebhookSecret: boolean;
  /** US dollars a month, or `null`. */
  readonly budgetUsd: number | null;
  /** Notification targets, without any secret. */
  readonly notifications: readonly NotificationTarget[];
}

/** The stored data of a notification target, without its URL. */
interface NotificationTarget {
  readonly kind: string;
  readonly label: string;
  readonly every_run: boolean;
  readonly every_batch: boolean;
  readonly created_ms: number;
  readonly off: { readonly ms: number } | null;
}

/** The account as JSON. Times are in ISO 8601, UTC. */
export function accountDocument(parts: AccountParts) {
  const { account, keys, sessions, hasWebhookSecret, budgetUsd, notifications } = parts;
  return {
    id: account.id,
    fingerprint: account.fingerprint,
    sandbox: account.sandbox,
    created_at: iso(account.created_ms),
    keys: keys.map(({ fingerprint, added_ms }) => ({ fingerprint, added_at: iso(added_ms) })),
    sessions: sessions.map((session) => ({
      device: session.device,
      key: session.key_fingerprint,
      signed_in_at: iso(session.created_ms),
      used_at: iso(session.used_ms),
    })),
    has_webhook_secret: hasWebhookSecret,
    budget_usd: budgetUsd,
    notifications: notifications.map((
      { kind, label, every_run, every_batch, created_ms, off },
    ) => ({
      kind,
      label,
      every_run,
      every_batch,
      added_at: iso(created_ms),
      switched_off_at: off === null ? null : iso(off.ms),
    })),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
