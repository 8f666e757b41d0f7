import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { parseSSE } from "../../lib/sse/mod.ts";
import { messagesOf, NOON, settle, statesOf, statsOf, withRoom } from "./support.ts";

const BUSY = { processor: "pro", enable_events: true };

Deno.test("a stream starts and ends with a state, and the last one has the output", () =>
  withRoom(async (room) => {
    const events = await room.events(await room.create(BUSY));
    assertStrictEquals(events[0]?.event, "task_run.state");
    assertEquals(statesOf(events), ["queued", "running", "completed"]);
    assertStrictEquals(events.at(-1)?.event, "task_run.state");
    assertStrictEquals(JSON.parse(events.at(-1)!.data).output.type, "json");
  }));

Deno.test("frames have an event line with the payload's type, one data line, and nothing else", () =>
  withRoom(async (room) => {
    const response = await room.ask(`/v1/tasks/runs/${await room.create(BUSY)}/events`);
    assertStrictEquals(response.status, 200);
    assertStrictEquals(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
    const text = await response.text();
    assert(text.endsWith("\n\n"));
    for (const frame of text.trimEnd().split("\n\n")) {
      const [, event, data] = /^event: (\S+)\ndata: (.+)$/.exec(frame) ?? [];
      assertStrictEquals(JSON.parse(data ?? "{}").type, event, frame);
    }
    assert(!text.includes("[DONE]"));
  }));

Deno.test("state events include their nulls, in the API's order", () =>
  withRoom(async (room) => {
    const [first] = await room.events(await room.create(BUSY));
    const state = JSON.parse(first!.data);
    assertEquals(Object.keys(state), ["type", "event_id", "input", "run", "output"]);
    assertEquals([state.event_id, state.input, state.output], [null, null, null]);
    assertEquals(Object.keys(state.run), [
      "run_id",
      "interaction_id",
      "status",
      "is_active",
      "warnings",
      "error",
      "processor",
      "metadata",
      "taskgroup_id",
      "created_at",
      "modified_at",
    ]);
    assertEquals([state.run.warnings, state.run.error, state.run.taskgroup_id], [
      null,
      null,
      null,
    ]);
  }));

Deno.test("both paths to the stream give the same bytes", () =>
  withRoom(async (room) => {
    const runId = await room.create();
    const text = async (path: string) => await (await room.ask(path)).text();
    await room.get(`${runId}/result`);
    assertStrictEquals(
      await text(`/v1/tasks/runs/${runId}/events`),
      await text(`/v1beta/tasks/runs/${runId}/events`),
    );
  }));

Deno.test("a late connection gets every message with its first timestamp, but only the latest stats", () =>
  withRoom(async (room) => {
    const runId = await room.create(BUSY);
    const whole = await room.events(runId);
    room.clock.ms = NOON + 12_000;
    const late = await room.events(runId);
    assertEquals(messagesOf(late), messagesOf(whole));
    assertEquals(statesOf(late), ["running", "completed"]);
    const replayed = late.findIndex(({ event }) => event === "task_run.progress_stats");
    const before = messagesOf(late.slice(0, replayed));
    assert(before.length > 5);
    assert(before.every(({ timestamp }) => Date.parse(timestamp) <= NOON + 12_000));
    const missed = statsOf(whole).length - statsOf(late).length;
    assert(missed > 1, "earlier stats are not replayed");
    assertEquals(statsOf(late), statsOf(whole).slice(missed));
  }));

for (const sandbox of ["", "fail", "action_required"]) {
  Deno.test(`a run that is over (${sandbox || "completed"}) sends exactly one state`, () =>
    withRoom(async (room) => {
      const runId = await room.create({ ...BUSY, metadata: { sandbox } });
      room.clock.ms = NOON + 3_600_000;
      const events = await room.events(runId);
      assertStrictEquals(events.length, 1);
      const { run, output } = JSON.parse(events[0]!.data);
      assertStrictEquals(
        run.status,
        sandbox === "" ? "completed" : sandbox === "fail" ? "failed" : sandbox,
      );
      assertStrictEquals(run.is_active, false);
      assertStrictEquals(output !== null, sandbox === "");
      if (sandbox === "fail") assertStrictEquals(run.error.detail, null);
    }));
}

Deno.test("events are sent exactly when due", () =>
  withRoom(async (room) => {
    room.clock.stop();
    const runId = await room.create(BUSY);
    const response = await room.ask(`/v1beta/tasks/runs/${runId}/events`);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { data } of parseSSE(response)) {
        const { timestamp } = JSON.parse(data);
        if (timestamp) seen.push(room.clock.ms - Date.parse(timestamp));
      }
    })();
    for (let ms = 0; ms < 30_000; ms += 500) await room.clock.advance(500);
    await reading;
    assert(seen.length > 20);
    assert(seen.every((lateMs) => lateMs >= 0 && lateMs <= 1), seen.join());
  }));

for (const processor of ["lite", "base", "core", "pro", "ultra8x"]) {
  Deno.test(`the stats of ${processor} count exactly the reads before them`, () =>
    withRoom(async (room) => {
      let reads = 0;
      for (const { event, data } of await room.events(await room.create({ ...BUSY, processor }))) {
        if (event.endsWith(".extract")) reads++;
        if (!event.endsWith("_stats")) continue;
        const { num_sources_read, sources_read_sample } = JSON.parse(data).source_stats;
        assertStrictEquals(num_sources_read, reads);
        assertStrictEquals(sources_read_sample.length, Math.min(reads, 8));
      }
      assert(reads > 0);
    }));
}

