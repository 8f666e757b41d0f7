/** What pauses a schedule, what it may cost, and how users are notified. */
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import type { Schedules } from "../../lib/schedules/mod.ts";
import {
  HOURLY,
  NOW,
  ORIGIN,
  OWNER,
  scheduled,
  type ScheduleWorld,
  tick,
  timesOf,
  withWorld,
} from "./world.ts";

const HOUR_MS = 3_600_000;

/** Runs the next due time and ends its run. */
async function nextRun(
  world: ScheduleWorld,
  schedules: Schedules,
  content: Record<string, unknown> | null,
  status?: string,
): Promise<void> {
  world.now += HOUR_MS;
  await tick(schedules);
  const id = world.created.at(-1);
  if (id !== undefined) world.end(id, content, status);
  await tick(schedules);
}

const PAUSED_AT_ONCE = [
  [402, /insufficient credit/],
  [401, /insufficient credit/],
] as const;
for (const [status, words] of PAUSED_AT_ONCE) {
  Deno.test(`a rejection with ${status} pauses at once, with a notification`, () =>
    withWorld(async (world) => {
      const schedules = world.process();
      const schedule = await scheduled(schedules);
      world.answer = () => ({ failure: { status, message: "Payment: insufficient credit" } });
      world.now += HOUR_MS;
      await tick(schedules);
      const paused = await schedules.get(OWNER.id, schedule.id);
      assertStrictEquals(paused?.state, "paused");
      assertStrictEquals(paused?.next_ms, null);
      assertMatch(paused?.reason ?? "", words);
      assertStrictEquals(paused?.spent_usd, 0, "nothing was billed");
      assertEquals(world.told.map(({ type }) => type), ["schedule.paused"]);
      world.now += 10 * HOUR_MS;
      await tick(schedules);
      assertEquals(await timesOf(schedules, schedule), ["23:00 failed"]);

      world.answer = (count) => ({ id: `trun_${count}` });
      assertStrictEquals(await schedules.resume(OWNER, schedule.id), true);
      world.now += HOUR_MS;
      await tick(schedules);
      assertEquals(world.created, ["trun_1"], "a person can resume it");
    }));
}

Deno.test("three failures in a row pause the schedule; a success resets the count", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const schedule = await scheduled(schedules);
    await nextRun(world, schedules, null, "failed");
    await nextRun(world, schedules, null, "failed");
    await nextRun(world, schedules, { ceo: "A", founded: 1999 });
    assertStrictEquals((await schedules.get(OWNER.id, schedule.id))?.failures, 0);
    await nextRun(world, schedules, null, "failed");
    world.answer = () => ({ failure: { status: 422, message: "Bad schema" } });
    await nextRun(world, schedules, null);
    assertStrictEquals((await schedules.get(OWNER.id, schedule.id))?.state, "active");
    await nextRun(world, schedules, null);
    const paused = await schedules.get(OWNER.id, schedule.id);
    assertStrictEquals(paused?.state, "paused");
    assertMatch(paused?.reason ?? "", /Three runs in a row failed.*Bad schema/);
    assertStrictEquals(paused?.spent_usd, 0.01, "what failed is not billed");
  }));

Deno.test("a cap applies to the calendar month of the zone, and the next month continues", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const zone = "Asia/Tokyo";
    const schedule = await scheduled(schedules, { zone, cap_usd: 0.025 });
    for (let hours = 0; hours < 4; hours++) {
      await nextRun(world, schedules, { ceo: "A", founded: 1999 });
    }
    assertEquals((await timesOf(schedules, schedule)).map((time) => time.split(" ")[1]), [
      "created",
      "created",
      "skipped",
    ]);
    const waiting = await schedules.get(OWNER.id, schedule.id);
    assertStrictEquals(waiting?.state, "active");
    const [skipped] = await schedules.firings(schedule.id, 1);
    assertStrictEquals(
      skipped?.reason,
      "The monthly cap is reached. It resumes on Tue 1 Dec 2026, 00:00 Asia/Tokyo.",
    );
    assertStrictEquals(
      new Date(waiting?.next_ms ?? 0).toISOString(),
      "2026-11-30T15:00:00.000Z",
      "the first due time of December in Tokyo",
    );
    world.now = waiting?.next_ms ?? 0;
    await tick(schedules);
    assertStrictEquals(world.created.length, 3);
    assertStrictEquals((await schedules.get(OWNER.id, schedule.id))?.spent_usd, 0.01);
  }));

