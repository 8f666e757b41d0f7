import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Budgets } from "../../lib/runs/history/budget.ts";
import { readFigures } from "../../lib/runs/history/figures.ts";
import { line, withHistory } from "./store.ts";

const DAY = 86_400_000;
/** Noon of a day in the middle of a month. */
const NOON = Date.UTC(2026, 4, 20, 12);

Deno.test("figures for today, 7 and 30 days contain what was created and what ended in them", () =>
  withHistory(async (history) => {
    const add = (ago: number, run: Parameters<typeof line>[0] = {}) => {
      const created_ms = NOON - ago * DAY;
      return history.join("a", line({ created_ms, ended_ms: created_ms + 10_000, ...run }));
    };
    await add(0);
    await add(0.1, { status: "failed" });
    await add(0.2, { status: "running", ended_ms: null });
    await add(3, { processor: "pro", price_usd: 0.1 });
    await add(6, { price_usd: null });
    await add(29, { simulated: true });
    await add(30.6);
    const { today, week, month, days } = await readFigures(history.kv, "a", NOON);
    assertEquals([today.runs, week.runs, month.runs], [3, 5, 6]);
    assertEquals([today.spent_usd, week.spent_usd, month.spent_usd], [0.005, 0.105, 0.105]);
    assertEquals([today.success, week.success, month.success], [1 / 2, 3 / 4, 4 / 5]);
    assertEquals([week.unpriced, month.simulated_usd], [1, 0.005]);
    assertEquals(month.processors, [
      { processor: "lite", completed: 3, mean_ms: 10_000 },
      { processor: "pro", completed: 1, mean_ms: 10_000 },
    ]);
    assertStrictEquals(days.length, 30);
    assertEquals(
      days.filter(({ runs }) => runs > 0).map(({ day_ms }) => (NOON - day_ms) / DAY),
      [
        29.5,
        6.5,
        3.5,
        0.5,
      ],
    );
    const nobody = await readFigures(history.kv, "b", NOON);
    assertEquals([nobody.month.runs, nobody.month.success], [0, null]);
  }));

Deno.test("a run past midnight counts fully on the day it was created", () =>
  withHistory(async (history) => {
    const midnight = Date.UTC(2026, 4, 20);
    const runs = [
      line({ created_ms: midnight - 1000, ended_ms: midnight + 60_000, price_usd: 0.3 }),
      line({ created_ms: midnight - 500, ended_ms: midnight + 5, status: "failed" }),
      line({ created_ms: midnight, ended_ms: midnight + 9, price_usd: 0.1 }),
      line({ created_ms: midnight + 1, ended_ms: midnight + DAY, price_usd: 0.1 }),
      line({
        created_ms: midnight - 2,
        ended_ms: midnight + DAY,
        processor: "pro",
        simulated: true,
      }),
    ];
    for (const run of runs) await history.join("a", { ...run, status: "queued", ended_ms: null });
    for (const run of runs) {
      await history.change("a", { ...run, status: "queued", ended_ms: null }, run);
    }
    const { today, week, days } = await readFigures(history.kv, "a", NOON);
    assertEquals([today.runs, today.completed, today.failed, today.spent_usd], [2, 2, 0, 0.2]);
    assertEquals([week.runs, week.completed, week.failed, week.spent_usd], [5, 4, 1, 0.5]);
    assertStrictEquals(today.processors.find(({ processor }) => processor === "pro"), undefined);
    // Every sum is the sum of its days, and no day has more endings than runs.
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    assertStrictEquals(sum(days.map(({ runs }) => runs)), week.runs);
    assert(Math.abs(sum(days.map(({ spent_usd }) => spent_usd)) - week.spent_usd) < 1e-9);
    for (let back = 0; back < 5; back++) {
      const { today } = await readFigures(history.kv, "a", NOON + (1 - back) * DAY);
      assert(today.completed + today.failed <= today.runs, `${back} days before`);
      assertStrictEquals(
        sum(today.processors.map(({ completed }) => completed)),
        today.completed,
      );
    }
    const budgets = new Budgets(history.kv, history.committer, () => midnight + DAY);
    await budgets.set("a", 1);
    assertStrictEquals((await budgets.state("a"))?.spent_usd, 0.5);
  }));

Deno.test("spent, running and new costs count together against a budget", () =>
  withHistory(async (history) => {
    const budgets = new Budgets(history.kv, history.committer, () => NOON);
    const spent = line({ created_ms: NOON, ended_ms: NOON + 1, price_usd: 0.3 });
    await history.join("a", spent);
    await history.join("a", line({ created_ms: NOON + 2, status: "running", price_usd: 0.1 }));
    // Of the month before.
    await history.join("a", line({ created_ms: Date.UTC(2026, 3, 30), price_usd: 9 }));
    assertStrictEquals(await budgets.check("a", 100), null, "there is no budget");
    await budgets.set("a", 0.5);
    assertStrictEquals(await budgets.check("a", 0.1), null, "exactly the budget does not pass it");
    assertEquals(await budgets.check("a", 0.1001), {
      budget_usd: 0.5,
      spent_usd: 0.3,
      open_usd: 0.1,
      unpriced: 0,
    });
    assertStrictEquals(await budgets.check("a", null), null);
    await history.leave("a", spent);
    assertStrictEquals(
      (await budgets.state("a"))?.spent_usd,
      0.3,
      "a deleted run is paid for all the same",
    );
    await budgets.set("a", null);
    assertStrictEquals(await budgets.state("a"), null);
  }));

Deno.test("a run from the future counts in no figure and no budget before its day", () =>
  withHistory(async (history) => {
    const tomorrow = NOON + DAY / 2;
    await history.join("a", line({ created_ms: tomorrow - 1, price_usd: 0.1 }));
    for (const created_ms of [tomorrow, Date.UTC(2026, 5, 1), 253_402_300_799_999]) {
      await history.join("a", line({ created_ms, ended_ms: null, price_usd: 2 }));
    }
    const at = async (nowMs: number) => {
      const { today, week, month, days } = await readFigures(history.kv, "a", nowMs);
      const budgets = new Budgets(history.kv, history.committer, () => nowMs);
      await budgets.set("a", 100);
      const spent = (await budgets.state("a"))?.spent_usd;
      return [today.runs, week.runs, month.runs, days.at(-1)?.runs, spent];
    };
    assertEquals(await at(tomorrow - 1), [1, 1, 1, 1, 2.1], "tomorrow is in this month");
    assertEquals(await at(tomorrow), [1, 2, 2, 1, 2.1]);
    assertEquals(await at(Date.UTC(2026, 4, 31, 23, 59)), [0, 0, 2, 0, 2.1]);
    assertEquals(await at(Date.UTC(2026, 5, 1)), [1, 1, 3, 1, 2]);
  }));
