/** Each due time is claimed once and never creates two runs. */
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { keys } from "../../lib/schedules/store.ts";
import { NOW, ORIGIN, OWNER, scheduled, tick, timesOf, withWorld } from "./world.ts";

const HOUR_MS = 3_600_000;

Deno.test("a schedule runs once per due time, however often it is scanned", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const schedule = await scheduled(schedules);
    assertStrictEquals(schedule.next_ms, NOW + HOUR_MS);
    await tick(schedules);
    assertEquals(world.created, [], "not before it is due");
    world.now += HOUR_MS;
    for (let scans = 0; scans < 3; scans++) await tick(schedules);
    world.now += HOUR_MS + 30_000;
    await tick(schedules);
    assertEquals(await timesOf(schedules, schedule), [
      "23:00 created trun_1",
      "00:00 created trun_2",
    ]);
    assertEquals(world.created, ["trun_1", "trun_2"]);
  }));

Deno.test("a missed due time is caught up once", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const schedule = await scheduled(schedules);
    world.now += 30 * HOUR_MS + 60_000;
    await tick(schedules);
    await tick(schedules);
    assertEquals(await timesOf(schedules, schedule), ["23:00 created trun_1"]);
    const after = await schedules.get(OWNER.id, schedule.id);
    assertStrictEquals(after?.next_ms, NOW + 31 * HOUR_MS, "and it goes on from now");
  }));

Deno.test("moving the clock back claims no due time twice", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const schedule = await scheduled(schedules);
    world.now += HOUR_MS;
    await tick(schedules);
    world.now -= HOUR_MS / 2;
    await tick(schedules);
    // Saved anew, it is due again at a time that was claimed.
    await schedules.change(OWNER, schedule.id, { ...schedule, name: "Renamed" });
    world.now += HOUR_MS / 2;
    await tick(schedules);
    assertEquals(world.created, ["trun_1"]);
    assertStrictEquals((await schedules.get(OWNER.id, schedule.id))?.next_ms, NOW + 2 * HOUR_MS);
  }));

Deno.test("processes that scan concurrently create one run", () =>
  withWorld(async (world) => {
    const processes = ["a", "b", "c"].map((name) => world.process(name));
    const [first] = processes;
    const schedule = await scheduled(first!);
    world.now += HOUR_MS;
    for (let round = 0; round < 5; round++) await Promise.all(processes.map(tick));
    assertEquals(await timesOf(first!, schedule), ["23:00 created trun_1"]);
    assertEquals(world.created, ["trun_1"]);
  }));

Deno.test("processes without a lease still claim a due time once", () =>
  withWorld(async (world) => {
    const processes = ["a", "b"].map((name) => world.process(name, { isGone: () => false }));
    const schedule = await scheduled(processes[0]!);
    world.now += HOUR_MS;
    // Each takes the lease for its own, because it is gone before the other looks.
    const scans = processes.map(async (schedules) => {
      await world.kv.delete(keys.lease());
      await tick(schedules);
    });
    await Promise.all(scans);
    assertEquals(await timesOf(processes[0]!, schedule), ["23:00 created trun_1"]);
  }));

Deno.test("no scan starts while another process scans; the lease ends with the scan", () =>
  withWorld(async (world) => {
    const schedules = world.process("b");
    await scheduled(schedules);
    world.now += HOUR_MS;
    await world.kv.set(keys.lease(), { owner: "a", until_ms: world.now + 50_000 });
    await tick(schedules);
    assertEquals(world.created, []);
    world.gone.add("a");
    await tick(schedules);
    assertEquals(world.created, ["trun_1"]);
  }));

/** A process that dies at a given moment, with all of its work. */
const DEATH = new Promise<never>(() => {});

Deno.test("a claim that was never sent is taken over", async (t) => {
  for (const how of ["by a process that knows that it died", "after a minute"]) {
    await t.step(how, () =>
      withWorld(async (world) => {
        const dying = world.process("a");
        const schedule = await scheduled(dying);
        world.now += HOUR_MS;
        world.beforeSending = () => DEATH;
        await dying.scan();
        assertEquals(await timesOf(dying, schedule), ["23:00 claimed"]);
        world.beforeSending = () => {};
        const other = world.process("b");
        await tick(other);
        assertEquals(world.created, [], "it may still be alive");
        if (how === "after a minute") world.now += 60_000;
        else world.gone.add("a");
        await tick(other);
        await tick(other);
        assertEquals(await timesOf(other, schedule), ["23:00 created trun_1"]);
        assertEquals(world.created, ["trun_1"]);
      }));
  }
});

Deno.test("a late process does not send after its claim was taken over", () =>
  withWorld(async (world) => {
    const late = world.process("a"), other = world.process("b");
    const schedule = await scheduled(late);
    world.now += HOUR_MS;
    const wakes = Promise.withResolvers<void>();
    world.beforeSending = () => wakes.promise;
    await late.scan();
    world.now += 60_000;
    world.beforeSending = () => {};
    await tick(other);
    assertEquals(world.created, ["trun_1"]);
    wakes.resolve();
    await late.settled();
    assertEquals(world.created, ["trun_1"]);
    assertEquals(await timesOf(late, schedule), ["23:00 created trun_1"]);
  }));