Deno.test("due times that wait for a busy API cannot exceed the cap together", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const schedule = await scheduled(schedules, { cap_usd: 0.015 });
    world.answer = () => ({ failure: { status: 429, message: "Busy", retryAfterSeconds: 5_400 } });
    world.now += HOUR_MS;
    await tick(schedules);
    world.answer = (count) => ({ id: `trun_${count}` });
    for (let hours = 0; hours < 3; hours++) {
      world.now += HOUR_MS;
      await tick(schedules);
    }
    assertEquals(world.created, ["trun_1"]);
    assertEquals(await timesOf(schedules, schedule), [
      "23:00 skipped",
      "00:00 created trun_1",
      "01:00 skipped",
    ]);
    assertStrictEquals((await schedules.get(OWNER.id, schedule.id))?.spent_usd, 0.01);
  }));

/** Zones, and the UTC time at which their December begins. */
const DECEMBERS = [
  ["UTC", "2026-12-01T00:00Z"],
  ["Asia/Kathmandu", "2026-11-30T18:15Z"],
  ["Pacific/Kiritimati", "2026-11-30T10:00Z"],
  ["America/St_Johns", "2026-12-01T03:30Z"],
] as const;
for (const [zone, december] of DECEMBERS) {
  Deno.test(`in ${zone}, a run of November that fails in December makes no room in December's cap`, () =>
    withWorld(async (world) => {
      const schedules = world.process();
      const begin = Date.parse(december);
      world.now = begin - HOUR_MS / 2;
      // The last quarter of an hour of November, and the first full hour of December, there.
      const schedule = await scheduled(schedules, { zone, cron: "45,0 * * * *", cap_usd: 0.025 });
      assertStrictEquals(schedule.next_ms, begin - HOUR_MS / 4);
      world.now = begin - HOUR_MS / 4;
      await tick(schedules);
      assertStrictEquals((await schedules.get(OWNER.id, schedule.id))?.spent_usd, 0.01);
      world.now = begin;
      await tick(schedules);
      const spent = async () => {
        const { month, spent_usd } = await schedules.get(OWNER.id, schedule.id) ?? {};
        return [month, spent_usd];
      };
      assertEquals(await spent(), ["2026-12", 0.01]);
      world.end("trun_1", null, "failed");
      await tick(schedules);
      assertEquals(await spent(), ["2026-12", 0.01], "what November spent is November's");
      world.end("trun_2", null, "failed");
      await tick(schedules);
      assertEquals(await spent(), ["2026-12", 0], "December's own is refunded");
    }));
}

Deno.test("a due time that would exceed the account's budget is skipped", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const schedule = await scheduled(schedules);
    world.overBudget = true;
    world.now += HOUR_MS;
    await tick(schedules);
    const [firing] = await schedules.firings(schedule.id, 1);
    assertStrictEquals(firing?.state, "skipped");
    assertMatch(firing?.reason ?? "", /monthly budget/);
    assertStrictEquals((await schedules.get(OWNER.id, schedule.id))?.state, "active");
  }));

Deno.test("removing a key pauses its schedules, at once or when they are due", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const first = await scheduled(schedules), second = await scheduled(schedules);
    world.accounts.set("key-2", OWNER.id);
    await schedules.resume({ ...OWNER, sealedKey: "sealed:key-2" }, second.id);
    const { key_id } = (await world.kv.get<{ key_id: string }>(["schedule", first.id])).value!;
    await schedules.pauseByKey(OWNER.id, key_id);
    assertStrictEquals((await schedules.get(OWNER.id, first.id))?.state, "paused");
    assertStrictEquals((await schedules.get(OWNER.id, second.id))?.state, "active");
    world.accounts.delete("key-2");
    world.now += HOUR_MS;
    await tick(schedules);
    assertMatch((await schedules.get(OWNER.id, second.id))?.reason ?? "", /key was removed/);
    assertEquals(world.created, []);
  }));

Deno.test("each run is compared with the previous one, the first with the original", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const schedule = await scheduled(schedules);
    await nextRun(world, schedules, { ceo: "A", founded: 1999 });
    assertEquals(world.told, []);
    await nextRun(world, schedules, null, "failed");
    await nextRun(world, schedules, { ceo: "B", founded: 1999, city: "Oslo" });
    const results = (await schedules.firings(schedule.id, 10)).map(({ result }) => result);
    assertEquals(
      results.map((result) => [result?.changed, result?.fields, result?.compared_with]),
      [[2, 3, "trun_1"], [null, 0, null], [0, 2, ORIGIN]],
    );
    assertEquals(results[0]?.names, ["ceo", "city"]);
    const [notice, ...others] = world.told;
    assertEquals(others, []);
    assertStrictEquals(notice?.type, "schedule.changed");
    assertStrictEquals(notice?.subject, schedule.id);
    assertEquals(notice?.content, {
      path: `/schedules/${schedule.id}`,
      title: "Hourly",
      cost_usd: 0.01,
      summary: "2 of 3 fields changed: ceo, city",
      simulated: false,
    });
  }));

