/** Schedules on a store in memory or on a file, with a clock, an API and processes that tests control. */
import { fail } from "@std/assert";
import type { ApiFailure, TaskRunOutput } from "../../lib/parallel/mod.ts";
import { emptyView, type RunPage } from "../../lib/runs/model/mod.ts";
import type { CreateOutcome } from "../../lib/runs/mod.ts";
import {
  type Firing,
  type Schedule,
  type ScheduleNotice,
  Schedules,
  type SchedulesContext,
  type ScheduleSettings,
} from "../../lib/schedules/mod.ts";
import { Committer } from "../../lib/store/mod.ts";

export const OWNER = { id: "account-1", sealedKey: "sealed:key-1" };
export const ORIGIN = "trun_origin";
/** 2026-11-28 is a Saturday. */
export const NOW = Date.parse("2026-11-28T22:00:00Z");
export const HOURLY: ScheduleSettings = {
  name: "Hourly",
  every: "hour",
  cron: "0 * * * *",
  zone: "UTC",
  cap_usd: 10,
  only_changes: false,
};

/** What the API says to a create: an id, or a failure. */
export type Answer = { readonly id: string } | { readonly failure: Partial<ApiFailure> };

export class ScheduleWorld {
  now = NOW;
  /** Ids of runs, in the order of their creates. */
  readonly created: string[] = [];
  readonly told: ScheduleNotice[] = [];
  /** Processes that have ended. */
  readonly gone = new Set<string>();
  /** Keys and their accounts. */
  readonly accounts = new Map([["key-1", OWNER.id]]);
  readonly pages = new Map<string, RunPage>();
  overBudget = false;
  /** Called for each create that is sent. */
  answer: (count: number) => Answer | Promise<Answer> = (count) => ({ id: `trun_${count}` });
  /** Called between the claim and the request. */
  beforeSending: () => void | Promise<void> = () => {};
  /** Called when the answer arrived and nothing of it is stored. */
  afterSending: () => void | Promise<void> = () => {};
  readonly kv: Deno.Kv;

  constructor(kv: Deno.Kv) {
    this.kv = kv;
    this.pages.set(ORIGIN, pageOf(ORIGIN, "completed", { ceo: "A", founded: 1999 }));
  }

  /** A process that runs schedules. */
  process(owner = "process-1", more: Partial<SchedulesContext> = {}): Schedules {
    const context: SchedulesContext = {
      kv: this.kv,
      committer: new Committer(this.kv),
      now: () => this.now,
      log: () => {},
      owner,
      isGone: (other) => this.gone.has(other),
      openKey: (sealed) => Promise.resolve(sealed.replace("sealed:", "")),
      accountOf: (key) => Promise.resolve(this.accounts.get(key) ?? null),
      hasAccount: () => Promise.resolve(true),
      isOverBudget: () => Promise.resolve(this.overBudget),
      notify: (_, notice) => {
        this.told.push(notice);
        return [];
      },
      runs: {
        request: (_, id) => {
          const page = this.pages.get(id);
          if (page === undefined) return Promise.resolve(null);
          const { run, title, ended, view } = page;
          return Promise.resolve({ run, title, ended, status: view.status, last_id: 1 });
        },
        page: (_, id) => Promise.resolve(this.pages.get(id) ?? null),
        rerun: (_, id, options) => this.#rerun(id, options.sending),
      },
      batches: {
        page: () => Promise.resolve(null),
        repeat: () => Promise.resolve(null),
      },
      ...more,
    };
    return new Schedules(context);
  }

  async #rerun(id: string, sending?: () => Promise<boolean>): Promise<CreateOutcome | null> {
    if (!this.pages.has(id)) return null;
    await this.beforeSending();
    if (sending !== undefined && !await sending()) return failed({ kind: "limited", status: null });
    const answer = await this.answer(this.created.length + 1);
    await this.afterSending();
    if ("failure" in answer) return failed(answer.failure);
    this.created.push(answer.id);
    this.pages.set(answer.id, pageOf(answer.id, "queued", null));
    return { ok: true, runId: answer.id, repeated: false };
  }

  /** Ends a run. */
  end(id: string, content: Record<string, unknown> | null, status = "completed"): void {
    this.pages.set(id, pageOf(id, status, content));
  }
}

/** Creates a schedule and returns it. */
export async function scheduled(
  schedules: Schedules,
  settings: Partial<ScheduleSettings> = {},
): Promise<Schedule> {
  const target = { kind: "task", id: ORIGIN } as const;
  const id = crypto.randomUUID();
  const outcome = await schedules.create(OWNER, id, target, { ...HOURLY, ...settings });
  return outcome.ok ? outcome.schedule : fail(outcome.problem);
}

/** Scans, and waits until everything that it began is stored. */
export async function tick(schedules: Schedules): Promise<void> {
  await schedules.scan();
  await schedules.settled();
}

/** State and run of each due time, the oldest first. */
export async function timesOf(schedules: Schedules, { id }: Schedule): Promise<string[]> {
  const firings = await schedules.firings(id, 100);
  return firings.reverse().map(brief);
}

function brief({ due_ms, state, run_id }: Firing): string {
  const due = new Date(due_ms).toISOString().slice(11, 16);
  return [due, state, ...run_id === null ? [] : [run_id]].join(" ");
}

function failed(failure: Partial<ApiFailure>): CreateOutcome {
  const base: ApiFailure = {
    kind: "refused",
    status: 500,
    refId: null,
    message: "The API said no",
    detail: null,
  };
  return { ok: false, failure: { ...base, ...failure } };
}

function pageOf(
  id: string,
  status: string,
  content: Record<string, unknown> | null,
): RunPage {
  const ended = !["queued", "running"].includes(status);
  const output: TaskRunOutput | null = content === null
    ? null
    : { type: "json", content, basis: [] };
  return {
    run: {
      run_id: id,
      interaction_id: id,
      input: { input: "Who leads it?", processor: "base" },
      processor: "base",
      price_usd: 0.01,
      source: "form",
      rerun_of: null,
      follows: null,
      group_id: null,
      created_ms: NOW,
      simulated: false,
    },
    title: "Who leads it?",
    view: { ...emptyView(), status },
    events: [],
    output,
    output_text: null,
    ended,
    ended_ms: ended ? NOW : null,
  };
}

/** Runs a test in a world of its own. */
export async function withWorld(test: (world: ScheduleWorld) => Promise<void>): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  try {
    await test(new ScheduleWorld(kv));
  } finally {
    kv.close();
  }
}
