/** Runs of many accounts: an organisation may have more members than one commit can update. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Committer } from "../../../lib/store/committer.ts";
import { type Head, headKey, readHead } from "../../../lib/runs/log/head.ts";
import { joinHistory, NO_FILTER, readHistory, readSummary } from "../../../lib/runs/history/mod.ts";
import { readCounters } from "../../../lib/runs/history/figures.ts";
import { removeRun } from "../../../lib/runs/life/removal.ts";
import { catchUpEnded } from "../../../lib/runs/log/summaries.ts";
import { LogWriter } from "../../../lib/runs/log/writer.ts";
import { ACCOUNT, completed, plan, Process, RUN, seedRun } from "../log_tools.ts";
import { dyingAt, silentLog } from "../store_tools.ts";

async function withMembers(
  count: number,
  test: (process: Process, members: readonly string[]) => Promise<void>,
): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  const process = new Process(kv, "one");
  try {
    await seedRun(kv);
    const members = [ACCOUNT];
    while (members.length < count) members.push(await join(process));
    await test(process, members);
  } finally {
    process.relay.drain();
    kv.close();
  }
}

/** One more account of the same organisation opens the run. */
async function join(process: Process): Promise<string> {
  const account = crypto.randomUUID();
  const { head } = (await readHead(process.kv, RUN))!;
  const summary = (await readSummary(process.kv, head.members[0]!, head.created_ms, RUN))!;
  const next: Head = { ...head, members: [...head.members, account] };
  await process.committer.commit({
    mutations: [
      { type: "set", key: headKey(RUN), value: next },
      ...joinHistory(account, summary, { nowMs: 0 }).mutations,
    ],
  });
  return account;
}

const stats = (considered: number) =>
  JSON.stringify({
    type: "task_run.progress_stats",
    source_stats: { num_sources_considered: considered, num_sources_read: 1 },
    progress_meter: 50,
  });

/** The run in an account's list, filters and figures. */
async function shownRun(kv: Deno.Kv, account: string) {
  const [all, done, counters] = await Promise.all([
    readHistory(kv, account, {}),
    readHistory(kv, account, { filter: { ...NO_FILTER, status: "completed" } }),
    readCounters(kv, account, 0, Date.now()),
  ]);
  return {
    status: all.runs[0]?.status,
    listed: all.runs.length,
    completed: done.runs.length,
    counted: Object.fromEntries(counters.map(({ name, value }) => [name, value])),
  };
}

const DONE = {
  status: "completed",
  listed: 1,
  completed: 1,
  counted: { listed: 1, runs: 1, completed: 1, simulated: 5000, timed: 1, ms: 999_000 },
};

const catchUpAll = ({ kv, committer, context }: Process) =>
  catchUpEnded({ kv, committer, now: context.now, log: silentLog });
const marks = (kv: Deno.Kv) => Array.fromAsync(kv.list({ prefix: ["lagging"] }));

for (const count of [1, 20, 21, 60, 140, 500]) {
  Deno.test(`a run shared by ${count} accounts is recorded to its end and appears in all their lists`, () =>
    withMembers(count, async (process, members) => {
      const writer = (await process.acquire())!;
      writer.append("task_run.progress_stats", stats(7));
      await writer.settled();
      for (const account of members) {
        const line = await readSummary(process.kv, account, 1000, RUN);
        assertStrictEquals(line?.sources_considered, 7);
      }
      await writer.end("task_run.state", completed({ content: "z" }), null);
      await writer.release();
      assertStrictEquals((await readHead(process.kv, RUN))?.head.ended, true);
      for (const account of members) assertEquals(await shownRun(process.kv, account), DONE);
      assertEquals(await marks(process.kv), []);
    }));
}

Deno.test("accounts added or removed while lines are written are counted correctly", () =>
  withMembers(70, async (process, members) => {
    const [first, last] = [members[1]!, members.at(-1)!];
    let more: string[] = [];
    let commits = 0;
    const meddled = {
      commit: async (write: Parameters<Committer["commit"]>[0]) => {
        // Between the reading of a line and the commit that changes it.
        if (++commits === 3) {
          const context = { ...process.context, now: () => 5000 };
          await removeRun(context, first, RUN, { undoMs: 1000 });
          await removeRun(context, last, RUN, { undoMs: 1000 });
          more = [await join(process)];
        }
        return await process.committer.commit(write);
      },
    } as Committer;
    const context = { ...process.context, committer: meddled };
    const writer = (await LogWriter.acquire(context, RUN, () => {}))!;
    await writer.end("task_run.state", completed({ content: "z" }), null);
    assert(commits > 4, `${commits} commits`);
    for (const account of [...members, ...more]) {
      if (account === first || account === last) {
        assertStrictEquals((await shownRun(process.kv, account)).listed, 0);
      } else assertEquals(await shownRun(process.kv, account), DONE, account);
    }
  }));

Deno.test("after a crash at any point at the end of a run, the next process updates every list", async () => {
  for (let at = 2, died = true; died; at++) {
    await withMembers(70, async (process, members) => {
      const dying = dyingAt(process.kv, at);
      const committer = new Committer(dying.kv);
      const context = { ...process.context, kv: dying.kv, committer };
      const writer = (await LogWriter.acquire(context, RUN, () => {}))!;
      writer.append("task_run.progress_msg.plan", plan("a"));
      await writer.end("task_run.state", completed({ content: "z" }), null).catch(() => {});
      died = dying.died();
      const next = await process.acquire();
      if (next !== null) {
        await next.end("task_run.state", completed({ content: "z" }), null);
        await next.release();
      }
      // Two processes at once.
      await Promise.all([catchUpAll(process), catchUpAll(process)]);
      for (const account of members) {
        assertEquals(await shownRun(process.kv, account), DONE, `a death at commit ${at}`);
      }
      assertEquals(await marks(process.kv), []);
    });
  }
});
