import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import {
  type Count,
  countListed,
  countsOf,
  goneCountsOf,
  keptCountsOf,
  readPurging,
} from "../../lib/runs/history/counters.ts";
import { MIGRATIONS } from "../../lib/runs/life/migrate.ts";
import { historyKey } from "../../lib/runs/history/keys.ts";
import { openKv, SCHEMA_VERSION } from "../../lib/store/open.ts";
import { NO_FILTER, readHistory } from "../../lib/runs/history/mod.ts";
import type { RunSummary } from "../../lib/runs/model/model.ts";
import type { Tombstone } from "../../lib/runs/life/removal.ts";
import { line, TestHistory, withHistory } from "./store.ts";

const DAY = 86_400_000;

const named = (counts: readonly Count[]) =>
  Object.fromEntries(counts.map(({ name, day_ms, amount }) => [`${name}@${day_ms / DAY}`, amount]));

const COUNTED: readonly [name: string, run: Partial<RunSummary>, counts: Record<string, number>][] =
  [
    ["a run under way", { status: "running", created_ms: DAY }, { "runs@1": 1, "open@0": 5000 }],
    [
      "a completed run on the day it was created",
      { created_ms: DAY - 5, ended_ms: DAY + 5 },
      { "runs@0": 1, "completed@0": 1, "spent@0": 5000, "timed@0": 1, "ms@0": 10 },
    ],
    [
      "a failed run on the day it was created",
      { status: "failed", created_ms: DAY - 5, ended_ms: 3 * DAY },
      { "runs@0": 1, "failed@0": 1 },
    ],
    ["a failed run, which costs nothing", { status: "failed" }, { "runs@0": 1, "failed@0": 1 }],
    ["a cancelled run", { status: "cancelled" }, { "runs@0": 1, "other@0": 1 }],
    [
      "a run whose price nobody knows",
      { price_usd: null },
      { "runs@0": 1, "completed@0": 1, "unpriced@0": 1 },
    ],
    [
      "a simulated run apart",
      { simulated: true },
      { "runs@0": 1, "completed@0": 1, "simulated@0": 5000 },
    ],
    ["a simulated run under way", { simulated: true, status: "queued" }, { "runs@0": 1 }],
  ];

for (const [name, run, counts] of COUNTED) {
  Deno.test(`${name} is counted`, () =>
    assertEquals(named(countsOf(line(run))), { "listed@0": 1, ...counts }));
}

Deno.test("a batch row counts as a run, but not as a line of the list", () => {
  const row = line({ batch: { id: "tgrp_1", row: 7 } });
  assertEquals(named(countsOf(row)), { "runs@0": 1, "completed@0": 1, "spent@0": 5000 });
});

const KEPT: readonly [
  name: string,
  run: Partial<RunSummary>,
  status: string,
  kept: Record<string, number>,
  gone: Record<string, number>,
][] = [
  ["completed", {}, "completed", { "deleted@0": 5000 }, { "deleted@0": 5000 }],
  ["failed", { status: "failed" }, "failed", {}, {}],
  ["under way", { status: "running" }, "running", { "open@0": 5000 }, { "deleted@0": 5000 }],
  [
    "under way, and completed since",
    { status: "queued", created_ms: DAY },
    "completed",
    { "open@0": 5000 },
    { "deleted@1": 5000 },
  ],
  ["under way, and failed since", { status: "running" }, "failed", { "open@0": 5000 }, {}],
  ["under way, and cancelled since", { status: "running" }, "cancelled", { "open@0": 5000 }, {}],
  ["under way and simulated", { status: "running", simulated: true }, "completed", {}, {}],
  ["under way, of unknown price", { status: "running", price_usd: null }, "running", {}, {}],
];

for (const [name, run, status, kept, gone] of KEPT) {
  Deno.test(`only the price of a deleted run that was ${name} stays counted`, () => {
    assertEquals(named(keptCountsOf(line(run))), kept);
    assertEquals(named(goneCountsOf(line(run), status)), gone);
  });
}