Deno.test("stats increase, and the meter ends at 100", () =>
  withRoom(async (room) => {
    const stats = statsOf(await room.events(await room.create({ ...BUSY, processor: "ultra" })));
    const read = stats.map(({ progress_meter, source_stats }) => [
      progress_meter,
      source_stats.num_sources_considered,
      source_stats.num_sources_read,
    ]);
    for (const [index, row] of read.entries()) {
      for (const [column, value] of row.entries()) {
        assert(
          index === 0 || value >= read[index - 1]![column]!,
          `${read[index - 1]} then ${row}`,
        );
      }
    }
    assertEquals(read.at(-1), [100, 512, 41]);
    for (const { source_stats } of stats) {
      assert(source_stats.sources_read_sample.length <= 8);
      for (const url of source_stats.sources_read_sample) {
        assert(new URL(url).hostname.endsWith(".example"), url);
      }
    }
  }));

Deno.test("every kind of work is reported, each objective before its queries", () =>
  withRoom(async (room) => {
    const mcp_servers = [{ name: "pubmed", url: "https://mcp.pubmed.com" }];
    const messages = messagesOf(await room.events(await room.create({ ...BUSY, mcp_servers })));
    const kinds = new Set(messages.map(({ type }) => type.replace("task_run.progress_msg.", "")));
    for (
      const kind of [
        "exec_status",
        "plan",
        "search",
        "extract",
        "result",
        "reasoning",
        "analysis",
        "tool_call",
      ]
    ) {
      assert(kinds.has(kind), kind);
    }
    const searches = messages.filter(({ type }) => type.endsWith(".search")).map(({ message }) =>
      message
    );
    assertMatch(searches.join("\n"), /^(?:Objective: .+\n(?:Query: .+(?:\n|$)){1,3})+$/);
    assert(messages.some(({ message }) => message === "Listing tools for MCP server pubmed."));
    assertMatch(messages[0]?.message ?? "", /simulated by the Taskstream sandbox/);
  }));

const EVENTS_DEFAULT: readonly (readonly [string, boolean | undefined, boolean])[] = [
  ["lite", undefined, false],
  ["core", undefined, false],
  ["core", true, true],
  ["pro", undefined, true],
  ["pro-fast", undefined, true],
  ["ultra", false, false],
];
for (const [processor, enable_events, busy] of EVENTS_DEFAULT) {
  Deno.test(`${processor} with enable_events ${enable_events} reports ${busy ? "much" : "little beyond its states"}`, () =>
    withRoom(async (room) => {
      const events = await room.events(await room.create({ processor, enable_events }));
      assertStrictEquals(messagesOf(events).length > 5, busy);
      assertEquals(statesOf(events), ["queued", "running", "completed"]);
    }));
}

Deno.test("a connection is cut after 570 seconds with a state that is still running", () =>
  withRoom(async (room) => {
    const runId = await room.create({ ...BUSY, metadata: { sandbox_seconds: 1_500 } });
    const cuts = [];
    for (;;) {
      const start = room.clock.ms;
      const events = await room.events(runId);
      const status = statesOf(events).at(-1);
      if (status === "completed") break;
      assertStrictEquals(events.at(-1)?.event, "task_run.state");
      cuts.push([(room.clock.ms - start) / 1000, status]);
    }
    assertEquals(cuts, [[570, "running"], [570, "running"]]);
  }));

Deno.test("the cut comes sooner at a higher speed", () =>
  withRoom(async (room) => {
    await room.events(await room.create({ ...BUSY, metadata: { sandbox_seconds: 1_500 } }));
    assertStrictEquals(room.clock.ms - NOON, 57_000);
  }, { speed: 10 }));

Deno.test("a disconnected reader's timer is freed, and a stream without readers has none", () =>
  withRoom(async (room) => {
    room.clock.stop();
    const runId = await room.create(BUSY);
    const unread = await room.ask(`/v1beta/tasks/runs/${runId}/events`);
    await settle();
    assertStrictEquals(room.clock.waiting, 0);
    const reader = (await room.ask(`/v1beta/tasks/runs/${runId}/events`)).body!.getReader();
    await reader.read();
    const pending = reader.read();
    await room.clock.untilWaiting(1);
    await reader.cancel();
    assertStrictEquals((await pending).done, true);
    assertStrictEquals(room.clock.waiting, 0);
    await unread.body?.cancel();
  }));

Deno.test("an aborted request breaks its stream with the reason; closing ends it cleanly", () =>
  withRoom(async (room) => {
    room.clock.stop();
    const runId = await room.create(BUSY);
    const stop = new AbortController();
    const given = await room.ask(`/v1beta/tasks/runs/${runId}/events`, { signal: stop.signal });
    const kept = await room.ask(`/v1beta/tasks/runs/${runId}/events`);
    const outcomes = Promise.allSettled([given.text(), kept.text()]);
    await room.clock.untilWaiting(2);
    stop.abort(new Error("gone"));
    await room.clock.untilWaiting(1);
    room.sandbox.close();
    const [broken, ended] = await outcomes;
    assert(broken.status === "rejected" && String(broken.reason).includes("gone"));
    assertStrictEquals(ended.status, "fulfilled");
    assertStrictEquals(room.clock.waiting, 0);
  }));
