/**
 * Schedules in KV. This module owns `["schedule", id]`, `["schedules", account]`,
 * `["schedule-due", due_ms, id]`, `["schedule-run", id, due_ms]`, `["schedule-open", id, due_ms]`,
 * `["schedule-quiet", run_id]` and `["schedule-lease"]`.
 */
import type { CommitResult, Committer } from "../store/mod.ts";
import type { Firing, Schedule } from "./types.ts";

/** A stored schedule. */
export interface StoredSchedule extends Schedule {
  readonly account: string;
  /** The key that pays: that of the last user who created, changed or resumed it. */
  readonly sealed_key: string;
  /** Identifies that key: the first half of its hash. */
  readonly key_id: string;
  /** The client whose sandbox limits its runs count against. */
  readonly client: string | null;
  /** When it pauses automatically (Unix ms); `null` for never. */
  readonly until_ms: number | null;
}

/** A stored due time. */
export interface StoredFiring extends Firing {
  /** The process that holds it while it is `claimed` or `sending`. */
  readonly owner: string;
  /** When another process may take over (Unix ms). */
  readonly until_ms: number;
  /** Number of temporary rejections. */
  readonly tries: number;
}

/** Dependencies that all parts of this module share. */
export interface StoreContext {
  readonly kv: Deno.Kv;
  readonly committer: Pick<Committer, "commit">;
  readonly now: () => number;
}

/** The KV keys of schedules. */
export const keys = {
  schedule: (id: string): Deno.KvKey => ["schedule", id],
  /** IDs of an account's schedules, in one value so their number is exact. */
  list: (account: string): Deno.KvKey => ["schedules", account],
  dues: (untilMs: number): Deno.KvListSelector => ({
    prefix: ["schedule-due"],
    end: ["schedule-due", untilMs + 1],
  }),
  due: (dueMs: number, id: string): Deno.KvKey => ["schedule-due", dueMs, id],
  firings: (id: string): Deno.KvKey => ["schedule-run", id],
  firing: (id: string, dueMs: number): Deno.KvKey => ["schedule-run", id, dueMs],
  allOpen: (): Deno.KvKey => ["schedule-open"],
  opens: (id: string): Deno.KvKey => ["schedule-open", id],
  open: (id: string, dueMs: number): Deno.KvKey => ["schedule-open", id, dueMs],
  quiet: (runId: string): Deno.KvKey => ["schedule-quiet", runId],
  lease: (): Deno.KvKey => ["schedule-lease"],
};

/** A schedule with its version, for atomic checks. */
export interface FoundSchedule {
  readonly value: StoredSchedule;
  readonly check: Deno.AtomicCheck;
}

/** A due time with its version. */
export interface FoundFiring {
  readonly value: StoredFiring;
  readonly check: Deno.AtomicCheck;
}

export async function readSchedule(kv: Deno.Kv, id: string): Promise<FoundSchedule | null> {
  const { key, value, versionstamp } = await kv.get<StoredSchedule>(keys.schedule(id));
  return value === null ? null : { value, check: { key, versionstamp } };
}

export async function readFiring(
  kv: Deno.Kv,
  id: string,
  dueMs: number,
): Promise<FoundFiring | null> {
  const { key, value, versionstamp } = await kv.get<StoredFiring>(keys.firing(id, dueMs));
  return value === null ? null : { value, check: { key, versionstamp } };
}

/** Due times of a schedule, newest first, optionally only those before a time (Unix ms). */
export async function* readFirings(
  kv: Deno.Kv,
  id: string,
  { before, limit }: { readonly before?: number; readonly limit: number },
): AsyncGenerator<StoredFiring> {
  const prefix = keys.firings(id);
  const selector = before === undefined ? { prefix } : { prefix, end: keys.firing(id, before) };
  for await (const { value } of kv.list<StoredFiring>(selector, { reverse: true, limit })) {
    yield value;
  }
}

/** IDs of an account's schedules, in order of creation. */
export async function readList(
  kv: Deno.Kv,
  account: string,
): Promise<{ readonly ids: readonly string[]; readonly check: Deno.AtomicCheck }> {
  const { key, value, versionstamp } = await kv.get<readonly string[]>(keys.list(account));
  return { ids: value ?? [], check: { key, versionstamp } };
}