/** Numbers below 1 from a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Every counter that is not nought. */
async function countersOf(kv: Deno.Kv, account: string): Promise<Record<string, bigint>> {
  const counters: Record<string, bigint> = {};
  for await (const { key, value } of kv.list<Deno.KvU64>({ prefix: ["spend", account] })) {
    if (value.value !== 0n) counters[key.slice(2).join(" ")] = value.value;
  }
  return counters;
}

function recount(runs: Iterable<RunSummary>, deleted: Iterable<RunSummary>) {
  const counters: Record<string, bigint> = {};
  const add = ({ day_ms, name, processor, amount }: Count) => {
    const key = `${day_ms} ${name} ${processor}`;
    counters[key] = (counters[key] ?? 0n) + BigInt(amount);
  };
  for (const run of runs) countsOf(run).forEach(add);
  for (const run of deleted) keptCountsOf(run).forEach(add);
  return counters;
}

Deno.test("counters and indexes equal a recount after 10,000 random moves with crashes between", () =>
  withHistory(async ({ kv }) => {
    const random = seeded(7);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
    const present = new Map<string, RunSummary>(), left = new Map<string, RunSummary>();
    let death: "none" | "before" | "after" = "none";
    // A process that dies does so before its commit, which then writes nothing, or after it.
    const dying = new Proxy(kv, {
      get(target, name) {
        const value = Reflect.get(target, name, target);
        if (name !== "atomic") return typeof value === "function" ? value.bind(target) : value;
        return () => {
          const atomic = target.atomic();
          const commit = atomic.commit.bind(atomic);
          atomic.commit = async () => {
            const result = death === "before" ? null : await commit();
            if (result === null || death === "after") throw new Error("the process died");
            return result;
          };
          return atomic;
        };
      },
    });
    let history = new TestHistory(dying), crashes = 0;
    for (let move = 0; move < 10_000; move++) {
      death = random() >= 0.03 ? "none" : random() < 0.5 ? "before" : "after";
      const kind = random();
      let done: () => void = () => {};
      let write: Promise<void> | null = null;
      if (kind < 0.3 || present.size === 0) {
        const run = line({
          run_id: `r${move}`,
          created_ms: Math.floor(random() * 5 * DAY),
          status: pick(["queued", "running", "completed", "failed"]),
          processor: pick(["lite", "pro", "new"]),
          price_usd: pick([0.005, 0.1, null]),
          simulated: random() < 0.2,
        });
        write = history.join("a", run);
        done = () => present.set(run.run_id, run);
      } else if (kind < 0.75) {
        const before = present.get(pick([...present.keys()].slice(-50)))!;
        const status = pick(["queued", "running", "completed", "failed", "cancelled"]);
        const isActive = status === "queued" || status === "running";
        const ended_ms = isActive ? null : before.created_ms + Math.floor(random() * DAY);
        const after = { ...before, status, ended_ms, progress: Math.floor(random() * 100) };
        write = history.change("a", before, after);
        done = () => present.set(after.run_id, after);
      } else if (kind < 0.9) {
        const run = pick([...present.values()].slice(0, 50));
        write = history.leave("a", run);
        done = () => {
          present.delete(run.run_id);
          left.set(run.run_id, run);
        };
      } else if (left.size > 0) {
        const run = pick([...left.values()].slice(-50));
        write = history.join("a", run, keptCountsOf(run));
        done = () => {
          left.delete(run.run_id);
          present.set(run.run_id, run);
        };
      }
      if (write === null) continue;
      if (death === "none") await write;
      else {
        assertMatch(String(await assertRejects(() => write)), /the process died/);
        crashes++;
        history = new TestHistory(dying);
      }
      if (death !== "before") done();
    }
    assert(crashes > 100, `${crashes} crashes`);
    assertEquals(await countersOf(kv, "a"), recount(present.values(), left.values()));
    const indexed = await Array.fromAsync(kv.list({ prefix: ["index", "a"] }));
    assertStrictEquals(indexed.length, 8 * present.size);
  }));

