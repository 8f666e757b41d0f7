/**
 * Targets and the outbox in KV. This module owns `["notify-target", account, target_id]`,
 * `["notify-chosen", account, kind, id]`, `["outbox", account, target_id, notice_id]`,
 * `["outbox-due", due_ms, account, target_id, notice_id]`, `["outbox-told", account, target_id, notice_id]`,
 * `["outbox-rest", notice_id]` and `["vapid"]`.
 */
import { type Committer, deletePrefix } from "../store/mod.ts";
import type { Notice, Target } from "./types.ts";

/** A stored target. */
export interface StoredTarget extends Omit<Target, "id"> {
  /** {@linkcode TargetSecret} as JSON, sealed. */
  readonly sealed: string;
  /** The origin of links, if the instance has no `PUBLIC_URL`. */
  readonly origin: string;
  /** Belongs to a sandbox account, whose requests are limited. */
  readonly sandbox: boolean;
  /** Consecutive failures, and the earliest time of the next request (Unix ms). */
  readonly failures: number;
  readonly rest_until: number;
}

/** The secret part of a target. */
export interface TargetSecret {
  /** The URL of requests. For a browser: the push service's endpoint. */
  readonly url: string;
  /** Signs JSON bodies: `whsec_…`. */
  readonly signing?: string;
  /** Browsers only (RFC 8291): base64url. */
  readonly keys?: { readonly p256dh: string; readonly auth: string };
}

/** A notice for one target. */
export interface OutboxItem {
  readonly notice: Notice;
  readonly created_ms: number;
  readonly due_ms: number;
  readonly tries: number;
  /** The process that sends it, the end of its lease (Unix ms; 0: none), and the number of attempts. */
  readonly lease_owner: string;
  readonly lease_until: number;
  readonly fence: number;
  readonly words: string | null;
}

/** A notice of a run whose accounts did not all fit the commit of its end. */
export interface RestItem {
  readonly kind: ChosenKind;
  readonly notice: Notice;
  /** The accounts that are not notified yet. */
  readonly accounts: readonly string[];
  /** Whether "every run" covers it. */
  readonly isOne: boolean;
}

/** The key parts of an item. */
export interface ItemPlace {
  readonly account: string;
  readonly target: string;
  readonly notice: string;
}

/** The kinds of things whose notification users can choose on their page. */
export type ChosenKind = "run" | "batch";

export const keys = {
  targets: (account: string): Deno.KvKey => ["notify-target", account],
  target: (account: string, id: string): Deno.KvKey => ["notify-target", account, id],
  allChosen: (account: string): Deno.KvKey => ["notify-chosen", account],
  chosen: (
    account: string,
    kind: ChosenKind,
    id: string,
  ): Deno.KvKey => ["notify-chosen", account, kind, id],
  waiting: (account: string, target?: string): Deno.KvKey =>
    target === undefined ? ["outbox", account] : ["outbox", account, target],
  item: (
    { account, target, notice }: ItemPlace,
  ): Deno.KvKey => ["outbox", account, target, notice],
  allDue: (): Deno.KvKey => ["outbox-due"],
  dueUntil: (ms: number): Deno.KvKey => ["outbox-due", ms + 1],
  due: (ms: number, { account, target, notice }: ItemPlace): Deno.KvKey => [
    "outbox-due",
    ms,
    account,
    target,
    notice,
  ],
  delivered: (
    { account, target, notice }: ItemPlace,
  ): Deno.KvKey => ["outbox-told", account, target, notice],
  allDelivered: (account: string): Deno.KvKey => ["outbox-told", account],
  rest: (notice: string): Deno.KvKey => ["outbox-rest", notice],
  allRests: (): Deno.KvKey => ["outbox-rest"],
  vapid: (): Deno.KvKey => ["vapid"],
};

/** Whether a commit added to the outbox. */
export function addsToOutbox(mutations: readonly Deno.KvMutation[]): boolean {
  return mutations.some(({ type, key: [name] }) =>
    type === "set" && (name === "outbox-due" || name === "outbox-rest")
  );
}

/** Maximum targets and waiting notices per account. More indicates a mistake or an attack. */
export const MAX_TARGETS = 20;
/** Forget a choice if its run has not ended after this time (ms). */
const CHOSEN_MS = 90 * 86_400_000;

/** An account's targets, oldest first. */
export async function readTargets(
  kv: Deno.Kv,
  account: string,
): Promise<
  { readonly id: string; readonly target: StoredTarget; readonly versionstamp: string }[]
> {
  const found = await Array.fromAsync(
    kv.list<StoredTarget>({ prefix: keys.targets(account) }, { limit: 2 * MAX_TARGETS }),
  );
  return found.map(({ key, value, versionstamp }) => ({
    id: String(key[2]),
    target: value,
    versionstamp,
  })).sort((a, b) => a.target.created_ms - b.target.created_ms);
}

/** The mutations that add a notice to the outbox for some targets. */
export function outboxMutations(
  account: string,
  targets: readonly string[],
  notice: Notice,
  nowMs: number,
): Deno.KvMutation[] {
  return targets.flatMap((target): Deno.KvMutation[] => {
    const place = { account, target, notice: notice.id };
    const item: OutboxItem = {
      notice,
      created_ms: nowMs,
      due_ms: nowMs,
      tries: 0,
      lease_owner: "",
      lease_until: 0,
      fence: 0,
      words: null,
    };
    return [
      { type: "set", key: keys.item(place), value: item },
      { type: "set", key: keys.due(nowMs, place), value: null },
    ];
  });
}

