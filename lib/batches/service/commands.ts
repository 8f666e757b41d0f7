/** Executes the orders to a batch. */
import { isObject, type Log, reasonOf } from "../../base/mod.ts";
import { SealError } from "../../accounts/mod.ts";
import {
  attemptAfter,
  failedSends,
  lowSends,
  MAX_SETS,
  type RowChange,
  type RowView,
  sendCounts,
  sendView,
  setOf,
  WAITING,
} from "../model/mod.ts";
import { readHead, readTombstone } from "../../runs/mod.ts";
import type { BatchLog, BatchWrite } from "./log.ts";
import type { SenderContext } from "./look_up.ts";
import { encodeBatchEvent, isAdded, keys, readBatchLog } from "./store.ts";
import { type Order, readOrders, type SentRun } from "./stored_orders.ts";

/** Dependencies of executing orders. */
export interface OrdersContext extends Pick<SenderContext, "clientFor" | "openKey"> {
  readonly kv: Deno.Kv;
  readonly now: () => number;
  readonly log: Log;
  readonly removeRun: (account: string, runId: string) => Promise<unknown>;
  readonly restoreRun: (account: string, runId: string) => Promise<unknown>;
  /** Called with the key of each executed order. */
  readonly onOrder: (key: Deno.KvKey) => void;
}

/** How long a deletion can be undone (ms). */
export const UNDO_MS = 10 * 60_000;

/**
 * Executes the pending orders, each in one commit with its removal. Calls `reopened` for runs whose state
 * must be read again. Returns whether there were any orders.
 */
export async function carryOut(
  context: OrdersContext,
  log: BatchLog,
  reopened: (run: SentRun) => void,
): Promise<boolean> {
  const orders = await readOrders(context.kv, log.id);
  for (const { key, value } of orders) {
    const { order, sealed_key, client } = value;
    const isDue = await isStillDue(context.kv, log, order);
    // Scrub before the write below removes the order: after a crash, the next process repeats only stored orders.
    if (isDue && order.type === "forget") await scrub(context.kv, log, order);
    if (order.type === "undelete" && log.head.deleted_ms !== null) {
      await changeRuns(context, log, context.restoreRun);
    }
    const { rows, head, mutations = [], ...effect } = isDue
      ? effectOf(order, log, context.now())
      : { rows: [] };
    await log.writeRows(rows, {
      ...effect,
      head: {
        ...head,
        ...await isNewPayer(context, log, sealed_key) && { sealed_key, client: client ?? null },
      },
      mutations: [
        ...mutations,
        { type: "delete", key },
        // If this process dies now, another one must continue the order.
        { type: "set", key: keys.active(log.id), value: null },
      ],
    });
    if (isDue && order.type === "remember") reopened(order);
    context.onOrder(key);
    // The sweep removes those that this process leaves if it dies.
    if (order.type === "delete") await changeRuns(context, log, context.removeRun);
  }
  return orders.length > 0;
}

/**
 * Returns whether an order for a run still applies: its deletion may have been undone or repeated meanwhile.
 */
async function isStillDue(kv: Deno.Kv, { record, view }: BatchLog, order: Order): Promise<boolean> {
  if (order.type !== "forget" && order.type !== "remember") return true;
  const { row, attempt, run_id } = order;
  if (order.type === "forget") {
    return !(await readHead(kv, run_id))?.head.members.includes(record.account);
  }
  const sent = sendView(view, setOf(attempt), row);
  if (sent.status !== "deleted" || sent.attempt !== attempt) return false;
  return await readTombstone(kv, record.account, run_id) === null;
}

/**
 * Whether to send later rows with the key of this order. A group is only visible to keys of its own
 * organisation, and an account can have keys of several.
 */
async function isNewPayer(
  { clientFor, openKey }: OrdersContext,
  log: BatchLog,
  sealedKey: string | undefined,
): Promise<boolean> {
  if (sealedKey === undefined) return false;
  const open = (sealed: string) =>
    openKey(sealed).catch((error) => {
      if (error instanceof SealError) return null;
      throw error;
    });
  const [apiKey, before] = [await open(sealedKey), await open(log.head.sealed_key)];
  if (apiKey === null) return false;
  if (before === null || before === apiKey) return true;
  return (await clientFor(apiKey).client.groups.retrieve(log.id)).ok;
}

/** Removes a deleted run's result from the log. Everything else in the events stays. */
async function scrub(kv: Deno.Kv, log: BatchLog, { row, attempt }: SentRun): Promise<void> {
  for await (const event of readBatchLog(kv, log.id, { from: 1, to: log.view.lastId })) {
    if (event.type !== "rows" || !isObject(event.data) || !Array.isArray(event.data.rows)) continue;
    let isChanged = false;
    const rows = event.data.rows.map((change: RowChange) => {
      if (change.row !== row || change.attempt !== attempt || !change.cells) return change;
      isChanged = true;
      return { ...change, cells: null };
    });
    if (!isChanged) continue;
    const value = encodeBatchEvent({ ...event, data: { ...event.data, rows } });
    const key = keys.event(log.id, event.id);
    await log.write(() => ({ mutations: [{ type: "set", key, value }] }));
  }
}

