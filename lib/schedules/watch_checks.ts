/** Finds new events of watches: after a webhook, or once an hour. */
import { beginning, isObject, type Log, reasonOf } from "../base/mod.ts";
import type { MonitorEvent, TaskClient } from "../parallel/mod.ts";
import type { StoreContext } from "./store.ts";
import type { Notify, ScheduleNotice } from "./types.ts";
import { changeWatch, type StoredWatch, WATCH_ID, watchKeys } from "./watch_store.ts";

/** Dependencies of checking watches. */
export interface CheckContext extends StoreContext {
  readonly log: Log;
  readonly openKey: (sealed: string) => Promise<string>;
  /** The account that a key currently belongs to. */
  readonly accountOf: (apiKey: string) => Promise<string | null>;
  readonly clientFor: (
    apiKey: string,
  ) => { readonly client: Pick<TaskClient, "monitors">; readonly simulated: boolean };
  readonly notify: Notify;
}

/** Watches to check per round, and concurrently. */
const ROUND = 200, AT_ONCE = 10;
/** Events to remember: more than one page. */
const REMEMBERED = 200, PAGE = 100;
/** Field names per notice, and maximum length of each (characters). */
const NAMES = 5, NAME_CHARS = 80;

/** Fetches the events of watches that had no webhook for an hour. Never rejects. */
export async function checkWatches(context: CheckContext): Promise<void> {
  const { kv, now } = context;
  const due = await Array.fromAsync(kv.list(watchKeys.dues(now()), { limit: ROUND }));
  for (let from = 0; from < due.length; from += AT_ONCE) {
    const some = due.slice(from, from + AT_ONCE);
    await Promise.all(some.map(({ key }) => checkDue(context, key)));
  }
}

async function checkDue(context: CheckContext, due: Deno.KvKey): Promise<void> {
  const account = String(due[2]), id = String(due[3]);
  const { committer, kv, log } = context;
  try {
    if (await checkWatch(context, account, id)) return;
    const found = await kv.get<StoredWatch>(watchKeys.watch(account, id));
    if (found.value !== null) await changeWatch(context, account, found, {});
    else await committer.commit({ mutations: [{ type: "delete", key: due }] });
  } catch (error) {
    log("warn", "failed to check a watch", { id, reason: reasonOf(error) });
  }
}

/**
 * Handles a webhook about a monitor. `isGenuine` checks its signature for an account. The webhook only
 * triggers a check: the events come from the API, so even someone who knows the secret cannot forge one.
 */
export async function receiveMonitor(
  context: CheckContext,
  data: unknown,
  isGenuine: (account: string | null) => Promise<boolean>,
): Promise<"taken" | "later" | "refused"> {
  const id = isObject(data) && typeof data.monitor_id === "string" ? data.monitor_id : "";
  const account = WATCH_ID.test(id)
    ? (await context.kv.get<string>(watchKeys.account(id))).value
    : null;
  if (!await isGenuine(account)) return "refused";
  return account === null || await checkWatch(context, account, id) ? "taken" : "later";
}

/** Fetches new events from the API and notifies of them. `false`: the API did not respond. */
async function checkWatch(context: CheckContext, account: string, id: string): Promise<boolean> {
  const { accountOf, clientFor, kv, openKey, notify } = context;
  for (;;) {
    const found = await kv.get<StoredWatch>(watchKeys.watch(account, id));
    const watch = found.value;
    if (watch === null) return false;
    const apiKey = await openKey(watch.sealed_key).catch(() => null);
    if (apiKey === null || await accountOf(apiKey) !== account) return false;
    const { monitors } = clientFor(apiKey).client;
    const [monitor, events] = await Promise.all([
      monitors.retrieve(id),
      monitors.events(id, { limit: PAGE }),
    ]);
    if (!events.ok) return false;
    const notified = new Set(watch.told);
    const fresh = events.value.items.flatMap((event) =>
      event.kind === "change" && !notified.has(event.id) ? [event] : []
    );
    const change = {
      status: monitor.ok ? monitor.value.status : watch.status,
      told: [...fresh.map((event) => event.id), ...watch.told].slice(0, REMEMBERED),
    };
    const notice = noticeOf(watch, fresh, context.now());
    const mutations = notice === null ? [] : await notify(account, notice);
    if (await changeWatch(context, account, found, change, mutations)) return true;
  }
}

type Change = MonitorEvent & { readonly kind: "change" };

function noticeOf(
  { id, run_id, simulated }: StoredWatch,
  events: readonly Change[],
  at_ms: number,
): ScheduleNotice | null {
  const [newest] = events;
  if (newest === undefined) return null;
  const names = changedNames(events);
  const fields = names.length === 1 ? "field" : "fields";
  const summary = names.length === 0
    ? "The result changed."
    : `${names.length} ${fields} changed: ${names.slice(0, NAMES).join(", ")}`;
  return {
    type: "watch.changed",
    id: `${id}.${newest.id.replace(/[^\x21-\x7e]/g, "").slice(0, 90)}`,
    subject: id,
    status: "changed",
    at_ms,
    content: {
      path: `/watches/${id}`,
      title: "A watched result",
      title_of: run_id,
      cost_usd: null,
      summary,
      simulated,
    },
  };
}

/** The fields that changed in any of the events. */
function changedNames(events: readonly Change[]): string[] {
  const names = new Set(
    events.flatMap(({ output }) => output?.type === "json" ? Object.keys(output.content) : []),
  );
  return [...names].map((name) => beginning(name, NAME_CHARS));
}
