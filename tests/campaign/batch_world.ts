/**
 * A simulated world for one batch, in virtual time: the API, one or two processes on one store, a user who
 * resumes the batch whenever it pauses, and faults between all of them.
 */
import type { BatchPage } from "../../lib/batches/mod.ts";
import { Batches } from "../../lib/batches/mod.ts";
import { TABLE_LIMITS } from "../../lib/batches/model/mod.ts";
import { createLog } from "../../lib/base/log.ts";
import { TaskClient } from "../../lib/parallel/mod.ts";
import { StreamSlots } from "../../lib/limits/mod.ts";
import type { RunPage } from "../../lib/runs/model/mod.ts";
import { emptyView } from "../../lib/runs/model/mod.ts";
import { LeaseGrace } from "../../lib/runs/mod.ts";
import { Committer, GuardedKv, patient } from "../../lib/store/mod.ts";
import { Connection } from "../../lib/store/connection.ts";
import { batchOf, companies } from "../batches/batch_tools.ts";
import { newHead } from "../runs/log_tools.ts";
import { judge, judgeAdopted } from "./batch_judge.ts";
import { BatchUser } from "./batch_user.ts";
import { BatchProgram } from "./batch_program.ts";
import { BatchUpstream } from "./batch_upstream.ts";
import { Chaos } from "./chaos.ts";
import { DigestWatch } from "./digests.ts";
import { FarNetwork } from "./far_kv.ts";
import { KvHandle, MemoryStore } from "./memory_kv.ts";
import { Random } from "./random.ts";
import { VirtualTime } from "./virtual_time.ts";

const ACCOUNT = "acct_1";
const OWNER = { id: ACCOUNT, sealedKey: "sealed" };
/** The duration of a run, and the interval at which ended runs are stored (ms). */
const RUN_MS = 8_000, RECORD_MS = 1_500;
const MAX_STEPS = 150_000;
const GRACE_MS = 5_000;

/** One process. */
class Process {
  readonly batches: Batches;
  readonly #handle: KvHandle;
  readonly #dead: Set<string>;
  readonly name: string;
  alive = true;

  constructor(
    name: string,
    { store, time, random, upstream, dead, faults, far }: {
      readonly store: MemoryStore;
      readonly time: VirtualTime;
      readonly random: Random;
      readonly upstream: BatchUpstream;
      readonly dead: Set<string>;
      readonly faults: { left: number };
      /** The network to a distant store; `null`: a file on the only host of this world. */
      readonly far: FarNetwork | null;
    },
  ) {
    this.name = name;
    this.#dead = dead;
    const handle = new KvHandle({
      store,
      time,
      random: random.fork(),
      fault: (operation) => {
        if (far !== null || faults.left === 0 || !random.chance(0.004)) return null;
        faults.left--;
        upstream.count(`store: ${operation}`);
        return operation === "read" ? "failed" : random.pick(["failed", "failed after commit"]);
      },
    });
    this.#handle = handle;
    const timers = {
      setTimeout: (run: () => void, ms: number) => time.setTimeout(() => this.alive && run(), ms),
      clearTimeout: time.clearTimeout,
    };
    const kv = far === null ? handle.kv : new GuardedKv(
      new Connection(far.client(handle, timers), {
        open: () => far.open(handle, timers),
        now: time.now,
        timers,
      }),
    );
    const wait = (ms: number) =>
      new Promise<void>((resolve) => void timers.setTimeout(resolve, ms));
    const fetch = upstream.fetchFor(() => !this.alive);
    this.batches = new Batches({
      kv: patient(kv),
      committer: new Committer(kv, { wait, random: random.next, timers }).patient,
      now: time.now,
      timers,
      owner: name,
      leaseMs: 10_000,
      // Another host can see the lease of a process only.
      isGone: (owner) => far === null && dead.has(owner),
      ...far !== null && { grace: new LeaseGrace(GRACE_MS) },
      log: createLog({ level: "error", format: "text", write: () => {} }),
      keyring: { seal: (text) => Promise.resolve(text) },
      heartbeatMs: 15_000,
      pollMs: 1_000,
      slots: new StreamSlots(10),
      openKey: (sealed) => Promise.resolve(sealed),
      clientFor: (apiKey) => ({
        client: new TaskClient({ baseUrl: "http://api.test", apiKey, fetch }),
        simulated: false,
      }),
      adding: () =>
        Promise.resolve({
          accepted: () => Promise.resolve(),
          refused: () => Promise.resolve(),
          lost: () => Promise.resolve(),
        }),
      enter: () => Promise.resolve({ ok: true, done: () => {} }),
      isOverBudget: () => Promise.resolve(false),
      isKeyOf: () => Promise.resolve(true),
      runPage: (_, runId) => Promise.resolve(runPage(upstream, runId)),
      runResult: (_, runId) => Promise.resolve(runPage(upstream, runId)),
      removeRun: () => Promise.resolve(true),
      restoreRun: () => Promise.resolve("restored"),
      limits: TABLE_LIMITS,
      mayAdopt: () => Promise.resolve(true),
      keptMs: () => null,
      feed: () => {},
      keepRun: () => Promise.resolve(true),
      requestOf: () => Promise.resolve(null),
      chunkRows: 5,
    });
  }

  kill(): void {
    this.alive = false;
    this.#handle.die();
    this.#dead.add(this.name);
  }
}

