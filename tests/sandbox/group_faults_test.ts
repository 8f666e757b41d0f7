/** Simulated failures of groups. */
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { GroupRoom, inputsOf, runsIn } from "./groups_support.ts";
import { type Room, withRoom } from "./support.ts";

const withGroups = (test: (groups: GroupRoom, room: Room) => Promise<void>) =>
  withRoom((room) => test(new GroupRoom(room), room));

for (const status of [402, 429, 500, 503]) {
  Deno.test(`${status} in the middle: that request is rejected and adds nothing, the others are accepted`, () =>
    withGroups(async (groups) => {
      const id = await groups.create({ sandbox: `${status}@2` });
      await groups.add(id, { inputs: inputsOf(2) });
      const refused = await groups.post(`/${id}/runs`, { inputs: inputsOf(2) });
      assertStrictEquals(refused.status, status);
      assertStrictEquals(refused.headers.get("retry-after"), status === 429 ? "2" : null);
      assertStrictEquals((await refused.json()).type, "error");
      assertStrictEquals((await groups.status(id)).num_task_runs, 2);
      await groups.add(id, { inputs: inputsOf(2) });
      assertStrictEquals((await groups.status(id)).num_task_runs, 4);
    }));
}

Deno.test("a fault in a row applies to its request too", () =>
  withGroups(async (groups) => {
    const id = await groups.create();
    const inputs = [...inputsOf(1), ...inputsOf(1, { metadata: { sandbox: "402@1" } })];
    assertStrictEquals((await groups.post(`/${id}/runs`, { inputs })).status, 402);
    const { run_ids } = await groups.add(id, { inputs });
    assertStrictEquals(run_ids.length, 2);
  }));

Deno.test("lost: the runs exist, but their response is cut off", () =>
  withGroups(async (groups) => {
    const id = await groups.create({ sandbox: "lost@1" });
    const lost = await groups.post(`/${id}/runs`, { inputs: inputsOf(3) });
    await assertRejects(() => lost.text());
    assertStrictEquals((await groups.status(id)).num_task_runs, 3);
    const [first] = await groups.read(id, "runs?include_input=true");
    assertEquals(first?.input.metadata, { row: "r1", attempt: 1 });
  }));

Deno.test("late: the runs appear only ten seconds after the lost response", () =>
  withGroups(async (groups, room) => {
    const id = await groups.create({ sandbox: "late:10@2" });
    const first = await groups.add(id, { inputs: inputsOf(1) });
    await assertRejects(async () =>
      (await groups.post(`/${id}/runs`, { inputs: inputsOf(2) })).text()
    );
    const third = await groups.add(id, { inputs: inputsOf(1) });
    const known = async () => runsIn(await groups.read(id, "runs")).map(([run]) => run);
    assertEquals(await known(), [first.run_ids[0], third.run_ids[0]]);
    room.clock.ms += 9_999;
    assertStrictEquals((await groups.status(id)).num_task_runs, 2);
    room.restart();
    room.clock.ms += 1;
    assertStrictEquals((await groups.status(id)).num_task_runs, 4);
    // What comes late comes last, so that a cursor finds it.
    assertEquals((await known()).slice(0, 2), [first.run_ids[0], third.run_ids[0]]);
    assertStrictEquals(
      (await groups.read(id, `runs?last_event_id=${third.run_cursor}`)).length,
      3,
    );
  }));

Deno.test("a share of the rows fails, by input; another attempt may succeed", () =>
  withGroups(async (groups, room) => {
    const id = await groups.create({ sandbox: "fail:25" });
    const failed = async () => {
      room.clock.ms += 10_000;
      const events = await groups.read(id, "runs?include_input=true");
      return events.filter(({ run }) => run.status === "failed").map(({ input }) =>
        input.metadata.row
      );
    };
    await groups.add(id, { inputs: inputsOf(200) });
    const first = await failed();
    assert(first.length > 25 && first.length < 75, `${first.length} of 200`);
    const again = await groups.create({ sandbox: "fail:25" });
    await groups.add(again, { inputs: inputsOf(200) });
    room.clock.ms += 10_000;
    const events = await groups.read(again, "runs?status=failed&include_input=true");
    assertEquals(events.map(({ input }) => input.metadata.row), first);
    assertStrictEquals(typeof events[0]?.run.error.message, "string");
    const second = inputsOf(200).map(({ metadata, ...rest }) => ({
      ...rest,
      metadata: { ...metadata, attempt: 2 },
    }));
    await groups.add(id, { inputs: second });
    assertNotEquals((await failed()).slice(first.length), first);
  }));

Deno.test("shuffle: ends are reported out of order, and none is missing", () =>
  withGroups(async (groups) => {
    const id = await groups.create({ sandbox: "shuffle" });
    const { run_ids } = await groups.add(id, { inputs: inputsOf(30) });
    const events = await groups.read(id, "events");
    const ends = events.flatMap(({ run }) => run === undefined ? [] : [String(run.modified_at)]);
    assertNotEquals(ends, [...ends].sort());
    assertEquals(runsIn(events).map(([run]) => run).sort(), [...run_ids].sort());
    for (const place of [3, 20]) {
      const rest = await groups.read(id, `events?last_event_id=${events[place]?.event_id}`);
      assertEquals(rest, events.slice(place + 1));
    }
  }));

Deno.test("a run's faults affect that run alone, without waiting for a second connection", () =>
  withGroups(async (groups, room) => {
    const id = await groups.create();
    const word = (sandbox: string) => inputsOf(1, { metadata: { sandbox } });
    await groups.add(id, {
      inputs: [...inputsOf(1), ...word("fail"), ...word("action_required"), ...word("stall")],
    });
    room.clock.ms += 700_000;
    assertEquals(runsIn(await groups.read(id, "runs")).map(([, status]) => status), [
      "completed",
      "failed",
      "action_required",
      "completed",
    ]);
    const warned = await groups.read(id, "runs?status=completed");
    assertEquals(warned.map(({ run }) => run.warnings), [null, null]);
  }));
