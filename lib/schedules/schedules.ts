/** The schedule service that routes call. */
import { keyIdOf } from "../accounts/mod.ts";
import { priceOf } from "../parallel/mod.ts";
import type { RunOwner } from "../runs/mod.ts";
import { type Committer, sha256Hex } from "../store/mod.ts";
import type { ClaimContext } from "./claims.ts";
import { moveSchedules, pauseByKey, removeSchedule } from "./ownership.ts";
import { Scanner } from "./scanner.ts";
import {
  changeSchedule,
  keys,
  readFirings,
  readList,
  readSchedule,
  scheduleMutations,
  shownFiring,
  shownSchedule,
  type StoredSchedule,
} from "./store.ts";
import { monthOf, nextTime, shortestGap } from "./times.ts";
import {
  type Firing,
  MAX_SCHEDULES,
  SANDBOX,
  type Schedule,
  type ScheduleOutcome,
  type ScheduleProblem,
  type ScheduleSettings,
  type Target,
} from "./types.ts";

/** Dependencies of schedules. */
export interface SchedulesContext extends ClaimContext {
  readonly committer: Committer;
  /** Whether an account exists. */
  readonly hasAccount: (id: string) => Promise<boolean>;
}

/** Due times per schedule in an export. */
const EXPORTED = 100;
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Accounts' schedules. One per process. */
export class Schedules {
  readonly #context: SchedulesContext;
  readonly #scanner: Scanner;

  /** `background` is the store for scans. Its writes wait while the store is unavailable. */
  constructor(
    context: SchedulesContext,
    background: Pick<SchedulesContext, "kv" | "committer"> = context,
  ) {
    this.#context = context;
    this.#scanner = new Scanner({ ...context, ...background });
  }

  /** The clock of schedules (Unix ms). */
  get now(): number {
    return this.#context.now();
  }

  /** Creates a schedule under the ID in the form, so a double submit creates only one. */
  async create(
    owner: RunOwner,
    id: string,
    target: Target,
    settings: ScheduleSettings,
  ): Promise<ScheduleOutcome> {
    const { committer, kv, now, hasAccount } = this.#context;
    if (!ID.test(id)) return { ok: false, problem: "unknown" };
    const existing = await readSchedule(kv, id);
    if (existing !== null) return ownOutcome(existing.value, owner.id);
    const cost = await this.cost(owner.id, target);
    if (typeof cost === "string") return { ok: false, problem: cost };
    const problem = this.#problemWith(settings, cost);
    if (problem !== null) return { ok: false, problem };
    const schedule: StoredSchedule = {
      ...settings,
      id,
      account: owner.id,
      created_ms: now(),
      target,
      processor: cost.processor,
      price_usd: cost.price_usd,
      simulated: cost.simulated,
      state: "active",
      reason: null,
      next_ms: nextTime(settings, now()),
      failures: 0,
      month: monthOf(now(), settings.zone),
      spent_usd: 0,
      ...await this.#payer(owner, cost.simulated),
    };
    for (;;) {
      const list = await readList(kv, owner.id);
      if (list.ids.length >= (cost.simulated ? SANDBOX.schedules : MAX_SCHEDULES)) {
        return { ok: false, problem: "full" };
      }
      const result = await committer.commit({
        checks: [list.check, { key: keys.schedule(id), versionstamp: null }],
        mutations: [
          { type: "set", key: list.check.key, value: [...list.ids, id] },
          ...scheduleMutations(null, schedule),
        ],
      });
      if (result.ok) break;
      const stored = await readSchedule(kv, id);
      if (stored !== null) return ownOutcome(stored.value, owner.id);
    }
    // The account was deleted meanwhile, and the deletion missed this schedule.
    if (!await hasAccount(owner.id)) await this.removeAll(owner.id);
    return { ok: true, schedule: shownSchedule(schedule) };
  }

  /** The price of running a task or batch once, or why it cannot be repeated. */
  async cost(
    account: string,
    { kind, id }: Target,
  ): Promise<
    | Pick<Schedule, "processor" | "price_usd" | "simulated"> & { readonly title: string }
    | ScheduleProblem
  > {
    const { batches, runs } = this.#context;
    if (kind === "task") {
      const request = await runs.request(account, id);
      if (request === null) return "unknown";
      const { processor, simulated } = request.run;
      const price_usd = priceOf(processor);
      return price_usd === null
        ? "price"
        : { processor, price_usd, simulated, title: request.title };
    }
    const page = await batches.page(account, id);
    if (page === null) return "unknown";
    const { batch: { processor, simulated }, view } = page;
    const each = priceOf(processor);
    if (each === null) return "price";
    if (simulated && view.rows > SANDBOX.rows) return "large";
    return { processor, price_usd: each * view.rows, simulated, title: view.name };
  }