/** The mutations that store a changed schedule and move its due time. */
export function scheduleMutations(
  before: StoredSchedule | null,
  after: StoredSchedule,
): Deno.KvMutation[] {
  const mutations: Deno.KvMutation[] = [
    { type: "set", key: keys.schedule(after.id), value: after },
  ];
  const [was, is] = [before?.next_ms ?? null, after.next_ms];
  if (was !== null && was !== is) mutations.push({ type: "delete", key: keys.due(was, after.id) });
  if (is !== null && was !== is) {
    mutations.push({ type: "set", key: keys.due(is, after.id), value: null });
  }
  return mutations;
}

/** The mutations that store a due time, and mark it as open while it needs work. */
export function firingMutations(id: string, firing: StoredFiring): Deno.KvMutation[] {
  const isOpen = ["claimed", "sending"].includes(firing.state) ||
    (firing.state === "created" && firing.result === null);
  const open = keys.open(id, firing.due_ms);
  return [
    { type: "set", key: keys.firing(id, firing.due_ms), value: firing },
    isOpen ? { type: "set", key: open, value: null } : { type: "delete", key: open },
  ];
}

/** How long to suppress the notification of a run's end (ms). Batches take hours. */
const QUIET_MS = 30 * 86_400_000;

/** The mutations that suppress the notification of a run's or batch's end, if its schedule asks for it. */
export function quietMutations(
  { only_changes }: StoredSchedule,
  runId: string,
): Deno.KvMutation[] {
  if (!only_changes) return [];
  return [{ type: "set", key: keys.quiet(runId), value: null, expireIn: QUIET_MS }];
}

/** Whether a run or batch belongs to a schedule that notifies only of changes. */
export async function isQuiet(kv: Deno.Kv, runId: string): Promise<boolean> {
  return (await kv.get(keys.quiet(runId))).versionstamp !== null;
}

/**
 * Changes a schedule atomically. `change` returns `null` to leave it as is. Returns the resulting schedule.
 */
export async function changeSchedule(
  { kv, committer }: StoreContext,
  id: string,
  change: (schedule: StoredSchedule) => Promise<ScheduleChange | null> | ScheduleChange | null,
): Promise<StoredSchedule | null> {
  for (;;) {
    const found = await readSchedule(kv, id);
    if (found === null) return null;
    const changed = await change(found.value);
    if (changed === null) return found.value;
    const { schedule, checks = [], mutations = [] } = changed;
    const result: CommitResult = await committer.commit({
      checks: [found.check, ...checks],
      mutations: [...scheduleMutations(found.value, schedule), ...mutations],
    });
    if (result.ok) return schedule;
    // Another write came first. If the caller's own check failed, `change` sees it on the next read.
  }
}

/** A change of a schedule, and further writes for the same commit. */
export interface ScheduleChange {
  readonly schedule: StoredSchedule;
  readonly checks?: readonly Deno.AtomicCheck[];
  readonly mutations?: readonly Deno.KvMutation[];
}

/** A change of a due time and its schedule. */
export interface FiringChange extends ScheduleChange {
  readonly firing: StoredFiring;
}

/** Changes a due time together with its schedule. `false`: it was left as is or no longer exists. */
export async function changeFiring(
  { kv, committer }: StoreContext,
  id: string,
  dueMs: number,
  change: (
    schedule: StoredSchedule,
    firing: StoredFiring,
  ) => Promise<FiringChange | null> | FiringChange | null,
): Promise<boolean> {
  for (;;) {
    const [found, firing] = await Promise.all([readSchedule(kv, id), readFiring(kv, id, dueMs)]);
    if (found === null || firing === null) return false;
    const changed = await change(found.value, firing.value);
    if (changed === null) return false;
    const { ok } = await committer.commit({
      checks: [found.check, firing.check],
      mutations: [
        ...scheduleMutations(found.value, changed.schedule),
        ...firingMutations(id, changed.firing),
        ...changed.mutations ?? [],
      ],
    });
    if (ok) return true;
  }
}

/** The part of a schedule that pages and exports may show. */
export function shownSchedule(
  { account: _, sealed_key: __, key_id: ___, client: ____, until_ms: _____, ...schedule }:
    StoredSchedule,
): Schedule {
  return schedule;
}

/** The part of a due time that pages and exports may show. */
export function shownFiring(
  { owner: _, until_ms: __, tries: ___, ...firing }: StoredFiring,
): Firing {
  return firing;
}