Deno.test("a create of a dead process is shown as lost and not repeated", () =>
  withWorld(async (world) => {
    const dying = world.process("a"), other = world.process("b");
    const schedule = await scheduled(dying);
    world.now += HOUR_MS;
    world.afterSending = () => DEATH;
    await dying.scan();
    // The request is marked before it is sent, in the background.
    while ((await timesOf(other, schedule))[0] !== "23:00 sending") await Promise.resolve();
    world.afterSending = () => {};
    world.gone.add("a");
    for (let scans = 0; scans < 3; scans++) await tick(other);
    assertEquals(await timesOf(other, schedule), ["23:00 lost"]);
    const [firing] = await other.firings(schedule.id, 1);
    assertMatch(firing?.reason ?? "", /may have been created/);
    assertEquals(world.created, [], "no process sent it again");
  }));

Deno.test("a create with a lost response counts as cost and is not repeated", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const schedule = await scheduled(schedules);
    let sent = 0;
    world.answer = () => {
      sent++;
      return { failure: { kind: "timeout", status: null, message: "No answer within 60 s" } };
    };
    world.now += HOUR_MS;
    for (let scans = 0; scans < 4; scans++) {
      await tick(schedules);
      world.now += 5 * 60_000;
    }
    assertEquals(await timesOf(schedules, schedule), ["23:00 lost"]);
    assertStrictEquals(sent, 1);
    assertStrictEquals((await schedules.get(OWNER.id, schedule.id))?.spent_usd, 0.01);
    const [firing] = await schedules.firings(schedule.id, 1);
    assertMatch(firing?.reason ?? "", /may have been created, so we did not send it again/);
  }));

Deno.test("a response after giving up still records the run", () =>
  withWorld(async (world) => {
    const slow = world.process("a"), other = world.process("b");
    const schedule = await scheduled(slow);
    world.now += HOUR_MS;
    const answers = Promise.withResolvers<void>();
    world.afterSending = () => answers.promise;
    await slow.scan();
    while ((await timesOf(other, schedule))[0] !== "23:00 sending") await Promise.resolve();
    world.now += 4 * 60_000;
    await tick(other);
    assertEquals(await timesOf(other, schedule), ["23:00 lost"]);
    answers.resolve();
    await slow.settled();
    assertEquals(await timesOf(other, schedule), ["23:00 created trun_1"]);
  }));

Deno.test("a temporarily rejected create is retried, then given up", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const schedule = await scheduled(schedules, { cron: "0 0 * * *", every: "day" });
    let sent = 0;
    world.answer = (count) =>
      ++sent <= 2 ? { failure: { status: 429, retryAfterSeconds: 90 } } : { id: `trun_${count}` };
    world.now += 2 * HOUR_MS;
    for (const wait of [0, 60_000, 30_000, 90_000]) {
      world.now += wait;
      await tick(schedules);
    }
    assertEquals(await timesOf(schedules, schedule), ["00:00 created trun_1"]);
    assertStrictEquals(sent, 3);
    assertStrictEquals((await schedules.get(OWNER.id, schedule.id))?.spent_usd, 0.01);
    world.answer = () => ({ failure: { status: 503 } });
    world.now += 24 * HOUR_MS;
    for (let minutes = 0; minutes < 10; minutes++, world.now += 60_000) await tick(schedules);
    assertStrictEquals((await timesOf(schedules, schedule)).at(-1), "00:00 failed");
  }));

Deno.test("a schedule paused or deleted meanwhile sends nothing", async (t) => {
  for (const act of ["pause", "remove"] as const) {
    await t.step(act, () =>
      withWorld(async (world) => {
        const schedules = world.process();
        const schedule = await scheduled(schedules);
        world.now += HOUR_MS;
        world.beforeSending = async () => {
          await schedules[act](OWNER.id, schedule.id);
        };
        await tick(schedules);
        assertEquals(world.created, []);
        assertEquals(
          await timesOf(schedules, schedule),
          act === "pause" ? ["23:00 skipped"] : [],
        );
      }));
  }
});

Deno.test("a schedule deleted while a response is pending leaves nothing", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const schedule = await scheduled(schedules);
    world.now += HOUR_MS;
    world.afterSending = async () => {
      await schedules.remove(OWNER.id, schedule.id);
    };
    await tick(schedules);
    const left = await Array.fromAsync(world.kv.list({ prefix: [] }));
    assertEquals(left.map(({ key }) => key), []);
  }));

Deno.test("if the original run is deleted a later one is repeated; without any the schedule pauses", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const schedule = await scheduled(schedules);
    world.now += HOUR_MS;
    await tick(schedules);
    world.pages.delete(ORIGIN);
    world.now += HOUR_MS;
    await tick(schedules);
    assertEquals(world.created, ["trun_1", "trun_2"]);
    world.pages.clear();
    world.now += HOUR_MS;
    await tick(schedules);
    const paused = await schedules.get(OWNER.id, schedule.id);
    assertStrictEquals(paused?.state, "paused");
    assertMatch(paused?.reason ?? "", /was deleted/);
  }));

Deno.test("only the newest due times are kept", () =>
  withWorld(async (world) => {
    const schedules = world.process();
    const schedule = await scheduled(schedules, { cron: "* * * * *", cap_usd: 1_000 });
    for (let minutes = 0; minutes < 103; minutes++) {
      world.now += 60_000;
      await tick(schedules);
      world.end(`trun_${minutes + 1}`, { ceo: "A", founded: 1999 });
    }
    assertStrictEquals((await schedules.firings(schedule.id, 500)).length, 100);
  }));
