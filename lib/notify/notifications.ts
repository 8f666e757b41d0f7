/** Notifies accounts. Routes, and services that report something, use this interface. */
import type { Log, Timers } from "../base/mod.ts";
import type { Committer, Write } from "../store/mod.ts";
import { Outbox } from "./outbox.ts";
import { vapidKeys } from "./push.ts";
import { Sender } from "./sender.ts";
import {
  addsToOutbox,
  type ChosenKind,
  chosenMutation,
  eraseSubject,
  forgetAccount,
  keys,
  moveAccount,
  type OutboxItem,
  outboxMutations,
  readTargets,
  type RestItem,
} from "./store.ts";
import { Targets, type TargetsContext } from "./targets.ts";
import type { Notice, NoticeContent, WaitingNotice } from "./types.ts";

/** Dependencies of notifications. */
export interface NotificationsContext extends TargetsContext {
  /** The store for background work. */
  readonly background: { readonly kv: Deno.Kv; readonly committer: Committer };
  readonly log: Log;
  readonly timers?: Timers | undefined;
  /** Identifies this process, and knows which other processes have ended. */
  readonly owner: string;
  readonly isGone: (owner: string) => boolean;
}

/** Whether an account will be notified of a run or batch. */
export type Offer = "no targets" | "not notified" | "chosen" | "every";

/** Accounts to notify in one commit: KV Connect allows 10 checks, and each account takes one. */
const ACCOUNTS_AT_ONCE = 8;
/** Waiting notices to show on a page. */
const SHOWN = 50;
const NOTHING: Write = { checks: [], mutations: [] };

/** Notifications of all accounts. One per process. */
export class Notifications {
  readonly targets: Targets;
  readonly #context: NotificationsContext;
  readonly #outbox: Outbox;
  /** Reads in progress: rows that end together share one. */
  readonly #reading = new Map<string, ReturnType<typeof readTargets>>();

