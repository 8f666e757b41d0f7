/** What a deletion removes, when, and what an interrupted one leaves. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { Committer } from "../../../lib/store/committer.ts";
import { type Head, headKey, readHead } from "../../../lib/runs/log/head.ts";
import { Budgets } from "../../../lib/runs/history/budget.ts";
import { readPurging } from "../../../lib/runs/history/counters.ts";
import { joinHistory, readHistory, readSummary } from "../../../lib/runs/history/mod.ts";
import { purgeDue } from "../../../lib/runs/life/purge.ts";
import { readRecord } from "../../../lib/runs/log/record.ts";
import { removeRun, restoreRun, UNDO_MS } from "../../../lib/runs/life/removal.ts";
import { LeaseLostError } from "../../../lib/runs/log/lease.ts";
import { ACCOUNT, completed, plan, Process, readAll, RUN, withTwo } from "../log_tools.ts";
import { dyingAt, keysOf, seedLargeRun, silentLog } from "../store_tools.ts";

const PLAN = "task_run.progress_msg.plan";
const undo = { undoMs: UNDO_MS };

async function withStore(test: (process: Process) => Promise<void>): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  const process = new Process(kv, "one");
  try {
    await test(process);
  } finally {
    process.relay.drain();
    kv.close();
  }
}

const purgeContext = ({ kv, committer, context }: Process) => ({
  kv,
  committer,
  now: context.now,
  leaseMs: context.leaseMs,
  log: silentLog,
  onPurge: () => Promise.resolve(),
});
const purge = (process: Process) =>
  purgeDue(purgeContext(process), { signal: new AbortController().signal });
const contextOf = ({ kv, committer, context }: Process) => ({ kv, committer, now: context.now });

/** Another account of the same organisation sees the run, too. */
async function join(process: Process, account: string): Promise<void> {
  const { head } = (await readHead(process.kv, RUN))!;
  const summary = (await readSummary(process.kv, ACCOUNT, head.created_ms, RUN))!;
  const next: Head = { ...head, members: [...head.members, account] };
  await process.committer.commit({
    mutations: [
      { type: "set", key: headKey(RUN), value: next },
      ...joinHistory(account, summary, { nowMs: 0 }).mutations,
    ],
  });
}

Deno.test("after the undo time only the tombstone of a deleted run is left", () =>
  withStore(async (process) => {
    await seedLargeRun(process.kv, process.context, ACCOUNT);
    const names = new Set((await keysOf(process.kv)).map((key) => key[0]));
    for (const name of ["run", "head", "trace", "part", "output", "member", "history"]) {
      assert(names.has(name), `the run has ${name}`);
    }
    await removeRun(contextOf(process), ACCOUNT, RUN, undo);
    process.clock.now += UNDO_MS - 1;
    assertStrictEquals(await purge(process), 0);
    assert((await keysOf(process.kv)).some((key) => key[0] === "output"), "an undo needs it");
    process.clock.now += 1;
    await purge(process);
    assertEquals(await keysOf(process.kv), [["deleted", ACCOUNT, RUN]]);
    assertStrictEquals(await restoreRun(contextOf(process), ACCOUNT, RUN, undo), "late");
  }));

Deno.test("an undo brings everything back: title, star, share link, figures and trace", () =>
  withStore(async (process) => {
    await seedLargeRun(process.kv, process.context, ACCOUNT);
    const memberKey = ["member", ACCOUNT, RUN];
    const member = (await process.kv.get<Record<string, unknown>>(memberKey)).value!;
    await process.kv.set(memberKey, { ...member, title: "Mine", starred: true, share_token: "t" });
    // Counters that are nought again, and what tells lists of the change, were not there before.
    const everything = async () =>
      (await Array.fromAsync(process.kv.list({ prefix: [] }))).filter(({ key, value }) =>
        !["change", "changes", "purging"].includes(String(key[0])) &&
        !(key[0] === "spend" && (value as Deno.KvU64).value === 0n)
      );
    const before = await everything();
    const events = await readAll(process);
    await removeRun(contextOf(process), ACCOUNT, RUN, undo);
    assertEquals((await readHistory(process.kv, ACCOUNT, {})).runs, []);
    assertStrictEquals(await restoreRun(contextOf(process), ACCOUNT, RUN, undo), "restored");
    const after = await everything();
    const plain = (entries: typeof before) =>
      entries.map(({ key, value }) =>
        key[0] === "head" ? [key, { ...value as Head, leaving: undefined }] : [key, value]
      );
    assertEquals(plain(after), plain(before).map(([key, value]) => [key, value]));
    assertEquals(await readAll(process), events);
    process.clock.now += 2 * UNDO_MS;
    assertStrictEquals(await purge(process), 0, "nothing waits to be removed");
  }));

