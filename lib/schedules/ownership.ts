/** Updates schedules when a key of their account is removed, or the account is merged or deleted. */
import { type Committer, deletePrefix } from "../store/mod.ts";
import { pausedFor } from "./changes.ts";
import { KEY_REMOVED } from "./sending.ts";
import { changeSchedule, keys, readList, readSchedule, type StoreContext } from "./store.ts";
import type { Notify } from "./types.ts";

interface OwnershipContext extends StoreContext {
  readonly committer: Committer;
  readonly notify: Notify;
}

/** Pauses the schedules that a removed key paid for. */
export async function pauseByKey(
  context: OwnershipContext,
  account: string,
  keyId: string,
): Promise<void> {
  const { ids } = await readList(context.kv, account);
  for (const id of ids) {
    await changeSchedule(
      context,
      id,
      async (schedule) =>
        schedule.account !== account || schedule.key_id !== keyId || schedule.state === "paused"
          ? null
          : await pausedFor(context, schedule, KEY_REMOVED),
    );
  }
}

/** Moves all schedules of a merged account. Safe to repeat. */
export async function moveSchedules(
  { kv, committer }: OwnershipContext,
  from: string,
  to: string,
): Promise<void> {
  for (;;) {
    const [own, other] = await Promise.all([readList(kv, from), readList(kv, to)]);
    const [id] = own.ids;
    if (id === undefined) return;
    const found = await readSchedule(kv, id);
    await committer.commit({
      checks: [own.check, other.check, ...found === null ? [] : [found.check]],
      mutations: [
        listMutation(from, own.ids.slice(1)),
        ...found === null ? [] : [
          listMutation(to, [...other.ids, id]),
          { type: "set" as const, key: keys.schedule(id), value: { ...found.value, account: to } },
        ],
      ],
    });
  }
}

/** Removes a schedule. Its record goes first, so nothing more is claimed, sent or stored. */
export async function removeSchedule(
  { committer, kv }: OwnershipContext,
  account: string,
  id: string,
): Promise<void> {
  for (;;) {
    const [list, found] = await Promise.all([readList(kv, account), readSchedule(kv, id)]);
    const next = found?.value.next_ms ?? null;
    const { ok } = await committer.commit({
      checks: [list.check, ...found === null ? [] : [found.check]],
      mutations: [
        listMutation(account, list.ids.filter((each) => each !== id)),
        { type: "delete", key: keys.schedule(id) },
        ...next === null ? [] : [{ type: "delete" as const, key: keys.due(next, id) }],
      ],
    });
    if (ok) break;
  }
  await deletePrefix(kv, committer, keys.opens(id));
  await deletePrefix(kv, committer, keys.firings(id));
}

function listMutation(account: string, ids: readonly string[]): Deno.KvMutation {
  const key = keys.list(account);
  return ids.length > 0 ? { type: "set", key, value: ids } : { type: "delete", key };
}