  constructor(context: NotificationsContext) {
    this.#context = context;
    const sender = new Sender(context);
    this.targets = new Targets(context, sender);
    this.#outbox = new Outbox({
      ...context,
      ...context.background,
      send: (place, item, target) => sender.send(place, item, target),
      restMs: (target) => sender.restMs(target),
      prepare: () => this.#notifyRest(),
    });
  }

  /**
   * Returns the mutations that notify all targets of an account. Add them to the commit of the change itself:
   * the notification is then delivered at least once, and not at all if the commit fails. For the end of a
   * run or batch use {@linkcode notifyEnd}.
   */
  async notify(
    account: string,
    notice: Notice & { readonly content: NoticeContent },
  ): Promise<readonly Deno.KvMutation[]> {
    const targets = await readTargets(this.#context.kv, account);
    const open = targets.filter(({ target }) => target.off === null).map(({ id }) => id);
    return outboxMutations(account, open, notice, this.#context.now());
  }

  /**
   * Returns the writes that notify an account of a run or batch, if the account wants it. Add them to the
   * commit of the change itself. If the check fails, the account has just chosen it: call again. `isOne`
   * returns whether "every run" or "every batch" covers it: they do not cover rows. It is called only if
   * needed.
   */
  async notifyEnd(
    account: string,
    kind: ChosenKind,
    notice: Notice,
    isOne: () => Promise<boolean>,
  ): Promise<Write> {
    const { kv, now } = this.#context;
    const chosenKey = keys.chosen(account, kind, notice.subject);
    const [found, chosen] = await Promise.all([this.#readTargets(account), kv.get(chosenKey)]);
    const isChosen = chosen.versionstamp !== null;
    const targets = found.filter(({ target }) => target.off === null);
    const every = targets.filter(({ target }) => wantsEvery(kind, target));
    const notified = isChosen ? targets : every.length > 0 && await isOne() ? every : [];
    if (found.length === 0 && !isChosen) return NOTHING;
    // A run or batch that waits for its owner has not ended.
    const isLast = notice.type !== "run.action_required" && notice.type !== "batch.paused";
    return {
      checks: [chosen],
      mutations: [
        ...outboxMutations(account, notified.map(({ id }) => id), notice, now()),
        ...isChosen && isLast ? [{ type: "delete", key: chosenKey } as const] : [],
      ],
    };
  }

  /**
   * Like {@linkcode notifyEnd}, for all accounts that have a run. The returned writes notify the first accounts.
   * Later commits notify the others, even after a crash.
   */
  async notifyAll(
    accounts: readonly string[],
    kind: ChosenKind,
    notice: Notice,
    isOne: () => Promise<boolean>,
  ): Promise<Write> {
    const first = accounts.slice(0, ACCOUNTS_AT_ONCE), rest = accounts.slice(ACCOUNTS_AT_ONCE);
    const writes = await Promise.all(
      first.map((account) => this.notifyEnd(account, kind, notice, isOne)),
    );
    const key = keys.rest(notice.id);
    const mutations = writes.flatMap(({ mutations }) => mutations);
    if (rest.length > 0) {
      const value: RestItem = { kind, notice, accounts: rest, isOne: await isOne() };
      mutations.push({ type: "set", key, value });
    }
    return { checks: writes.flatMap(({ checks }) => checks ?? []), mutations };
  }

  /** Notifies the accounts that {@linkcode notifyAll} left. Several processes may do this concurrently. */
  async #notifyRest(): Promise<void> {
    const { kv, committer } = this.#context.background;
    for await (const { key } of kv.list({ prefix: keys.allRests() })) {
      for (;;) {
        const entry = await kv.get<RestItem>(key);
        if (entry.value === null) break;
        const { kind, notice, accounts, isOne } = entry.value;
        const { checks = [], mutations } = await this.notifyAll(
          accounts,
          kind,
          notice,
          () => Promise.resolve(isOne),
        );
        const isLast = accounts.length <= ACCOUNTS_AT_ONCE;
        await committer.commit({
          checks: [entry, ...checks],
          mutations: [...mutations, ...isLast ? [{ type: "delete", key } as const] : []],
        });
      }
    }
  }

  #readTargets(account: string): ReturnType<typeof readTargets> {
    const reading = this.#reading.get(account) ??
      readTargets(this.#context.kv, account).finally(() => this.#reading.delete(account));
    this.#reading.set(account, reading);
    return reading;
  }

  /** Notifies of a run or batch that ended just before it was chosen, unless the commit of its end did. */
  async notifyLate(account: string, kind: ChosenKind, notice: Notice): Promise<void> {
    for (;;) {
      const write = await this.notifyEnd(account, kind, notice, () => Promise.resolve(false));
      if (write.mutations.length === 0 || (await this.#context.committer.commit(write)).ok) return;
    }
  }

  /** Call this with durable writes. New notices are sent at once. */
  written(mutations: readonly Deno.KvMutation[]): void {
    if (addsToOutbox(mutations)) this.#outbox.wake();
  }

  /** Sends notices that are due, and those that ended processes were sending. */
  pickUp(): void {
    this.#outbox.pickUp();
  }

  /** Finishes sends in progress. Waiting notices stay in the store. */
  drain(): Promise<void> {
    return this.#outbox.drain();
  }

  /** The notices waiting for an account's targets, oldest first. */
  async waiting(account: string): Promise<readonly WaitingNotice[]> {
    const { kv } = this.#context;
    const prefix = keys.waiting(account);
    const [targets, items] = await Promise.all([
      readTargets(kv, account),
      Array.fromAsync(kv.list<OutboxItem>({ prefix }, { limit: SHOWN })),
    ]);
    const labels = new Map(targets.map(({ id, target }) => [id, target.label]));
    return items.flatMap(({ key, value }) => {
      const target = labels.get(String(key[2]));
      if (target === undefined) return [];
      const { notice: { id, type, subject, content }, tries, created_ms, due_ms, words } = value;
      const { path = null, title = null } = content ?? {};
      return [{ id, type, subject, path, title, target, tries, created_ms, due_ms, words }];
    }).sort((a, b) => a.created_ms - b.created_ms);
  }

  /**
   * Whether an account will be notified of a run or batch that has not ended. `isRow` marks a batch row,
   * which "every run" does not cover.
   */
  async offer(
    account: string,
    kind: ChosenKind,
    id: string,
    isRow: () => Promise<boolean> = () => Promise.resolve(false),
  ): Promise<Offer> {
    const { kv } = this.#context;
    const [found, chosen] = await Promise.all([
      readTargets(kv, account),
      kv.get(keys.chosen(account, kind, id)),
    ]);
    const targets = found.filter(({ target }) => target.off === null);
    if (targets.length === 0) return "no targets";
    const isEvery = targets.some(({ target }) => wantsEvery(kind, target)) && !await isRow();
    if (isEvery) return "every";
    return chosen.versionstamp === null ? "not notified" : "chosen";
  }

  /** Turns the notification of a run or batch on or off. */
  async choose(account: string, kind: ChosenKind, id: string, isWanted: boolean): Promise<void> {
    const mutation: Deno.KvMutation = isWanted
      ? chosenMutation(account, kind, id)
      : { type: "delete", key: keys.chosen(account, kind, id) };
    await this.#context.committer.commit({ mutations: [mutation] });
  }

  /** The public key that browsers subscribe with: base64url. The first call of an instance makes it. */
  async pushKey(): Promise<string> {
    return (await vapidKeys(this.#context)).public;
  }

  /** Deletes all data about a run or batch that an account has erased. */
  erase(account: string, subject: string): Promise<void> {
    return eraseSubject(this.#context.background, account, subject);
  }

  /** Deletes all data of an account. */
  forget(account: string): Promise<void> {
    return forgetAccount(this.#context, account);
  }

  /** Moves all data of an account to the account it was merged into. */
  move(from: string, to: string): Promise<void> {
    return moveAccount(this.#context, from, to);
  }
}

function wantsEvery(
  kind: ChosenKind,
  { every_run, every_batch }: { readonly every_run: boolean; readonly every_batch: boolean },
): boolean {
  return kind === "run" ? every_run : every_batch;
}
