/** Composes notifications: which changes of runs and batches are reported, and their content. */
import { beginning } from "./base/mod.ts";
import { count } from "./base/mod.ts";
import type { Batches, BatchStateChange } from "./batches/mod.ts";
import type { Config } from "./config.ts";
import type { Limits } from "./limits/mod.ts";
import {
  type ChosenKind,
  type Notice,
  type NoticeContent,
  Notifications,
  type NotificationsContext,
} from "./notify/mod.ts";
import { Outgoing, type OutgoingOptions } from "./outgoing/mod.ts";
import { summaryOf } from "./results/mod.ts";
import { isActiveStatus, isRunId } from "./runs/model/mod.ts";
import { readBrief, readRecord, type StatusChange } from "./runs/mod.ts";
import { isQuiet } from "./schedules/mod.ts";
import type { Write } from "./store/mod.ts";

/** The dependencies on other services. */
export interface NotifyingContext extends
  Pick<
    NotificationsContext,
    | "background"
    | "committer"
    | "isGone"
    | "keyring"
    | "kv"
    | "log"
    | "now"
    | "owner"
    | "timers"
  > {
  readonly config: Pick<Config, "notifyAllowed" | "publicUrl" | "pushContact">;
  readonly limits: Pick<Limits, "notificationTests" | "sandboxNotifications">;
  readonly batches: Pick<Batches, "line">;
  /** How hosts are resolved and trusted. Tests use loopback hosts. */
  readonly outgoing?: Omit<OutgoingOptions, "allowed"> | undefined;
}

/** The hooks of runs and batches. */
export interface NotifyingHooks {
  readonly onStatus: (change: StatusChange) => Promise<Write>;
  readonly onState: (change: BatchStateChange) => Promise<Write>;
  /** Called when an account's run or batch is permanently erased. */
  readonly onErased: (account: string, id: string) => Promise<void>;
}

/** Do not read larger results for their first fields (bytes). */
const RESULT_BYTES = 256 * 1024;
/** How long after its end an imported run is still reported (ms). */
const NEWS_MS = 10 * 60_000;
const REASON_CHARS = 300;

/** Turns the notification of a run or batch on or off. `false`: the account does not have it. */
export type ChooseNotification = (
  account: string,
  kind: ChosenKind,
  id: string,
  isWanted: boolean,
) => Promise<boolean>;

/** Creates the notifications. */
export function openNotifications(
  context: NotifyingContext,
): {
  readonly notifications: Notifications;
  readonly hooks: NotifyingHooks;
  readonly chooseNotification: ChooseNotification;
} {
  const { kv, now, config, limits, batches } = context;
  const notifications = new Notifications({
    ...context,
    outgoing: new Outgoing({ ...context.outgoing, allowed: config.notifyAllowed }),
    publicUrl: config.publicUrl,
    pushContact: config.pushContact,
    sandboxHosts: limits.sandboxNotifications,
    tests: limits.notificationTests,
    describe: {
      run: (account, id) => describeRun(kv, account, id),
      batch: (account, id) => describeBatch(batches, account, id),
    },
  });
  const onStatus = async (change: StatusChange): Promise<Write> => {
    const { runId, head, view } = change;
    const notice = noticeOfRun({ ...head, runId, status: view.status, error: view.error }, now());
    if (notice === null) return NOTHING;
    const isOne = () => isOneOfAll(kv, change, now());
    return await notifications.notifyAll(head.members, "run", notice, isOne);
  };
  const onErased = (account: string, id: string) => notifications.erase(account, id);
  const onState = async ({ id, account, view, at_ms }: BatchStateChange): Promise<Write> => {
    if (view.state !== "done" && view.state !== "paused") return NOTHING;
    const notice: Notice = {
      type: view.state === "done" ? "batch.completed" : "batch.paused",
      id: `${id}.${view.lastId}`,
      subject: id,
      status: view.state,
      at_ms,
      reason: view.reason,
    };
    // An adopted batch may have ended long ago.
    const isNews = view.state !== "done" || at_ms - (view.changed_ms ?? at_ms) < NEWS_MS;
    const isOne = async () => isNews && !await isQuiet(kv, id);
    return await notifications.notifyEnd(account, "batch", notice, isOne);
  };
  const chooseNotification: ChooseNotification = async (account, kind, id, isWanted) => {
    if (await lateNotice({ kv, now, batches }, account, kind, id) === null) return false;
    await notifications.choose(account, kind, id, isWanted);
    // It may have just ended, in a commit that did not see this choice.
    const notice = isWanted ? await lateNotice({ kv, now, batches }, account, kind, id) : null;
    if (notice !== null && notice !== "active") {
      await notifications.notifyLate(account, kind, notice);
    }
    return true;
  };
  return { notifications, hooks: { onStatus, onState, onErased }, chooseNotification };
}

