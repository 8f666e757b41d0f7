import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { parseSSE, type SSEEvent } from "../../lib/sse/mod.ts";
import { messagesOf, NOON, type Room, statesOf, withRoom } from "./support.ts";

const faulty = (sandbox: string) => ({
  processor: "pro",
  enable_events: true,
  metadata: { sandbox },
});

/** Connects until the run is over; each connection's events, and how it ended. */
async function connectAll(room: Room, runId: string) {
  const connections: { events: SSEEvent[]; broke: boolean }[] = [];
  for (let attempt = 0; attempt < 20; attempt++) {
    const response = await room.ask(`/v1beta/tasks/runs/${runId}/events`);
    const events: SSEEvent[] = [];
    let broke = false;
    try {
      for await (const event of parseSSE(response)) events.push(event);
    } catch {
      broke = true;
    }
    connections.push({ events, broke });
    if (!["queued", "running"].includes(statesOf(events).at(-1)!)) break;
  }
  return connections;
}

async function wholeTrace(room: Room) {
  return messagesOf(await room.events(await room.create(faulty("")))).length;
}

for (const [sandbox, broke] of [["cut", false], ["drop", true]] as const) {
  Deno.test(`${sandbox}: three connections end early, ${broke ? "in the middle of an event" : "cleanly"}`, () =>
    withRoom(async (room) => {
      const count = await wholeTrace(room);
      const connections = await connectAll(room, await room.create(faulty(sandbox)));
      assertEquals(connections.map((each) => each.broke), [broke, broke, broke, false]);
      const lengths = connections.map(({ events }) => messagesOf(events).length);
      assertEquals([...lengths].sort((a, b) => a - b), lengths);
      assert(Math.abs(lengths.at(-1)! - count) < 8, "the last replay is whole");
      for (const { events } of connections.slice(0, 3)) {
        assertStrictEquals(events.at(-1)?.event === "task_run.state", !broke);
      }
    }));
}

Deno.test("fail and action_required end a stream early with that status", () =>
  withRoom(async (room) => {
    const failed = await room.events(await room.create(faulty("fail")));
    assertEquals(statesOf(failed), ["queued", "running", "failed"]);
    assertMatch(JSON.parse(failed.at(-1)!.data).run.error.message, /^Task execution failed/);
    assert(messagesOf(failed).length > 5);
    const stopped = await room.events(await room.create(faulty("action_required")));
    assertStrictEquals(JSON.parse(stopped.at(-1)!.data).run.is_active, false);
  }));

Deno.test("stall: the first connection goes silent; a second continues the run without loss", () =>
  withRoom(async (room) => {
    room.clock.stop();
    const runId = await room.create(faulty("stall"));
    const silent: SSEEvent[] = [];
    const first = (await room.ask(`/v1beta/tasks/runs/${runId}/events`)).body!;
    const reading = (async () => {
      for await (const event of parseSSE(first)) silent.push(event);
    })();
    await room.clock.untilWaiting(1);
    await room.clock.advance(20_000);
    const heard = silent.length;
    assert(heard > 3);
    await room.clock.advance(200_000);
    assertStrictEquals(silent.length, heard, "not a word for 200 seconds");
    assertStrictEquals((await room.get(runId)).status, "running");

    const second = room.events(runId);
    await room.clock.untilWaiting(2);
    await room.clock.advance(60_000);
    const events = await second;
    assertStrictEquals(statesOf(events).at(-1), "completed");
    const messages = messagesOf(events);
    assertEquals(messages.slice(0, messagesOf(silent).length), messagesOf(silent));
    assert(messages.length > messagesOf(silent).length);
    const late = messages.filter(({ timestamp }) => Date.parse(timestamp) > NOON + 220_000);
    assert(late.length > 3, "the rest happens after the pause");
    await room.clock.advance(570_000);
    await reading;
    assertStrictEquals(silent.length, heard);
  }));

Deno.test("stall: without a second connection the run continues after ten minutes", () =>
  withRoom(async (room) => {
    const runId = await room.create(faulty("stall"));
    await room.get(`${runId}/result`);
    assert(room.clock.ms > NOON + 60_000);
  }, { speed: 10 }));

Deno.test("malformed: payloads that are not JSON or not objects, unknown types, members and errors", () =>
  withRoom(async (room) => {
    const events = await room.events(await room.create(faulty("malformed")));
    const parsed = events.map(({ data }) => {
      try {
        return typeof JSON.parse(data);
      } catch {
        return "none";
      }
    });
    assert(parsed.includes("none"));
    assert(events.some(({ data }) => data === "null"));
    assert(events.some(({ data }) => data === "[1,2,3]"));
    for (const type of ["task_run.telemetry", "task_run.progress_msg.hypothesis", "error"]) {
      assert(events.some(({ event }) => event === type), type);
    }
    assertStrictEquals(statesOf(events).at(-1), "completed");
  }));

Deno.test("burst: hundreds of messages at one moment, some of them equal, replayed the same", () =>
  withRoom(async (room) => {
    const runId = await room.create(faulty("burst"));
    const live = messagesOf(await room.events(runId));
    const moments = Map.groupBy(live, ({ timestamp }) => timestamp);
    const [crowd = []] = [...moments.values()].sort((a, b) => b.length - a.length);
    assert(crowd.length >= 400);
    assert(new Set(crowd.map(({ message }) => message)).size < crowd.length - 20);
    room.clock.ms = NOON + 18_000;
    assertEquals(messagesOf(await room.events(runId)), live);
  }));

const OUTPUTS: readonly (readonly [string, unknown])[] = [
  ["text", { type: "text" }],
  ["auto", { type: "auto" }],
  ["json", {
    json_schema: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] },
  }],
];
for (const [name, output_schema] of OUTPUTS) {
  Deno.test(`huge: a ${name} result of about 5 MB and one event of 2 MiB`, () =>
    withRoom(async (room) => {
      const runId = await room.create({ ...faulty("huge"), task_spec: { output_schema } });
      const events = await room.events(runId);
      const lengths = events.map(({ data }) => data.length).sort((a, b) => b - a);
      assert(lengths[0]! > 4_900_000 && lengths[0]! < 6_000_000, `${lengths[0]}`);
      assert(lengths[1]! > 2 * 1024 * 1024 && lengths[1]! < 2.1 * 1024 * 1024, `${lengths[1]}`);
      const { output } = await room.get<{ output: unknown }>(`${runId}/result`);
      assertEquals(output, JSON.parse(events.at(-1)!.data).output);
    }));
}

Deno.test("faults can be combined", () =>
  withRoom(async (room) => {
    const connections = await connectAll(room, await room.create(faulty("cut,burst fail")));
    assert(connections.length > 2);
    const last = connections.at(-1)!;
    assertStrictEquals(statesOf(last.events).at(-1), "failed");
    assert(messagesOf(last.events).length > 400);
  }));