/** A database that fails at its `n`th commit, before or after it is made, and at all that follow. */
function failingAt(kv: Deno.Kv, n: number, when: "before" | "after"): Deno.Kv {
  let commits = 0;
  return new Proxy(kv, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (name !== "atomic") return typeof value === "function" ? value.bind(target) : value;
      return () => {
        const atomic = target.atomic();
        const commit = atomic.commit.bind(atomic);
        atomic.commit = async () => {
          commits++;
          const result = commits > n || (commits === n && when === "before")
            ? null
            : await commit();
          if (result === null || commits >= n) throw new Error("the process died");
          return result;
        };
        return atomic;
      };
    },
  });
}

/** Runs of which some ended on another day than they began. */
const RUNS = Array.from({ length: 100 }, (_, index) =>
  line({
    created_ms: DAY - 50 + index,
    ended_ms: index % 5 === 0 ? null : DAY + index,
    status: index % 5 === 0 ? "running" : index % 2 ? "completed" : "failed",
  }));

/** What layout 2 counted. */
function recount2(runs: readonly RunSummary[]): Record<string, bigint> {
  const counters: Record<string, bigint> = {};
  for (const run of runs) {
    for (const { day_ms, name, processor, amount } of countsOf(run)) {
      if (name === "listed") continue;
      const day = ["runs", "open"].includes(name)
        ? day_ms
        : Math.floor((run.ended_ms ?? run.created_ms) / DAY) * DAY;
      const key = `${day} ${name} ${processor}`;
      counters[key] = (counters[key] ?? 0n) + BigInt(amount);
    }
  }
  return counters;
}

/** Opens a store of an older layout whose migration dies at every commit in turn. */
async function migrated(
  fill: (kv: Deno.Kv) => Promise<void>,
  test: (kv: Deno.Kv) => Promise<void>,
): Promise<void> {
  const file = await Deno.makeTempFile({ suffix: ".db" });
  try {
    {
      using kv = await Deno.openKv(file);
      await fill(kv);
    }
    // Each start gets a little further.
    for (let n = 1; n <= 3; n++) {
      for (const when of ["before", "after"] as const) {
        const migrations = Object.fromEntries(
          Object.entries(MIGRATIONS).map(([layout, migrate]) => [
            layout,
            (kv: Deno.Kv) => migrate(failingAt(kv, n, when)),
          ]),
        );
        await openKv(file, migrations).then((kv) => kv.close(), (error) => {
          assertMatch(String(error), /the process died/);
        });
      }
    }
    using kv = await openKv(file, MIGRATIONS);
    assertStrictEquals((await kv.get(["schema"])).value, SCHEMA_VERSION);
    assertEquals(await Array.fromAsync(kv.list({ prefix: ["schema"] })), []);
    await test(kv);
  } finally {
    await Deno.remove(file);
  }
}

const FAILED = { ...NO_FILTER, status: "failed" };

Deno.test("a store in the first layout gets its indexes and counters, even after an interruption at any point", () =>
  migrated(async (kv) => {
    await kv.set(["schema"], 1);
    for (const run of RUNS) {
      for (const account of ["a", "b"]) {
        await kv.set(historyKey(account, run.created_ms, run.run_id), run);
      }
    }
  }, async (kv) => {
    for (const account of ["a", "b"]) {
      assertEquals(await countersOf(kv, account), recount(RUNS, []));
      assertStrictEquals(
        (await readHistory(kv, account, { filter: FAILED, limit: 99 })).runs.length,
        40,
      );
    }
  }));