Deno.test("a run deleted while active is still recorded, so undo restores it completely", () =>
  withStore(async (process) => {
    await seedLargeRun(process.kv, process.context, ACCOUNT, { ended: false });
    const writer = (await process.acquire())!;
    await removeRun(contextOf(process), ACCOUNT, RUN, undo);
    writer.append(PLAN, plan("while it was away"));
    await writer.end("task_run.state", completed({ content: "z" }), null);
    await writer.release();
    assertStrictEquals(await restoreRun(contextOf(process), ACCOUNT, RUN, undo), "restored");
    const [summary] = (await readHistory(process.kv, ACCOUNT, {})).runs;
    assertStrictEquals(summary!.status, "completed");
    assertStrictEquals(summary!.ended_ms, process.clock.now);
    assertStrictEquals((await readAll(process)).length, 4);
  }));

Deno.test("purging an active run stops its recorder first, then removes everything", () =>
  withStore(async (process) => {
    await seedLargeRun(process.kv, process.context, ACCOUNT, { ended: false });
    const writer = (await process.acquire())!;
    await removeRun(contextOf(process), ACCOUNT, RUN, undo);
    process.clock.now += UNDO_MS;
    await purge(process);
    assertStrictEquals((await process.kv.get(["active", RUN])).value, null);
    // The recorder's writes in flight may still arrive, without any effect.
    writer.append(PLAN, plan("x".repeat(200_000)));
    await assertRejects(() => writer.settled(), LeaseLostError);
    await writer.release();
    assert((await keysOf(process.kv)).length > 1);
    process.clock.now += 2 * process.context.leaseMs;
    await purge(process);
    assertEquals(await keysOf(process.kv), [["deleted", ACCOUNT, RUN]]);
  }));

/** What a run under way costs that is deleted, by what becomes of it. */
const DELETED: readonly [name: string, end: string | null, purged: boolean, usd: number][] = [
  ["is still under way", null, false, 0.005],
  ["is still under way when it is removed for good", null, true, 0.005],
  ["completes before it is removed for good", "completed", true, 0.005],
  ["fails before it is removed for good", "failed", true, 0],
];

for (const [name, end, purged, usd] of DELETED) {
  Deno.test(`a deleted run that ${name} takes $${usd} of the budget`, () =>
    withStore(async (process) => {
      await seedLargeRun(process.kv, process.context, ACCOUNT, { ended: false });
      const budgets = new Budgets(process.kv, process.committer, () => 5000);
      await budgets.set(ACCOUNT, 1);
      const taken = async () => {
        const { spent_usd, open_usd } = (await budgets.state(ACCOUNT))!;
        return spent_usd + open_usd;
      };
      assertStrictEquals(await taken(), 0.005);
      await removeRun(contextOf(process), ACCOUNT, RUN, undo);
      assertStrictEquals(await taken(), 0.005);
      const writer = (await process.acquire())!;
      if (end !== null) {
        const run = { run_id: RUN, status: end, is_active: false };
        await writer.end("task_run.state", JSON.stringify({ type: "task_run.state", run }), null);
      }
      await writer.release();
      assertStrictEquals(await taken(), 0.005, "until an undo is too late");
      if (!purged) {
        assertStrictEquals(await restoreRun(contextOf(process), ACCOUNT, RUN, undo), "restored");
        assertStrictEquals(await taken(), 0.005, "once");
        return;
      }
      for (let minute = 0; minute < 3; minute++) {
        process.clock.now += UNDO_MS;
        await purge(process);
        assertStrictEquals(await taken(), usd);
      }
      assertEquals(await keysOf(process.kv), [["budget", ACCOUNT], ["deleted", ACCOUNT, RUN]]);
    }));
}

Deno.test("a run under way that is removed without an undo is paid for in its month, not in every month", () =>
  withStore(async (process) => {
    await seedLargeRun(process.kv, process.context, ACCOUNT, { ended: false });
    const inYear = (year: number) => {
      const budgets = new Budgets(process.kv, process.committer, () => Date.UTC(year));
      return budgets.state(ACCOUNT);
    };
    await new Budgets(process.kv, process.committer, () => 0).set(ACCOUNT, 1);
    await removeRun(contextOf(process), ACCOUNT, RUN, { undoMs: 0, retired: true });
    for (let minute = 0; minute < 2; minute++) {
      await purge(process);
      process.clock.now += 2 * process.context.leaseMs;
    }
    const [first, later] = [await inYear(1970), await inYear(1971)];
    assertEquals([first?.spent_usd, first?.open_usd], [0.005, 0]);
    assertEquals([later?.spent_usd, later?.open_usd], [0, 0]);
  }));