  /** Changes when and how a schedule runs. The caller's key pays from now on. */
  async change(owner: RunOwner, id: string, settings: ScheduleSettings): Promise<ScheduleOutcome> {
    const found = await this.get(owner.id, id);
    if (found === null) return { ok: false, problem: "unknown" };
    const problem = this.#problemWith(settings, found);
    if (problem !== null) return { ok: false, problem };
    const payer = await this.#payer(owner, found.simulated);
    const { now } = this.#context;
    const changed = await changeSchedule(this.#context, id, (schedule) => {
      if (schedule.account !== owner.id) return null;
      const next_ms = schedule.state === "active" ? nextTime(settings, now()) : null;
      return { schedule: { ...schedule, ...settings, ...payer, next_ms } };
    });
    return changed === null
      ? { ok: false, problem: "unknown" }
      : { ok: true, schedule: shownSchedule(changed) };
  }

  /** Pauses a schedule. `false`: the account has no such schedule. */
  async pause(account: string, id: string): Promise<boolean> {
    return await this.#changeOwn(
      account,
      id,
      (schedule) =>
        schedule.state === "paused"
          ? null
          : { ...schedule, state: "paused", reason: "You paused this schedule.", next_ms: null },
    );
  }

  /** Resumes a schedule at its next due time. The caller's key pays from now on. */
  async resume(owner: RunOwner, id: string): Promise<boolean> {
    const { now } = this.#context;
    const found = await this.get(owner.id, id);
    if (found === null) return false;
    const payer = await this.#payer(owner, found.simulated);
    return await this.#changeOwn(owner.id, id, (schedule) => ({
      ...schedule,
      ...payer,
      state: "active",
      reason: null,
      failures: 0,
      next_ms: schedule.next_ms ?? nextTime(schedule, now()),
    }));
  }

  /** Deletes a schedule. Its runs stay. `false`: the account has no such schedule. */
  async remove(account: string, id: string): Promise<boolean> {
    if (await this.get(account, id) === null) return false;
    await removeSchedule(this.#context, account, id);
    return true;
  }

  /** An account's schedules, newest first. */
  async list(account: string): Promise<Schedule[]> {
    const { ids } = await readList(this.#context.kv, account);
    const found = await Promise.all(ids.map((id) => this.get(account, id)));
    return found.filter((schedule) => schedule !== null).reverse();
  }

  /** One schedule; `null` if the account has no such schedule. */
  async get(account: string, id: string): Promise<Schedule | null> {
    if (!ID.test(id)) return null;
    const found = await readSchedule(this.#context.kv, id);
    return found?.value.account === account ? shownSchedule(found.value) : null;
  }

  /** The due times of a schedule that {@linkcode get} returned, newest first. */
  async firings(id: string, limit: number, before?: number): Promise<Firing[]> {
    const options = before === undefined ? { limit } : { limit, before };
    const found = await Array.fromAsync(readFirings(this.#context.kv, id, options));
    return found.map(shownFiring);
  }

  /** All stored data of an account's schedules, for its export. */
  async exported(
    account: string,
  ): Promise<(Schedule & { readonly times: readonly Firing[] })[]> {
    const schedules = await this.list(account);
    return await Promise.all(schedules.map(async (schedule) => ({
      ...schedule,
      times: await this.firings(schedule.id, EXPORTED),
    })));
  }

  /** Pauses the schedules that a removed key paid for. */
  pauseByKey(account: string, keyId: string): Promise<void> {
    return pauseByKey(this.#context, account, keyId);
  }

  /** Moves all schedules of a merged account. Safe to repeat. */
  moveAll(from: string, to: string): Promise<void> {
    return moveSchedules(this.#context, from, to);
  }

  /** Removes all schedules of an account. */
  async removeAll(account: string): Promise<void> {
    const { ids } = await readList(this.#context.kv, account);
    for (const id of ids) await removeSchedule(this.#context, account, id);
  }

  /** Scans for what is due. Call it every minute. */
  async scan(): Promise<void> {
    await this.#scanner.scan();
  }

  /** Resolves when all work that a scan started is stored. */
  settled(): Promise<void> {
    return this.#scanner.settled();
  }

  drain(): Promise<void> {
    return this.#scanner.drain();
  }

  #problemWith(
    settings: ScheduleSettings,
    { price_usd, simulated }: Pick<Schedule, "price_usd" | "simulated">,
  ): ScheduleProblem | null {
    if (price_usd > settings.cap_usd) return "cap";
    if (simulated && shortestGap(settings, this.#context.now()) < SANDBOX.gapMs) return "often";
    return null;
  }

  /** The key that pays from now on. */
  async #payer(owner: RunOwner, simulated: boolean) {
    const apiKey = await this.#context.openKey(owner.sealedKey);
    return {
      sealed_key: owner.sealedKey,
      key_id: keyIdOf(await sha256Hex(apiKey)),
      client: owner.client ?? null,
      until_ms: simulated ? this.#context.now() + SANDBOX.untilMs : null,
    };
  }

  async #changeOwn(
    account: string,
    id: string,
    change: (schedule: StoredSchedule) => StoredSchedule | null,
  ): Promise<boolean> {
    if (!ID.test(id)) return false;
    const changed = await changeSchedule(this.#context, id, (schedule) => {
      const next = schedule.account === account ? change(schedule) : null;
      return next === null ? null : { schedule: next };
    });
    return changed?.account === account;
  }
}

function ownOutcome(schedule: StoredSchedule, account: string): ScheduleOutcome {
  return schedule.account === account
    ? { ok: true, schedule: shownSchedule(schedule) }
    : { ok: false, problem: "unknown" };
}