Deno.test("a store in the second layout counts by day of creation and keeps its totals, even after an interruption at any point", () =>
  migrated(async (kv) => {
    await kv.set(["schema"], 2);
    const deleted = line({ created_ms: DAY - 1, ended_ms: 2 * DAY, processor: "pro" });
    const under = line({ created_ms: 7, status: "running", processor: "pro" });
    for (const account of ["a", "b"]) {
      for (const run of RUNS) await kv.set(historyKey(account, run.created_ms, run.run_id), run);
      for (const [key, value] of Object.entries(recount2(RUNS))) {
        const [day, name = "", processor = ""] = key.split(" ");
        await kv.set(["spend", account, Number(day), name, processor], new Deno.KvU64(value));
      }
      await kv.set(["spend", account, 2 * DAY, "deleted", "pro"], new Deno.KvU64(5000n));
      for (const summary of [deleted, under]) {
        await kv.set(["deleted", account, summary.run_id], {
          deleted_ms: 1,
          undo: { member: {}, summary },
        });
      }
      await kv.set(["deleted", account, "final"], { deleted_ms: 1, undo: null });
      await kv.set(["deleted", account, "retired"], {
        deleted_ms: 1,
        undo: { member: {}, summary: under },
        retired: true,
      });
    }
  }, async (kv) => {
    for (const account of ["a", "b"]) {
      const kept = { [`${2 * DAY} deleted pro`]: 5000n };
      assertEquals(await countersOf(kv, account), { ...recount(RUNS, []), ...kept });
      assertStrictEquals(await readPurging(kv, account), 2);
      const undo = async (id: string) =>
        (await kv.get<Tombstone>(["deleted", account, id])).value?.undo?.kept;
      assertEquals(named((await undo(`trun_${DAY - 1}`))!), { "deleted@2": 5000 });
      assertEquals(await undo("trun_7"), []);
      assertStrictEquals(await undo("final"), undefined);
      const marks = await Array.fromAsync(kv.list({ prefix: ["unindexed", account] }));
      assertStrictEquals(marks.length, RUNS.length);
    }
  }));

Deno.test("a store in the third layout gets the index of all lines and their counts, even after an interruption at any point", () =>
  migrated(async (kv) => {
    await kv.set(["schema"], 3);
    for (const run of RUNS) await kv.set(historyKey("a", run.created_ms, run.run_id), run);
    for (const [key, value] of Object.entries(recount(RUNS, []))) {
      const [day, name = "", processor = ""] = key.split(" ");
      if (name === "listed") continue;
      await kv.set(["spend", "a", Number(day), name, processor], new Deno.KvU64(value));
    }
  }, async (kv) => {
    assertEquals(await countersOf(kv, "a"), recount(RUNS, []));
    assertEquals(Object.fromEntries(await countListed(kv, "a")), {
      completed: 40,
      failed: 40,
      running: 20,
    });
    assertStrictEquals((await readHistory(kv, "a", { limit: 200 })).runs.length, RUNS.length);
    const marks = await Array.fromAsync(kv.list({ prefix: ["unindexed", "a"] }));
    assertStrictEquals(marks.length, RUNS.length);
  }));

Deno.test("a store in the fourth layout gets every text indexed again, even after an interruption at any point", () =>
  migrated(async (kv) => {
    await kv.set(["schema"], 4);
    for (const run of RUNS) await kv.set(historyKey("a", run.created_ms, run.run_id), run);
  }, async (kv) => {
    const marks = await Array.fromAsync(kv.list({ prefix: ["unindexed", "a"] }));
    assertEquals(
      new Set(marks.map(({ key }) => key.at(-1))),
      new Set(RUNS.map(({ run_id }) => run_id)),
    );
  }));

Deno.test("a store in an older layout without a migration is not opened", async () => {
  const file = await Deno.makeTempFile({ suffix: ".db" });
  try {
    {
      using kv = await Deno.openKv(file);
      await kv.set(["schema"], 1);
    }
    assertMatch(String(await assertRejects(() => openKv(file))), /layout 1/);
  } finally {
    await Deno.remove(file);
  }
});