Deno.test("what an overtaken import has left to be purged does not end the time for an undo", () =>
  withStore(async (process) => {
    await seedLargeRun(process.kv, process.context, ACCOUNT);
    await removeRun(contextOf(process), ACCOUNT, RUN, undo);
    process.clock.now += UNDO_MS / 2;
    await process.kv.set(["purge", process.clock.now, ACCOUNT, RUN], null);
    await purge(process);
    assertStrictEquals(await restoreRun(contextOf(process), ACCOUNT, RUN, undo), "restored");
    const left = (await keysOf(process.kv)).filter(([name]) => name === "purge");
    assertEquals(left, []);
  }));

Deno.test("a run that came back otherwise can be restored, and counts once", () =>
  withStore(async (process) => {
    await seedLargeRun(process.kv, process.context, ACCOUNT);
    const budgets = new Budgets(process.kv, process.committer, () => 5000);
    await budgets.set(ACCOUNT, 1);
    const spent = async () => (await budgets.state(ACCOUNT))!.spent_usd;
    const before = await spent();
    await join(process, "other");
    await removeRun(contextOf(process), ACCOUNT, RUN, undo);
    // As after a merge by an earlier version.
    const { head } = (await readHead(process.kv, RUN))!;
    const summary = (await readSummary(process.kv, "other", head.created_ms, RUN))!;
    await process.committer.commit({
      mutations: [
        {
          type: "set",
          key: headKey(RUN),
          value: { ...head, members: [...head.members, ACCOUNT] },
        },
        ...joinHistory(ACCOUNT, summary, { nowMs: 0 }).mutations,
      ],
    });
    assertStrictEquals(await restoreRun(contextOf(process), ACCOUNT, RUN, undo), "restored");
    assertStrictEquals(await spent(), before);
    assertStrictEquals(await readPurging(process.kv, ACCOUNT), 0);
    const left = (await keysOf(process.kv)).filter(([name]) =>
      ["deleted", "purge"].includes(String(name))
    );
    assertEquals(left, []);
    assertEquals((await readHead(process.kv, RUN))?.head.members, ["other", ACCOUNT]);
  }));

Deno.test("the number of deleted runs is counted down until the last is removed or restored", () =>
  withStore(async (process) => {
    await seedLargeRun(process.kv, process.context, ACCOUNT);
    const left = () => readPurging(process.kv, ACCOUNT);
    assertStrictEquals(await left(), 0);
    await removeRun(contextOf(process), ACCOUNT, RUN, undo);
    assertStrictEquals(await left(), 1);
    await restoreRun(contextOf(process), ACCOUNT, RUN, undo);
    assertStrictEquals(await left(), 0);
    await removeRun(contextOf(process), ACCOUNT, RUN, undo);
    process.clock.now += UNDO_MS;
    await purge(process);
    assertStrictEquals(await left(), 0);
    assertEquals(await keysOf(process.kv), [["deleted", ACCOUNT, RUN]]);
  }));

Deno.test("a run of two accounts stays complete for the one that keeps it", () =>
  withStore(async (process) => {
    await seedLargeRun(process.kv, process.context, ACCOUNT);
    await join(process, "other");
    const events = await readAll(process);
    await removeRun(contextOf(process), ACCOUNT, RUN, undo);
    process.clock.now += UNDO_MS;
    await purge(process);
    assertEquals(await readAll(process), events);
    assertStrictEquals((await readHistory(process.kv, "other", {})).runs.length, 1);
    assertEquals(
      (await keysOf(process.kv)).filter((key) => key.includes(ACCOUNT)),
      [["deleted", ACCOUNT, RUN]],
    );
  }));

Deno.test("a run that two accounts deleted stays until neither can undo it", () =>
  withStore(async (process) => {
    await seedLargeRun(process.kv, process.context, ACCOUNT);
    await join(process, "other");
    await removeRun(contextOf(process), ACCOUNT, RUN, undo);
    process.clock.now += UNDO_MS / 2;
    await removeRun(contextOf(process), "other", RUN, undo);
    process.clock.now += UNDO_MS / 2;
    await purge(process);
    assertStrictEquals(await restoreRun(contextOf(process), ACCOUNT, RUN, undo), "late");
    assertStrictEquals(await restoreRun(contextOf(process), "other", RUN, undo), "restored");
    assertStrictEquals((await readAll(process)).length, 3);
    await removeRun(contextOf(process), "other", RUN, undo);
    process.clock.now += UNDO_MS;
    await purge(process);
    assertEquals(await keysOf(process.kv), [["deleted", ACCOUNT, RUN], [
      "deleted",
      "other",
      RUN,
    ]]);
  }));

