/** Notifications and their targets. Pure. */

/** Types of notifications. Part of the contract of outgoing bodies. */
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

/** A notification to an account. */
export interface Notice {
  readonly type: NotificationType;
  /**
   * Identifies the event: a target gets each ID once, and every attempt sends it as `webhook-id`. Up to 200
   * visible ASCII characters.
   */
  readonly id: string;
  /** The run, batch, watch or schedule: `id` of outgoing bodies. */
  readonly subject: string;
  readonly status: string;
  /** When it happened (Unix ms). */
  readonly at_ms: number;
  /** The reason, if known. */
  readonly reason?: string | null;
  /** Absent for runs and batches. Theirs is read on sending, so deleted ones are not reported. */
  readonly content?: NoticeContent;
}

/** The content of a notification. */
export interface NoticeContent {
  /** The path of its page. */
  readonly path: string;
  readonly title: string;
  /** The run whose title it has instead, if the account still has it: the title is read on sending. */
  readonly title_of?: string;
  /** US dollars; `null` if unknown. */
  readonly cost_usd: number | null;
  /** One or two sentences of plain text. */
  readonly summary: string;
  /** Duration (ms). */
  readonly took_ms?: number | null;
  /** Simulated by the sandbox. */
  readonly simulated?: boolean;
}

/** A notice with its content, ready for any target. */
export interface Message
  extends Omit<Notice, "content" | "reason">, Omit<NoticeContent, "title_of"> {
  /** Absolute URL. */
  readonly url: string;
}

/** The format of a target. `json` is signed; `push` is a browser. */
export const TARGET_KINDS = ["json", "slack", "discord", "teams", "ntfy", "push"] as const;
export type TargetKind = typeof TARGET_KINDS[number];

/** The latest response of a target. */
export interface LatestResponse {
  readonly at_ms: number;
  readonly ok: boolean;
  readonly type: NotificationType;
  /** A short description of the response. */
  readonly words: string;
}

/** A notification target of an account. */
export interface Target {
  readonly id: string;
  readonly kind: TargetKind;
  /** The host or the browser's name. Safe to show. */
  readonly label: string;
  /** Notifies of every run of the account, except rows of batches and groups. */
  readonly every_run: boolean;
  readonly every_batch: boolean;
  readonly created_ms: number;
  readonly last: LatestResponse | null;
  /** When deliveries began to fail (Unix ms); `null` while they work. */
  readonly failing_since_ms: number | null;
  /** Why and when it was disabled. */
  readonly off: { readonly ms: number; readonly reason: string } | null;
}

/** A notification waiting for its target. */
export interface WaitingNotice {
  readonly id: string;
  readonly type: NotificationType;
  readonly subject: string;
  /** Its page and title, if known before sending. */
  readonly path: string | null;
  readonly title: string | null;
  /** The target's label. */
  readonly target: string;
  readonly tries: number;
  readonly created_ms: number;
  /** Time of the next attempt (Unix ms). */
  readonly due_ms: number;
  /** A short description of the latest response. */
  readonly words: string | null;
}
