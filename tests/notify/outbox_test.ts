/** The outbox delivers once and in order, retries for a day, and takes over from dead processes. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { keys, type OutboxItem } from "../../lib/notify/store.ts";
import { ACCOUNT, BROKEN, noticeOf, OK, World, type WorldProcess } from "./world.ts";

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

Deno.test("a notice arrives once at each target and leaves the outbox", async () => {
  const world = new World();
  world.addTarget("a");
  world.addTarget("b");
  world.addTarget("off", { off: { ms: 1, reason: "switched off" } });
  const process = world.start();
  await Promise.all([process.notify("one"), world.time.pass(MINUTE)]);
  assertEquals(world.sent.map(({ id, url }) => `${id} ${url}`).sort(), [
    "one https://a.example/",
    "one https://b.example/",
  ]);
  assertStrictEquals(world.left, 0);
  assertEquals(world.target("a").last?.words, "200 ok");
  await process.notifications.drain();
});

Deno.test("a delivered ID is never sent again", async () => {
  const world = new World();
  world.addTarget("a");
  const process = world.start();
  await Promise.all([process.notify("one"), process.notify("one"), world.time.pass(MINUTE)]);
  await Promise.all([process.notify("one"), world.time.pass(MINUTE)]);
  assertEquals(world.ids(), ["one"]);
  assertStrictEquals(world.left, 0);
  await process.notifications.drain();
});

Deno.test("a target gets its notices in order, and a slow target does not delay others", async () => {
  const world = new World();
  world.addTarget("slow");
  world.addTarget("fast");
  world.takesMs = () => 1_000;
  const process = world.start();
  for (const id of ["1", "2", "3"]) await Promise.all([process.notify(id), world.time.pass(100)]);
  await world.time.pass(MINUTE);
  assertEquals([world.ids("slow"), world.ids("fast")], [["1", "2", "3"], ["1", "2", "3"]]);
  const [one, two, three] = world.sent.filter(({ url }) => url.includes("slow"));
  assert(two!.at_ms - one!.at_ms >= 1_000 && three!.at_ms - two!.at_ms >= 1_000);
  const fast = world.sent.filter(({ url }) => url.includes("fast"));
  assert(fast[1]!.at_ms < three!.at_ms);
  await process.notifications.drain();
});

Deno.test("a hanging target with many notices does not delay others", async () => {
  const world = new World();
  world.addTarget("hangs");
  world.takesMs = () => 9_000;
  const process = world.start();
  for (let n = 0; n < 50; n++) await Promise.all([process.notify(`${n}`), world.time.pass(100)]);
  world.addTarget("new");
  world.takesMs = () => 50;
  await Promise.all([process.notify("late"), world.time.pass(1_000)]);
  assertEquals(world.ids("new"), ["late"]);
  assert(world.ids("hangs").length < 5);
  world.takesMs = () => 50;
  await world.time.pass(HOUR);
  assertStrictEquals(world.ids("hangs").length, 51);
  assertStrictEquals(world.left, 0);
  await process.notifications.drain();
});

Deno.test("a failed notice is retried for 24 hours with growing delays, and its last response is shown", async () => {
  const world = new World();
  world.addTarget("a");
  world.answer = () => BROKEN;
  const process = world.start();
  await Promise.all([process.notify("one"), world.time.pass(MINUTE)]);
  const [waiting] = await Promise.all([
    process.notifications.waiting(ACCOUNT),
    world.time.pass(1_000),
  ]);
  assertEquals(waiting.map(({ id, words, tries }) => [id, words, tries > 1]), [
    ["one", "500 no", true],
  ]);
  await world.time.pass(2 * DAY);
  assertStrictEquals(world.left, 0);
  const times = world.sent.map(({ at_ms }) => at_ms);
  const waits = times.slice(1).map((at, n) => at - times[n]!);
  assert(times.length > 10 && times.length < 40, `${times.length} tries`);
  assert(waits[0]! < 10_000 && waits.at(-1)! > HOUR, waits.join());
  assert(times.at(-1)! - times[0]! < DAY && times.at(-1)! - times[0]! > DAY - 3 * HOUR);
  assertEquals(new Set(world.ids()).size, 1);
  await process.notifications.drain();
});

Deno.test("Retry-After is respected", async () => {
  const world = new World();
  world.addTarget("a");
  world.answer = () => world.sent.length > 1 ? OK : { ...BROKEN, status: 429, retryAfterMs: HOUR };
  const process = world.start();
  await Promise.all([process.notify("one"), world.time.pass(2 * HOUR)]);
  const [first, second] = world.sent;
  assert(second!.at_ms - first!.at_ms >= HOUR);
  assertStrictEquals(world.sent.length, 2);
  await process.notifications.drain();
});

Deno.test("while a target fails, all its notices wait, and they arrive once it works again", async () => {
  const world = new World();
  world.addTarget("a");
  world.answer = () => BROKEN;
  const process = world.start();
  for (let n = 0; n < 30; n++) await Promise.all([process.notify(`${n}`), world.time.pass(100)]);
  await world.time.pass(HOUR);
  assert(world.sent.length < 20, `${world.sent.length} requests`);
  world.answer = () => OK;
  world.sent.length = 0;
  await world.time.pass(3 * HOUR);
  assertStrictEquals(new Set(world.ids()).size, 30);
  assertStrictEquals(world.sent.length, 30);
  assertStrictEquals(world.left, 0);
  await process.notifications.drain();
});

Deno.test("a notice that its target never accepts does not block the others", async () => {
  const world = new World();
  world.addTarget("a");
  world.answer = ({ id }) => id === "00-poison" ? BROKEN : OK;
  const process = world.start();
  await Promise.all([process.notify("00-poison"), world.time.pass(MINUTE)]);
  for (let n = 0; n < 5; n++) {
    await Promise.all([process.notify(`${n}`), world.time.pass(10 * MINUTE)]);
  }
  const others = world.ids().filter((id) => id !== "00-poison");
  assertEquals(others, ["0", "1", "2", "3", "4"]);
  await world.time.pass(2 * DAY);
  assertStrictEquals(world.left, 0);
  assertStrictEquals(world.target("a").off, null);
  await process.notifications.drain();
});

Deno.test("a target that fails for three days is disabled with a reason, and works again once enabled", async () => {
  const world = new World();
  world.addTarget("a");
  world.answer = () => BROKEN;
  const process = world.start();
  for (let day = 0; day < 4; day++) {
    await Promise.all([process.notify(`${day}`), world.time.pass(DAY)]);
    assertStrictEquals(world.target("a").off === null, day < 3, `day ${day}`);
  }
  assertEquals(world.target("a").off?.reason, "All deliveries failed for three days.");
  const before = world.sent.length;
  await Promise.all([process.notify("later"), world.time.pass(DAY)]);
  assertStrictEquals(world.sent.length, before);
  assertStrictEquals(world.left, 0);
  world.answer = () => OK;
  await Promise.all([process.notifications.targets.switchOn(ACCOUNT, "a"), world.time.pass(10)]);
  await Promise.all([process.notify("new"), world.time.pass(MINUTE)]);
  assertStrictEquals(world.ids().at(-1), "new");
  await process.notifications.drain();
});

Deno.test("a target that answers 410 is disabled at once", async () => {
  const world = new World();
  world.addTarget("a");
  world.answer = () => ({ ...BROKEN, status: 410 });
  const process = world.start();
  await Promise.all([process.notify("one"), process.notify("two"), world.time.pass(HOUR)]);
  assertStrictEquals(world.sent.length, 1);
  assert(world.target("a").off?.reason.startsWith("It responded with 410"));
  assertStrictEquals(world.left, 0);
  await process.notifications.drain();
});

Deno.test("only one of two processes sends each notice", async () => {
  const world = new World();
  for (const id of ["a", "b", "c"]) world.addTarget(id);
  const processes = [world.start(), world.start()];
  for (let n = 0; n < 20; n++) {
    const told = processes[n % 2]!.notify(`${n}`);
    for (const { notifications } of processes) notifications.pickUp();
    await Promise.all([told, world.time.pass(100 + n)]);
  }
  await world.time.pass(HOUR);
  assertStrictEquals(world.sent.length, 60);
  assertStrictEquals(world.left, 0);
  await Promise.all(processes.map(({ notifications }) => notifications.drain()));
});

Deno.test("notices of a dead process are resent with the same ID, at once if its end is known", async () => {
  const world = new World();
  world.addTarget("a");
  world.takesMs = () => 5_000;
  const [one, two] = [world.start(), world.start()];
  await Promise.all([one.notify("one"), world.time.pass(1_000)]);
  assertEquals(world.sent.map(({ by }) => by), [one.name]);
  one.kill();
  await world.time.pass(1_000);
  assertEquals(world.sent.map(({ id, by }) => [id, by]), [["one", one.name], ["one", two.name]]);
  await world.time.pass(MINUTE);
  assertStrictEquals(world.sent.length, 2);
  assertStrictEquals(world.left, 0);
  await two.notifications.drain();
});

Deno.test("a lease from another host must expire first", async () => {
  const world = new World();
  world.addTarget("a");
  world.takesMs = () => 5_000;
  const [one, two] = [world.start(), world.start()];
  await Promise.all([one.notify("one"), world.time.pass(1_000)]);
  one.kill();
  world.dead.clear();
  two.notifications.pickUp();
  await world.time.pass(15_000);
  assertStrictEquals(world.sent.length, 1);
  await world.time.pass(MINUTE);
  assertStrictEquals(world.sent.length, 2);
  await two.notifications.drain();
});

Deno.test("removing a target or an account removes its waiting notices", async () => {
  const world = new World();
  world.addTarget("a");
  world.addTarget("b");
  world.answer = () => BROKEN;
  const process = world.start();
  await Promise.all([process.notify("one"), world.time.pass(MINUTE)]);
  const { notifications } = process;
  await Promise.all([notifications.targets.remove(ACCOUNT, "a"), world.time.pass(10)]);
  const before = world.ids("//a.").length;
  await world.time.pass(HOUR);
  assertStrictEquals(world.ids("//a.").length, before);
  await Promise.all([notifications.choose(ACCOUNT, "run", "r", true), world.time.pass(10)]);
  await Promise.all([notifications.forget(ACCOUNT), world.time.pass(100)]);
  for (const name of ["outbox", "outbox-due", "outbox-told", "notify-target", "notify-chosen"]) {
    assertEquals(world.store.list([name]), [], name);
  }
  await notifications.drain();
});

Deno.test("a merged account's targets, choices and waiting notices move, and arrive once", async () => {
  const world = new World();
  world.addTarget("a");
  world.answer = () => BROKEN;
  const process = world.start();
  const { notifications } = process;
  await Promise.all([process.notify("one"), world.time.pass(1_000)]);
  await Promise.all([notifications.choose(ACCOUNT, "run", "r", true), world.time.pass(10)]);
  world.answer = () => OK;
  await Promise.all([notifications.move(ACCOUNT, "other"), world.time.pass(100)]);
  await world.time.pass(HOUR);
  assertEquals(world.ids().at(-1), "one");
  assertStrictEquals(world.left, 0);
  const [targets, offer] = await Promise.all([
    notifications.targets.list("other"),
    notifications.offer("other", "run", "r", () => Promise.resolve(true)),
    world.time.pass(100),
  ]);
  assertEquals([targets.map(({ id }) => id), offer], [["a"], "chosen"]);
  assertEquals(world.store.list(["notify-target", ACCOUNT]), []);
  await notifications.drain();
});

Deno.test("an orphaned due time is removed", async () => {
  const world = new World();
  world.addTarget("a");
  const process = world.start();
  const place = { account: ACCOUNT, target: "a", notice: "one" };
  const item: OutboxItem = {
    notice: { type: "run.completed", id: "one", subject: "r", status: "completed", at_ms: 0 },
    created_ms: world.time.now(),
    due_ms: world.time.now(),
    tries: 0,
    lease_owner: "",
    lease_until: 0,
    fence: 0,
    words: null,
  };
  world.store.commit([], [
    { type: "set", key: keys.item(place), value: item },
    { type: "set", key: keys.due(item.due_ms, place), value: null },
    { type: "set", key: keys.due(item.due_ms - 1, place), value: null },
    { type: "set", key: keys.due(1, { ...place, notice: "none" }), value: null },
  ]);
  process.notifications.pickUp();
  await world.time.pass(MINUTE);
  assertEquals(world.ids(), ["one"]);
  assertStrictEquals(world.left, 0);
  await process.notifications.drain();
});

/** The accounts of one run, each with a target named after it. */
function shared(world: World, count: number): string[] {
  const accounts = Array.from({ length: count }, (_, at) => `member-${at}`);
  for (const account of accounts) world.addTarget(account, {}, account);
  return accounts;
}