/** Deletes or restores the rows' runs together with their batch. */
async function changeRuns(
  context: OrdersContext,
  log: BatchLog,
  change: OrdersContext["removeRun"],
): Promise<void> {
  const { account } = log.record;
  try {
    for (const { run_id, earlier } of sendsOf(log)) {
      const runIds = [run_id, ...earlier.map((answer) => answer.run_id)];
      await Promise.all(runIds.map((id) => id === null ? null : change(account, id)));
    }
  } catch (error) {
    context.log("error", "could not delete or restore a batch's runs", { reason: reasonOf(error) });
  }
}

/** Every row of every column set. */
export function* sendsOf({ view }: BatchLog): Generator<RowView> {
  for (const set of view.sets.keys()) {
    for (let row = 1; row <= view.rows; row++) yield sendView(view, set, row);
  }
}

/** The changes of an order: the rows, then the rest in one commit. */
export interface OrderEffect extends BatchWrite {
  readonly rows: readonly RowChange[];
}

const RESUME: BatchWrite["events"] = [{ type: "state", data: { state: "running", reason: null } }];

/** Computes what an order changes. Pure. */
function effectOf(order: Order, log: BatchLog, now: number): OrderEffect {
  return { ...changeOf(order, log, now), isOrdered: true };
}

function changeOf(order: Order, log: BatchLog, now: number): OrderEffect {
  const { view, head, id } = log;
  switch (order.type) {
    case "start":
      return { rows: [], events: RESUME, head: { allowance: order.rows, ...lookAgain(head) } };
    case "look":
      return { rows: [], head: lookAgain(head) };
    case "pause": {
      const reason = "You paused this batch. Rows already sent keep running at Parallel.";
      const events: BatchWrite["events"] = view.state === "running"
        ? [{ type: "state", data: { state: "paused", reason } }]
        : [];
      return { rows: [], events };
    }
    case "rename":
      return { rows: [], events: [{ type: "named", data: { name: order.name } }] };
    case "retry":
      return rerun(failedSends(view, order), {});
    case "escalate":
      return rerun(lowSends(view, order), { processor: order.processor });
    case "add":
      return isAdded(head.added, order.added.version) ? { rows: [] } : {
        rows: [],
        events: [{ type: "added", data: { rows: order.rows } }, ...RESUME!],
        head: { added: [...head.added, order.added] },
      };
    case "columns":
      if (view.sets.length >= MAX_SETS || isAdded(head.sets ?? [], order.added.version)) {
        return { rows: [] };
      }
      return {
        rows: [],
        events: [
          { type: "joined", data: { processor: order.processor, columns: order.columns } },
          ...RESUME!,
        ],
        head: {
          sets: [...head.sets ?? [], order.added],
          // Rows that wait in other sets keep waiting: the user has not asked for them.
          allowance: order.trial ?? (hasUnsent(log) ? view.rows : null),
        },
      };
    case "share":
      return head.share !== null ? { rows: [] } : {
        rows: [],
        head: { share: order.token },
        mutations: [{ type: "set", key: keys.share(order.token), value: id }],
      };
    case "unshare":
      return head.share === null ? { rows: [] } : {
        rows: [],
        head: { share: null },
        mutations: [{ type: "delete", key: keys.share(head.share) }],
      };
    case "delete":
      return head.deleted_ms !== null ? { rows: [] } : {
        rows: [],
        head: { deleted_ms: now },
        events: view.state === "running"
          ? [{ type: "state", data: { state: "paused", reason: "This batch was deleted." } }]
          : [],
        mutations: [{ type: "set", key: keys.purge(now + UNDO_MS, id), value: null }],
      };
    case "undelete":
      return head.deleted_ms === null ? { rows: [] } : {
        rows: [],
        head: { deleted_ms: null },
        mutations: [{ type: "delete", key: keys.purge(head.deleted_ms + UNDO_MS, id) }],
      };
    case "move":
      return { rows: [], account: order.account };
    case "forget":
      return { rows: [{ ...sentRun(order), status: "deleted", run_id: null }] };
    case "remember":
      // Its state is read from the run's log.
      return { rows: [{ ...sentRun(order), status: "sent", restored: true }] };
  }
}

/** Starts reading the list of an adopted group's runs again. */
function lookAgain({ taking }: BatchLog["head"]): NonNullable<BatchWrite["head"]> {
  return taking === undefined || taking.note !== undefined
    ? {}
    : { taking: { ...taking, due: true } };
}

function sentRun({ row, attempt, run_id }: SentRun): SentRun {
  return { row, attempt, run_id };
}

/** Whether there are rows that the user has not asked to send yet. */
function hasUnsent({ view, head }: BatchLog): boolean {
  return head.allowance !== null && (sendCounts(view)[WAITING] ?? 0) > 0;
}

/** Sends finished rows again. */
function rerun(sends: readonly RowView[], more: Partial<RowChange>): OrderEffect {
  const rows = sends.flatMap(({ row, attempt: before, processor }) => {
    const attempt = attemptAfter(before);
    return attempt === null ? [] : [{ row, attempt, status: WAITING, processor, ...more }];
  });
  return { rows, events: rows.length > 0 ? RESUME : [] };
}
