/** Permanent removal: one sweep removes everything due, despite delays and failures. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { headKey } from "../../../lib/runs/log/head.ts";
import { joinHistory } from "../../../lib/runs/history/mod.ts";
import { readPurging } from "../../../lib/runs/history/counters.ts";
import { purgeDue } from "../../../lib/runs/life/purge.ts";
import { removeRun, UNDO_MS } from "../../../lib/runs/life/removal.ts";
import { createLog } from "../../../lib/base/log.ts";
import { line } from "../../history/store.ts";
import { withStore } from "../../history/search_store.ts";
import { ACCOUNT, newHead, Process } from "../log_tools.ts";
import { keysOf } from "../store_tools.ts";

/** A store with ended runs, each with a record, a batch of its trace and a result. */
async function withRuns(
  count: number,
  test: (process: Process, runIds: readonly string[]) => Promise<void>,
): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  const process = new Process(kv, "one");
  const runIds = Array.from({ length: count }, (_, index) => `trun_${index + 1}`);
  try {
    await Promise.all(runIds.map(async (runId, index) => {
      const created_ms = index + 1;
      const head = { ...newHead([ACCOUNT]), created_ms, ended: true, status: "completed" };
      await process.committer.commit({
        mutations: [
          { type: "set", key: headKey(runId), value: head },
          { type: "set", key: ["run", runId], value: {} },
          { type: "set", key: ["trace", runId, 1], value: new Uint8Array(100) },
          { type: "set", key: ["output", runId, 1, 0], value: new Uint8Array(100) },
          ...joinHistory(ACCOUNT, line({ created_ms }), { nowMs: 0 }).mutations,
        ],
      });
    }));
    await test(process, runIds);
  } finally {
    process.relay.drain();
    kv.close();
  }
}

const remove = ({ kv, committer, context }: Process, runId: string) =>
  removeRun({ kv, committer, now: context.now }, ACCOUNT, runId, { undoMs: UNDO_MS });

function purging(process: Process, onPurge: (runId: string) => Promise<void>) {
  const { kv, committer, context } = process;
  const lines: string[] = [];
  const log = createLog({ level: "error", format: "text", write: (line) => lines.push(line) });
  const purge = () =>
    purgeDue(
      { kv, committer, now: context.now, leaseMs: context.leaseMs, log, onPurge },
      { signal: new AbortController().signal },
    );
  return { purge, lines };
}

Deno.test("one sweep removes everything due and counts down the rest", () =>
  withRuns(400, async (process, runIds) => {
    await Promise.all(runIds.map((runId) => remove(process, runId)));
    assertStrictEquals(await readPurging(process.kv, ACCOUNT), 400);
    process.clock.now += UNDO_MS;
    const before = process.committer.commits;
    const seen: number[] = [];
    const { purge } = purging(process, async () => {
      seen.push(await readPurging(process.kv, ACCOUNT));
    });
    await purge();
    assert(seen.at(-1)! < seen[0]!, "while it lasts");
    assertStrictEquals(await readPurging(process.kv, ACCOUNT), 0);
    assertEquals(
      await keysOf(process.kv),
      runIds.map((id) => ["deleted", ACCOUNT, id]).toSorted((a, b) => a[2]! < b[2]! ? -1 : 1),
    );
    // Those of runs that are removed at once go together.
    const commits = process.committer.commits - before;
    assert(commits < 4 * runIds.length, `${commits} commits`);
  }));

Deno.test("a failed removal is logged, does not block others, and is retried by the next sweep", () =>
  withRuns(40, async (process, runIds) => {
    await Promise.all(runIds.map((runId) => remove(process, runId)));
    process.clock.now += UNDO_MS;
    let broken = true;
    const { purge, lines } = purging(process, (runId) => {
      if (broken && runId === "trun_7") return Promise.reject(new Error("no answer"));
      return Promise.resolve();
    });
    await purge();
    assertStrictEquals(await readPurging(process.kv, ACCOUNT), 1);
    assertStrictEquals(lines.length, 1);
    assertMatch(lines[0]!, /could not be removed.*trun_7/);
    broken = false;
    await purge();
    assertStrictEquals(await readPurging(process.kv, ACCOUNT), 0);
  }));

Deno.test("a failing store ends the sweep early instead of failing for every run", () =>
  withRuns(100, async (process, runIds) => {
    await Promise.all(runIds.map((runId) => remove(process, runId)));
    process.clock.now += UNDO_MS;
    const { purge, lines } = purging(process, () => Promise.reject(new Error("no answer")));
    assertMatch(String(await assertRejects(() => purge())), /no answer/);
    assert(lines.length < 50, `${lines.length} lines`);
  }));

Deno.test("search terms of a removed run are deleted even if the indexer never runs", () =>
  withStore(async (store) => {
    const { kv, committer } = store;
    const id = await store.add("unforgettable words");
    await store.finish(id, "a result");
    await store.index();
    assertEquals(await store.ids("unforgettable"), [id]);
    await removeRun({ kv, committer, now: () => 5000 }, "a", id, { undoMs: 0 });
    const log = createLog({ level: "error", format: "text", write: () => {} });
    await purgeDue(
      { kv, committer, now: () => 5000, leaseMs: 1, log, onPurge: () => Promise.resolve() },
      { signal: new AbortController().signal },
    );
    assertEquals(await keysOf(kv), [["deleted", "a", id]]);
  }));