/** Ends a run that many accounts have, in a commit of its own. */
async function endForAll({ notifications, committer }: WorldProcess, accounts: readonly string[]) {
  const { content: _, ...notice } = noticeOf("run.7");
  const every = () => Promise.resolve(true);
  const write = await notifications.notifyAll(accounts, "run", notice, every);
  assert((write.checks?.length ?? 0) <= 8, "KV Connect allows ten");
  assert(write.mutations.length < 100);
  await committer.commit(write);
}

for (const count of [1, 8, 9, 25, 500]) {
  Deno.test(`${count} accounts of one run are notified once each`, async () => {
    const world = new World();
    const accounts = shared(world, count);
    const process = world.start();
    await Promise.all([endForAll(process, accounts), world.time.pass(5 * MINUTE)]);
    assertEquals(
      world.sent.map(({ url }) => new URL(url).hostname).sort(),
      accounts.map((account) => `${account}.example`).sort(),
    );
    assertStrictEquals(world.left + world.store.list(["outbox-rest"]).length, 0);
    await process.notifications.drain();
  });
}

Deno.test("if a process dies before it has notified all accounts of a run, another one goes on", async () => {
  const world = new World();
  const accounts = shared(world, 40);
  const [one, two] = [world.start(), world.start()];
  const ended = endForAll(one, accounts).catch(() => {});
  while (world.store.list(["outbox-rest"]).length === 0) await world.time.pass(1);
  one.kill();
  await Promise.race([ended, world.time.pass(5 * MINUTE)]);
  await world.time.pass(5 * MINUTE);
  assertEquals(
    new Set(world.sent.map(({ url }) => new URL(url).hostname)),
    new Set(accounts.map((account) => `${account}.example`)),
  );
  assertStrictEquals(world.left + world.store.list(["outbox-rest"]).length, 0);
  await two.notifications.drain();
});