/** A run that ended. */
function runPage(upstream: BatchUpstream, runId: string): RunPage {
  const { input: { processor }, endsAs } = upstream.runOf(runId);
  const run = {
    run_id: runId,
    interaction_id: "i",
    input: { input: "", processor },
    processor,
    price_usd: 0.005,
    source: "api",
    rerun_of: null,
    follows: null,
    group_id: null,
    created_ms: 0,
    simulated: false,
  } as const;
  const view = { ...emptyView(), status: endsAs, isActive: false };
  return { run, title: "", view, events: [], output: null, ended: true, ended_ms: 0 };
}

/** Stores which runs have ended, like a recorder. */
function recordRuns(store: MemoryStore, time: VirtualTime, upstream: BatchUpstream): void {
  for (const rows of upstream.groups.values()) {
    for (const { run, sinceMs, endsAs } of rows) {
      const key = ["head", String(run.run_id)];
      if (store.get(key) !== undefined && sinceMs + RUN_MS > time.now()) continue;
      const ended = sinceMs + RUN_MS <= time.now();
      const value = { ...newHead([ACCOUNT]), ended, status: ended ? endsAs : "running" };
      store.commit([], [{ type: "set", key, value }]);
    }
  }
}

/**
 * Plays one seed. Returns the count of each fault. Throws if a row does not have exactly one run for each
 * attempt. With `goesOn`, runs fail, and a user runs rows again and adds rows and columns. With `adopts`, a
 * program creates the group elsewhere, and adds runs while the batch is watched.
 */
export async function playBatch(
  seed: number,
  mostFaults: number,
  { isFar = false, goesOn = false, adopts = false }: {
    readonly isFar?: boolean;
    readonly goesOn?: boolean;
    readonly adopts?: boolean;
  } = {},
): Promise<ReadonlyMap<string, number>> {
  using digests = new DigestWatch();
  const random = new Random(seed);
  const time = new VirtualTime(() => digests.done());
  const store = new MemoryStore();
  const upstream = new BatchUpstream(
    random.fork(),
    time,
    mostFaults,
    goesOn ? new Random(-seed) : null,
  );
  const chaos = isFar ? new Chaos(random.fork(), 6) : null;
  const far = chaos === null ? null : new FarNetwork(time, chaos, random.fork());
  const world = { store, time, upstream, dead: new Set<string>(), faults: { left: 3 }, far };
  let started = 0;
  const start = () => new Process(`p${++started}`, { ...world, random: random.fork() });
  const processes = Array.from({ length: random.pick([1, 2]) }, start);
  const rows = random.between(1, 40);
  const batch = await batchOf(companies(rows));
  const user = goesOn ? new BatchUser(random.fork(), rows) : null;
  let batchId: string | null = null;
  let page: BatchPage | null = null;
  let deaths = random.pick([0, 1, 3]);
  const program = adopts ? new BatchProgram(upstream, random.fork(), time) : null;

  const live = async () => {
    for (let turn = 0;; turn++) {
      await new Promise<void>((resolve) => void time.setTimeout(resolve, RECORD_MS));
      recordRuns(store, time, upstream);
      const process = random.pick(processes);
      if (deaths > 0 && batchId !== null && random.chance(0.15)) {
        deaths--;
        upstream.count("process killed");
        process.kill();
        processes.splice(processes.indexOf(process), 1, start());
        // The others find its lock free; the new one looks when it starts.
        for (const each of processes) void each.batches.pickUp().catch(() => {});
        continue;
      }
      try {
        if (program !== null && batchId === null) {
          void process.batches.adopt(OWNER, program.groupId).catch(() => {});
          if (store.get(["batch", program.groupId]) !== undefined) batchId = program.groupId;
          continue;
        }
        if (batchId === null) {
          const made = await process.batches.create(OWNER, batch);
          if (made.ok) batchId = made.batchId;
          continue;
        }
        const isIdle = user === null ||
          user.isIdle(processes) && store.list(["batch-command", batchId]).length === 0;
        page = await process.batches.page(ACCOUNT, batchId);
        if (program !== null && random.chance(0.1)) process.batches.lookAgain(ACCOUNT, batchId);
        const hasAll = program === null || program.isDone(page?.rows.length);
        if (page?.view.state === "done" && isIdle && user?.hasPlans !== true && hasAll) return;
        if (page !== null && user?.wantsMore(page.view.state)) {
          upstream.count(user.ask(process, OWNER, page));
        }
        if (page?.view.state === "paused" && random.chance(0.3)) {
          void process.batches.command(OWNER, batchId, { type: "start", rows: null })
            .catch(() => {});
        } else if (random.chance(0.02) && page?.view.state === "running") {
          void process.batches.command(OWNER, batchId, { type: "pause" }).catch(() => {});
        }
        // Like the cron job of each minute.
        if (turn % 40 === 0) await process.batches.pickUp();
      } catch {
        // The store failed: the user tries again.
      }
    }
  };
  await time.until(live(), MAX_STEPS);
  if (program !== null) judgeAdopted(page!, upstream);
  else judge(page!, upstream, user ?? { leastRows: rows, mostRows: rows });
  for (const process of processes) process.kill();
  return new Map([...upstream.faults, ...chaos?.counts ?? []]);
}
