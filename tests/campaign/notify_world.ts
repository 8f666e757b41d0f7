/**
 * Processes record runs, notify of their ends, and are killed around them. Each end is notified at least
 * once, and again with the same ID only if a process died before it stored the target's response.
 */
import { assert, assertEquals } from "@std/assert";
import { pause } from "../../lib/base/timers.ts";
import { headKey } from "../../lib/runs/log/head.ts";
import { LeaseLostError } from "../../lib/runs/log/lease.ts";
import { LogWriter } from "../../lib/runs/log/writer.ts";
import { ACCOUNT, BROKEN, noticeOf, OK, World, type WorldProcess } from "../notify/world.ts";
import { newHead, plan } from "../runs/log_tools.ts";
import { Random } from "./random.ts";

const RUNS = 8, PROCESSES = 2;
const TARGETS = ["steady", "flaky"];
const HOUR = 3_600_000;

/** The outcome of a seed. */
export interface EndsReport {
  readonly kills: number;
  readonly sent: number;
  /** Requests beyond the first that a target accepted. */
  readonly repeats: number;
}

/** Plays a seed with this many kills. Throws if an end was not notified, or too often. */
export async function playEnds(seed: number, kills: number): Promise<EndsReport> {
  const random = new Random(seed);
  const world = new World(seed);
  for (const target of TARGETS) world.addTarget(target);
  world.takesMs = () => random.between(1, 4_000);
  world.answer = ({ url }) => url.includes("flaky") && random.chance(0.3) ? BROKEN : OK;
  const runs = Array.from({ length: RUNS }, (_, n) => `trun_${n}`);
  world.store.commit(
    [],
    runs.map((id) => ({ type: "set", key: headKey(id), value: newHead([ACCOUNT]) })),
  );
  const start = () => {
    const process = world.start();
    process.notifications.pickUp();
    for (const runId of runs) void record(world, process, runId, random.fork());
  };
  for (let n = 0; n < PROCESSES; n++) start();
  for (let n = 0; n < kills; n++) {
    await world.time.pass(random.between(1, 3_000));
    random.pick([...world.processes]).kill();
    await world.time.pass(random.between(1, 1_000));
    start();
  }
  await world.time.pass(6 * HOUR);
  const repeats = judge(world, runs);
  await Promise.all([...world.processes].map(({ notifications }) => notifications.drain()));
  return { kills, sent: world.sent.length, repeats };
}

/** Records a run to its end, or until its process dies. Leaves other processes' runs alone. */
async function record(
  world: World,
  process: WorldProcess,
  runId: string,
  random: Random,
): Promise<void> {
  const { kv, committer, notifications, timers } = process;
  const never = new AbortController().signal;
  const context = {
    kv,
    committer,
    now: world.time.now,
    owner: process.name,
    isGone: (owner: string) => world.dead.has(owner),
    leaseMs: 10_000,
    onDurable: () => {},
    onStatus: async (
      { runId, head, view }: { runId: string; head: { last_id: number }; view: { status: string } },
    ) => {
      if (view.status !== "failed") return { mutations: [] };
      const notice = {
        ...noticeOf(`${runId}.${head.last_id}`),
        type: "run.failed",
        subject: runId,
      } as const;
      return await notifications.notifyEnd(ACCOUNT, "run", notice, () => Promise.resolve(true));
    },
  };
  for (;;) {
    await pause(random.between(1, 2_000), never, timers);
    if ((await kv.get<{ ended: boolean }>(headKey(runId))).value?.ended) return;
    const writer = await LogWriter.acquire(context, runId, () => {});
    if (writer === null) continue;
    try {
      for (let n = random.between(0, 2); n > 0; n--) {
        writer.append("task_run.progress_msg.plan", plan(`${n}`));
        await pause(random.between(1, 500), never, timers);
      }
      const run = { run_id: runId, status: "failed", is_active: false };
      const data = JSON.stringify({ type: "task_run.state", run, output: null });
      return await writer.end("task_run.state", data, null);
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
    }
  }
}

/** Returns the number of repeated notifications that a target accepted. */
function judge(world: World, runs: readonly string[]): number {
  let repeats = 0;
  for (const target of TARGETS) {
    const arrived = Map.groupBy(
      world.sent.filter(({ url }) => url.includes(target)),
      ({ id }) => id,
    );
    const delivered = [...arrived.keys()].map((id) => id.split(".")[0]);
    assertEquals(delivered.sort(), [...runs], `${target}: each end has one id`);
    for (const [id, requests] of arrived) {
      const refused = requests.filter((sent) => world.refused.has(sent)).length;
      const unstored = world.unstored.get(`${id} ${target}`) ?? 0;
      const accepted = requests.length - refused;
      assert(accepted >= 1, `${id} did not arrive at ${target}`);
      assert(accepted - 1 <= unstored, `${id} arrived ${accepted} times, ${unstored} died`);
      repeats += accepted - 1;
    }
  }
  assertEquals(world.left, 0);
  return repeats;
}