Deno.test("accounts that are still to be notified can be deleted and merged", async () => {
  const world = new World();
  const accounts = shared(world, 12);
  const process = world.start();
  const { content: _, ...notice } = noticeOf("run.7");
  const value = { kind: "run", notice, accounts, isOne: true };
  world.store.commit([], [{ type: "set", key: keys.rest(notice.id), value }]);
  const { notifications } = process;
  await Promise.all([notifications.forget("member-0"), world.time.pass(100)]);
  await Promise.all([notifications.move("member-1", "member-2"), world.time.pass(100)]);
  notifications.pickUp();
  await world.time.pass(5 * MINUTE);
  assertEquals(
    world.sent.map(({ url }) => new URL(url).hostname).sort(),
    accounts.slice(1).map((account) => `${account}.example`).sort(),
  );
  await notifications.drain();
});

Deno.test("erasing a run or batch erases what waits, was delivered or was chosen about it", async () => {
  const world = new World();
  world.addTarget("a");
  world.addTarget("b");
  const process = world.start();
  const { notifications } = process;
  const about = (subject: string, id: string) =>
    process.notify(id, { subject, reason: `Why ${subject} failed` });
  await Promise.all([about("trun_1", "trun_1.3"), world.time.pass(MINUTE)]);
  world.answer = () => BROKEN;
  for (const [subject, id] of [["trun_1", "trun_1.4"], ["trun_12", "trun_12.1"]] as const) {
    await Promise.all([about(subject, id), world.time.pass(MINUTE)]);
    await Promise.all([notifications.choose(ACCOUNT, "run", subject, true), world.time.pass(10)]);
  }
  await Promise.all([notifications.erase(ACCOUNT, "trun_1"), world.time.pass(100)]);
  const stored = ["outbox", "outbox-due", "outbox-told", "notify-chosen"]
    .flatMap((name) => world.store.list([name]).map((entry) => JSON.stringify(entry)));
  assertEquals(stored.filter((entry) => /trun_1\b/.test(entry)), []);
  assertStrictEquals(stored.filter((entry) => /trun_12\b/.test(entry)).length, 5);
  await notifications.drain();
});