Deno.test("deleting a run before it ends closes its due time", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const schedule = await scheduled(schedules);
    world.now += HOUR_MS;
    await tick(schedules);
    world.pages.delete("trun_1");
    await tick(schedules);
    const [firing] = await schedules.firings(schedule.id, 1);
    assertStrictEquals(firing?.result?.status, "deleted");
  }));

Deno.test("the number of schedules per account is limited, even for concurrent creates", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const target = { kind: "task", id: ORIGIN } as const;
    const outcomes = await Promise.all(
      Array.from(
        { length: 53 },
        () => schedules.create(OWNER, crypto.randomUUID(), target, HOURLY),
      ),
    );
    assertStrictEquals(outcomes.filter(({ ok }) => ok).length, 50);
    assertStrictEquals((await schedules.list(OWNER.id)).length, 50);
  }));

Deno.test("a double submit creates one schedule, and IDs of other accounts are rejected", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const target = { kind: "task", id: ORIGIN } as const;
    const id = crypto.randomUUID();
    const both = await Promise.all([1, 2].map(() => schedules.create(OWNER, id, target, HOURLY)));
    assertEquals(both.map(({ ok }) => ok), [true, true]);
    assertStrictEquals((await schedules.list(OWNER.id)).length, 1);
    const other = await schedules.create({ ...OWNER, id: "account-2" }, id, target, HOURLY);
    assertEquals(other, { ok: false, problem: "unknown" });
    assertStrictEquals(await schedules.get("account-2", id), null);
    assertStrictEquals(await schedules.pause("account-2", id), false);
    assertStrictEquals(await schedules.remove("account-2", id), false);
  }));

Deno.test("a price above the cap, an unknown price and an unknown run are rejected", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const create = async (runId: string, cap_usd: number) => {
      const target = { kind: "task", id: runId } as const;
      const settings = { ...HOURLY, cap_usd };
      const outcome = await schedules.create(OWNER, crypto.randomUUID(), target, settings);
      return outcome.ok ? "ok" : outcome.problem;
    };
    const page = world.pages.get(ORIGIN)!;
    world.pages.set("trun_new", { ...page, run: { ...page.run, processor: "hyper9" } });
    assertStrictEquals(await create(ORIGIN, 0.005), "cap");
    assertStrictEquals(await create("trun_new", 10), "price");
    assertStrictEquals(await create("trun_nowhere", 10), "unknown");
  }));

Deno.test("the sandbox limits frequency, number and duration", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const page = world.pages.get(ORIGIN)!;
    world.pages.set(ORIGIN, { ...page, run: { ...page.run, simulated: true } });
    const target = { kind: "task", id: ORIGIN } as const;
    const create = async (cron: string) => {
      const settings = { ...HOURLY, cron };
      const outcome = await schedules.create(OWNER, crypto.randomUUID(), target, settings);
      return outcome.ok ? "ok" : outcome.problem;
    };
    assertStrictEquals(await create("*/5 * * * *"), "often");
    const made = [];
    for (let times = 0; times < 6; times++) made.push(await create("0 * * * *"));
    assertEquals(made, ["ok", "ok", "ok", "ok", "ok", "full"]);
    world.now += 4 * 24 * HOUR_MS;
    await tick(schedules);
    assertEquals(world.created, []);
    const states = (await schedules.list(OWNER.id)).map(({ state }) => state);
    assertEquals([...new Set(states)], ["paused"]);
  }));

Deno.test("schedules are exported, moved to another account, and removed with their account", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    await scheduled(schedules, { name: "One" });
    await scheduled(schedules, { name: "Two" });
    world.now = NOW + HOUR_MS;
    await tick(schedules);
    await schedules.moveAll(OWNER.id, "account-2");
    await schedules.moveAll(OWNER.id, "account-2");
    assertEquals(await schedules.list(OWNER.id), []);
    const exported = await schedules.exported("account-2");
    assertEquals(exported.map(({ name, times }) => [name, times.length]), [["Two", 1], ["One", 1]]);
    const text = JSON.stringify(exported);
    assertStrictEquals(/sealed|key_id|account/.test(text), false, text);
    await schedules.removeAll("account-2");
    const left = await Array.fromAsync(world.kv.list({ prefix: [] }));
    assertEquals(left.map(({ key }) => key), []);
  }));