Deno.test("only members can delete or restore a run", () =>
  withStore(async (process) => {
    await seedLargeRun(process.kv, process.context, ACCOUNT);
    const before = await keysOf(process.kv);
    assertStrictEquals(await removeRun(contextOf(process), "other", RUN, undo), null);
    assertStrictEquals(await restoreRun(contextOf(process), "other", RUN, undo), "unknown");
    // The answer to an undo may have been lost: its repeat finds the run in its place.
    assertStrictEquals(await restoreRun(contextOf(process), ACCOUNT, RUN, undo), "restored");
    assertEquals(await keysOf(process.kv), before);
  }));

Deno.test("a crash between any two writes of a purge leaves a readable store, and the next sweep finishes", async () => {
  for (let at = 1;; at++) {
    let died = true;
    await withStore(async (process) => {
      await seedLargeRun(process.kv, process.context, ACCOUNT);
      await removeRun(contextOf(process), ACCOUNT, RUN, undo);
      process.clock.now += UNDO_MS;
      const dying = dyingAt(process.kv, at);
      const context = {
        ...purgeContext(process),
        kv: dying.kv,
        committer: new Committer(dying.kv),
      };
      await purgeDue(context, { signal: new AbortController().signal }).catch(() => {});
      died = dying.died();
      // It is hidden, and requests for it succeed without damage.
      assertEquals((await readHistory(process.kv, ACCOUNT, {})).runs, []);
      assertStrictEquals((await process.kv.get(["member", ACCOUNT, RUN])).value, null);
      const found = await readHead(process.kv, RUN);
      if (found !== null && !found.head.gone) {
        assert(await readRecord(process.kv, RUN));
        assertStrictEquals((await readAll(process)).length, 3);
      }
      await purge(process);
      assertEquals(await keysOf(process.kv), [["deleted", ACCOUNT, RUN]]);
    });
    if (!died) {
      assert(at > 5, `a purge takes ${at - 1} commits`);
      return;
    }
  }
});

Deno.test("two processes can purge one store concurrently", () =>
  withTwo(async (one, two) => {
    await one.kv.delete(["member", ACCOUNT, RUN]);
    for await (const { key } of one.kv.list({ prefix: [] })) await one.kv.delete(key);
    await seedLargeRun(one.kv, one.context, ACCOUNT);
    await removeRun(contextOf(one), ACCOUNT, RUN, undo);
    one.clock.now += UNDO_MS;
    two.clock.now = one.clock.now;
    await Promise.all([purge(one), purge(two)]);
    await purge(one);
    assertEquals(await keysOf(one.kv), [["deleted", ACCOUNT, RUN]]);
  }));

Deno.test("deleting a run ends that account's streams at once, and no others", () =>
  withStore(async (process) => {
    await seedLargeRun(process.kv, process.context, ACCOUNT, { ended: false });
    await join(process, "other");
    const writer = (await process.acquire())!;
    const open = async (account: string) => {
      const answer = await process.relay.open(RUN, 2, { audience: { account, share: null } });
      assert(answer.status === "open");
      return answer.body.getReader();
    };
    const [gone, kept] = [await open(ACCOUNT), await open("other")];
    const left = (await removeRun(contextOf(process), ACCOUNT, RUN, undo))!;
    process.relay.keepMembers(RUN, left.members);
    assertStrictEquals((await gone.read()).done, true);
    writer.append(PLAN, plan("for the other"));
    await writer.settled();
    assertMatch(new TextDecoder().decode((await kept.read()).value), /for the other/);
    await kept.cancel();
    await writer.release();
  }));

Deno.test("viewers on another process are disconnected too, whichever process records", () =>
  withTwo(async (one, two) => {
    const writer = (await one.acquire())!;
    const open = async (process: Process) => {
      const answer = await process.relay.open(RUN, 0, {
        audience: { account: ACCOUNT, share: null },
      });
      assert(answer.status === "open");
      return answer.body.getReader();
    };
    const [here, there] = [await open(one), await open(two)];
    // A third process deletes it: the other two get no event.
    await removeRun(contextOf(one), ACCOUNT, RUN, undo);
    assertStrictEquals((await there.read()).done, true, "its follower of the head sees it");
    one.clock.now += 9_000;
    await writer.renew();
    assertStrictEquals(
      (await here.read()).done,
      true,
      "its recorder sees it when it renews the lease",
    );
    await writer.release();
  }));