const NOTHING: Write = { mutations: [] };

/**
 * The notice of an ended run or batch; `active` if it has not ended; `null` if the account does not have it.
 */
async function lateNotice(
  { kv, now, batches }: Pick<NotifyingContext, "kv" | "now" | "batches">,
  account: string,
  kind: ChosenKind,
  id: string,
): Promise<Notice | "active" | null> {
  if (kind === "run") {
    if (!isRunId(id)) return null;
    const run = await readBrief(kv, account, id, 0);
    if (run === null || !run.ended) return run && "active";
    return noticeOfRun({ ...run, runId: id, error: null }, now()) ?? "active";
  }
  const line = await batches.line(account, id);
  if (line === null || line.state !== "done") return line && "active";
  const type = "batch.completed";
  return { type, id: `${id}.late`, subject: id, status: line.state, at_ms: now() };
}

/** The notice of an ended run; `null` if it is active. Pure. */
function noticeOfRun(
  { runId, status, last_id, ended, ended_ms, error }: {
    readonly runId: string;
    readonly status: string;
    readonly last_id: number;
    readonly ended: boolean;
    readonly ended_ms: number | null;
    readonly error: StatusChange["view"]["error"];
  },
  now: number,
): Notice | null {
  // The API may add statuses, of active runs too.
  if (!ended) return null;
  const type = status === "completed"
    ? "run.completed"
    : status === "action_required"
    ? "run.action_required"
    : "run.failed";
  return {
    type,
    // If the status changes again later, that is another event.
    id: `${runId}.${last_id}`,
    subject: runId,
    status,
    at_ms: ended_ms ?? now,
    reason: error === null ? null : beginning(error.message, REASON_CHARS).toWellFormed(),
  };
}

/**
 * Returns whether to notify targets that want every run. Batches report their rows, some schedules report
 * only changes, and runs that ended long ago are not news.
 */
async function isOneOfAll(
  kv: Deno.Kv,
  { runId, head }: StatusChange,
  now: number,
): Promise<boolean> {
  const run = await readRecord(kv, runId);
  if (run === null || run.group_id !== null) return false;
  if (run.source === "schedule" && await isQuiet(kv, runId)) return false;
  return run.source !== "adopted" || head.ended_ms === null || now - head.ended_ms < NEWS_MS;
}

async function describeRun(
  kv: Deno.Kv,
  account: string,
  id: string,
): Promise<NoticeContent | null> {
  const found = await readBrief(kv, account, id, RESULT_BYTES);
  if (found === null) return null;
  const { run, title, status, output, ended_ms } = found;
  return {
    path: `/tasks/${encodeURIComponent(id)}`,
    title,
    // Only completed runs are billed.
    cost_usd: status === "completed" ? run.price_usd : isActiveStatus(status) ? null : 0,
    summary: output === null ? "" : summaryOf(output),
    took_ms: ended_ms === null ? null : ended_ms - run.created_ms,
    simulated: run.simulated,
  };
}

async function describeBatch(
  batches: Pick<Batches, "line">,
  account: string,
  id: string,
): Promise<NoticeContent | null> {
  const line = await batches.line(account, id);
  if (line === null) return null;
  const { name, rows, counts, spent_usd, simulated } = line;
  const { completed = 0, waiting = 0, failed = 0 } = counts;
  const summary = [
    `${count(completed)} of ${count(rows)} rows done`,
    ...failed > 0 ? [`${count(failed)} failed`] : [],
    ...waiting > 0 ? [`${count(waiting)} not sent yet`] : [],
  ].join(", ");
  return {
    path: `/batches/${encodeURIComponent(id)}`,
    title: name,
    cost_usd: spent_usd,
    summary: `${summary}.`,
    simulated,
  };
}
