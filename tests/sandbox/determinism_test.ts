import { assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { createSandbox } from "../../lib/sandbox/mod.ts";
import { Clock, NOON, Room, withRoom } from "./support.ts";

const BODY = { input: "Which rivers of Europe are tidal?", processor: "pro", enable_events: true };
const HEX = "0123456789abcdef".repeat(2);

Deno.test("the same ID, request, moment and speed give the same run to the last byte", async () => {
  const runs: unknown[] = [];
  for (let time = 0; time < 2; time++) {
    await withRoom(async (room) => {
      const runId = await room.create(BODY);
      runs.push([await room.events(runId), await room.get(`${runId}/result`)]);
    }, { newHex: () => HEX });
  }
  assertEquals(runs[0], runs[1]);
});

Deno.test("another ID gives another run", async () => {
  const texts: string[] = [];
  for (const digit of ["a", "b"]) {
    await withRoom(async (room) => {
      const result = await room.get<{ output: unknown }>(`${await room.create(BODY)}/result`);
      texts.push(JSON.stringify(result.output));
    }, { newHex: () => digit.repeat(32) });
  }
  assertNotEquals(texts[0], texts[1]);
});

Deno.test("a restart in the middle changes nothing, not even the speed", () =>
  withRoom(async (room) => {
    const runId = await room.create(BODY);
    const whole = await room.events(runId);
    const result = await room.get(`${runId}/result`);
    room.clock.ms = NOON + 9_000;
    const before = await room.get(runId);
    room.restart();
    assertEquals(await room.get(runId), before);
    const late = await room.events(runId);
    const messages = (events: typeof whole) =>
      events.filter(({ event }) => event.includes("progress_msg")).map(({ data }) => data);
    assertEquals(messages(late), messages(whole));
    assertStrictEquals(late.at(-1)?.data, whole.at(-1)?.data);
    assertEquals(await room.get(`${runId}/result`), result);
  }));

Deno.test("two sandboxes with different speeds on one database agree about a run", () =>
  withRoom(async (room) => {
    const runId = await room.create(BODY);
    const { now, timers } = room.clock;
    const other = createSandbox({ kv: room.kv, speed: 50, now, timers });
    room.clock.ms = NOON + 6_000;
    const url = `http://x.invalid/v1/tasks/runs/${runId}`;
    const response = await other.fetch(
      new Request(url, { headers: { "x-api-key": "sandbox-test" } }),
    );
    assertEquals(await response.json(), await room.get(runId));
    other.close();
  }));

Deno.test("a run on a file outlives the process that created it", async () => {
  const path = await Deno.makeTempFile({ suffix: ".db" });
  try {
    const clock = new Clock();
    let kv = await Deno.openKv(path);
    let room = new Room(kv, clock, {});
    const runId = await room.create(BODY);
    room.sandbox.close();
    kv.close();
    kv = await Deno.openKv(path);
    room = new Room(kv, clock, {});
    clock.ms = NOON + 60_000;
    assertStrictEquals((await room.get(runId)).status, "completed");
    room.sandbox.close();
    kv.close();
  } finally {
    for (const end of ["", "-wal", "-shm"]) await Deno.remove(path + end).catch(() => {});
  }
});
