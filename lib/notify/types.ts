/** Notifications and their targets. Pure. */

/** What people are told of. Contract of outgoing bodies. */
export type NotificationType =
  | "run.completed"
  | "run.failed"
  | "run.action_required"
  | "batch.completed"
  | "batch.paused"
  | "watch.changed"
  | "schedule.changed"
  | "schedule.paused"
  | "test";

/** Something to tell an account. */
export interface Notice {
  readonly type: NotificationType;
  /**
   * Names what happened: the same id reaches a target once, and every try carries it as `webhook-id`. Up to
   * 200 visible ASCII characters.
   */
  readonly id: string;
  /** The run, batch, watch or schedule: `id` of outgoing bodies. */
  readonly subject: string;
  readonly status: string;
  /** When it happened (Unix ms). */
  readonly at_ms: number;
  /** Why it happened, if that is known. */
  readonly reason?: string | null;
  /** Missing for runs and batches: theirs is read when it is sent, so that what was deleted is not told. */
  readonly content?: NoticeContent;
}

/** What a notification says about its subject. */
export interface NoticeContent {
  /** Where its page is, with a slash first. */
  readonly path: string;
  readonly title: string;
  /** US dollars. `null` if it is unknown. */
  readonly cost_usd: number | null;
  /** One or two sentences of plain text. */
  readonly summary: string;
  /** How long it took (ms). */
  readonly took_ms?: number | null;
  /** The sandbox made it up. */
  readonly simulated?: boolean;
}

/** A notice with everything that it says, ready for any target. */
export interface Message extends Omit<Notice, "content" | "reason">, NoticeContent {
  /** Absolute. */
  readonly url: string;
}

/** How a target wants to be told. `json` is signed; `push` is a browser. */
export const TARGET_KINDS = ["json", "slack", "discord", "teams", "ntfy", "push"] as const;
export type TargetKind = typeof TARGET_KINDS[number];

/** The last thing that a target answered. */
export interface LastAnswer {
  readonly at_ms: number;
  readonly ok: boolean;
  readonly type: NotificationType;
  /** The answer in a few words. */
  readonly words: string;
}

/** A place where an account is told. */
export interface Target {
  readonly id: string;
  readonly kind: TargetKind;
  /** The host, or the browser's name: what may be shown of it. */
  readonly label: string;
  /** Tells every run of the account that is not a batch's or a group's row. */
  readonly every_run: boolean;
  readonly every_batch: boolean;
  readonly created_ms: number;
  readonly last: LastAnswer | null;
  /** Since when nothing arrived (Unix ms). `null` while it works. */
  readonly failing_since_ms: number | null;
  /** Why and when it was switched off. */
  readonly off: { readonly ms: number; readonly reason: string } | null;
}

/** A notification that waits for its target. */
export interface WaitingNotice {
  readonly id: string;
  readonly type: NotificationType;
  readonly subject: string;
  /** Its page and title, if they are known before it is sent. */
  readonly path: string | null;
  readonly title: string | null;
  /** The target's label. */
  readonly target: string;
  readonly tries: number;
  readonly created_ms: number;
  /** When it is tried next (Unix ms). */
  readonly due_ms: number;
  /** The last answer in a few words. */
  readonly words: string | null;
}