/** Marks a run or batch for notification. */
export function chosenMutation(account: string, kind: ChosenKind, id: string): Deno.KvMutation {
  return { type: "set", key: keys.chosen(account, kind, id), value: null, expireIn: CHOSEN_MS };
}

interface StoreContext {
  readonly kv: Deno.Kv;
  readonly committer: Pick<Committer, "commit">;
}

/** Deletes all data of an account. */
export async function forgetAccount(
  { kv, committer }: StoreContext,
  account: string,
): Promise<void> {
  for (
    const prefix of [keys.targets(account), keys.allChosen(account), keys.allDelivered(account)]
  ) {
    await deletePrefix(kv, committer, prefix);
  }
  await changeInRests({ kv, committer }, account, []);
  for await (const { key, value } of kv.list<OutboxItem>({ prefix: keys.waiting(account) })) {
    const place = placeOf(key);
    await committer.commit({
      mutations: [
        { type: "delete", key },
        { type: "delete", key: keys.due(value.due_ms, place) },
      ],
    });
  }
}

/** Deletes waiting and delivered notices about a run or batch that an account erased, and its choice. */
export async function eraseSubject(
  { kv, committer }: StoreContext,
  account: string,
  subject: string,
): Promise<void> {
  const mutations: Deno.KvMutation[] = [];
  const chosen = (["run", "batch"] as const).map((kind) => keys.chosen(account, kind, subject));
  for (const { key, versionstamp } of await kv.getMany(chosen)) {
    if (versionstamp !== null) mutations.push({ type: "delete", key });
  }
  for (const { id } of await readTargets(kv, account)) {
    const [item, delivered] = [keys.item, keys.delivered].map((keyOf) => {
      const keyFor = (notice: string) => keyOf({ account, target: id, notice });
      // The ids of a subject's notices begin with it and a point.
      return { start: keyFor(`${subject}.`), end: keyFor(`${subject}/`) };
    }) as [Deno.KvListSelector, Deno.KvListSelector];
    for await (const { key, value } of kv.list<OutboxItem>(item)) {
      mutations.push({ type: "delete", key });
      mutations.push({ type: "delete", key: keys.due(value.due_ms, placeOf(key)) });
    }
    for await (const { key } of kv.list(delivered)) mutations.push({ type: "delete", key });
  }
  if (mutations.length > 0) await committer.commit({ mutations });
}

/** Renames or removes an account in the notices that wait for a commit of their own. */
async function changeInRests(
  { kv, committer }: StoreContext,
  from: string,
  to: readonly string[],
): Promise<void> {
  for await (const entry of kv.list<RestItem>({ prefix: keys.allRests() })) {
    const { key, value } = entry;
    if (!value.accounts.includes(from)) continue;
    const accounts = value.accounts.flatMap((account) => account === from ? to : [account]);
    const changed = { ...value, accounts: [...new Set(accounts)] };
    await committer.commit({ checks: [entry], mutations: [{ type: "set", key, value: changed }] });
  }
}

/** Moves all data of an account to the account it was merged into. Safe to repeat. */
export async function moveAccount(
  { kv, committer }: StoreContext,
  from: string,
  to: string,
): Promise<void> {
  for await (const { key, value } of kv.list<StoredTarget>({ prefix: keys.targets(from) })) {
    await committer.commit({
      mutations: [
        { type: "set", key: keys.target(to, String(key[2])), value },
        { type: "delete", key },
      ],
    });
  }
  for await (const { key } of kv.list({ prefix: keys.allChosen(from) })) {
    const [, , kind, id] = key;
    if (kind !== "run" && kind !== "batch") continue;
    await committer.commit({
      mutations: [chosenMutation(to, kind, String(id)), { type: "delete", key }],
    });
  }
  await changeInRests({ kv, committer }, from, [to]);
  const prefix = keys.waiting(from);
  await moveItems({ kv, committer }, prefix, ({ due_ms }, place) => {
    return { place: { ...place, account: to }, due_ms };
  });
  await deletePrefix(kv, committer, keys.allDelivered(from));
}

/** Moves waiting items to other places. An item that is being sent is sent again, with the same ID. */
export async function moveItems(
  { kv, committer }: StoreContext,
  prefix: Deno.KvKey,
  move: (
    item: OutboxItem,
    place: ItemPlace,
  ) => { readonly place: ItemPlace; readonly due_ms: number },
): Promise<void> {
  for await (const entry of kv.list<OutboxItem>({ prefix })) {
    const place = placeOf(entry.key), item = entry.value;
    const { place: there, due_ms } = move(item, place);
    await committer.commit({
      checks: [entry],
      mutations: [
        { type: "set", key: keys.item(there), value: { ...item, due_ms } },
        { type: "set", key: keys.due(due_ms, there), value: null },
        { type: "delete", key: entry.key },
        { type: "delete", key: keys.due(item.due_ms, place) },
      ],
    });
  }
}

/** Reads the key parts of an item or of its due time. */
export function placeOf(key: Deno.KvKey): ItemPlace {
  const [account, target, notice] = key.slice(-3).map(String);
  return { account: account ?? "", target: target ?? "", notice: notice ?? "" };
}
