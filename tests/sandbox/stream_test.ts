import assert from "node:assert/strict";
import { parseSSE } from "../../lib/sse/mod.ts";
import { messagesOf, NOON, settle, statesOf, statsOf, withRoom } from "./support.ts";

const BUSY = { processor: "pro", enable_events: true };

Deno.test("a stream begins and ends with a state, and the last one carries the output", () =>
  withRoom(async (room) => {
    const events = await room.events(await room.create(BUSY));
    assert.equal(events[0]?.event, "task_run.state");
    assert.deepEqual(statesOf(events), ["queued", "running", "completed"]);
    assert.equal(events.at(-1)?.event, "task_run.state");
    assert.equal(JSON.parse(events.at(-1)!.data).output.type, "json");
  }));

Deno.test("frames have an event line equal to the payload's type, one data line, and nothing else", () =>
  withRoom(async (room) => {
    const response = await room.ask(`/v1/tasks/runs/${await room.create(BUSY)}/events`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
    const text = await response.text();
    assert.ok(text.endsWith("\n\n"));
    for (const frame of text.trimEnd().split("\n\n")) {
      const [, event, data] = /^event: (\S+)\ndata: (.+)$/.exec(frame) ?? [];
      assert.equal(JSON.parse(data ?? "{}").type, event, frame);
    }
    assert.ok(!text.includes("[DONE]"));
  }));

Deno.test("state events spell out their nulls, in the API's order", () =>
  withRoom(async (room) => {
    const [first] = await room.events(await room.create(BUSY));
    const state = JSON.parse(first!.data);
    assert.deepEqual(Object.keys(state), ["type", "event_id", "input", "run", "output"]);
    assert.deepEqual([state.event_id, state.input, state.output], [null, null, null]);
    assert.deepEqual(Object.keys(state.run), [
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
    assert.deepEqual([state.run.warnings, state.run.error, state.run.taskgroup_id], [
      null,
      null,
      null,
    ]);
  }));

Deno.test("both paths to the stream are the same", () =>
  withRoom(async (room) => {
    const runId = await room.create();
    const text = async (path: string) => await (await room.ask(path)).text();
    await room.get(`${runId}/result`);
    assert.equal(
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
    assert.deepEqual(messagesOf(late), messagesOf(whole));
    assert.deepEqual(statesOf(late), ["running", "completed"]);
    const replayed = late.findIndex(({ event }) => event === "task_run.progress_stats");
    const before = messagesOf(late.slice(0, replayed));
    assert.ok(before.length > 5);
    assert.ok(before.every(({ timestamp }) => Date.parse(timestamp) <= NOON + 12_000));
    const missed = statsOf(whole).length - statsOf(late).length;
    assert.ok(missed > 1, "earlier stats are not replayed");
    assert.deepEqual(statsOf(late), statsOf(whole).slice(missed));
  }));

for (const sandbox of ["", "fail", "action_required"]) {
  Deno.test(`a run that is over (${sandbox || "completed"}) gives exactly one state`, () =>
    withRoom(async (room) => {
      const runId = await room.create({ ...BUSY, metadata: { sandbox } });
      room.clock.ms = NOON + 3_600_000;
      const events = await room.events(runId);
      assert.equal(events.length, 1);
      const { run, output } = JSON.parse(events[0]!.data);
      assert.equal(
        run.status,
        sandbox === "" ? "completed" : sandbox === "fail" ? "failed" : sandbox,
      );
      assert.equal(run.is_active, false);
      assert.equal(output !== null, sandbox === "");
      if (sandbox === "fail") assert.equal(run.error.detail, null);
    }));
}

Deno.test("events come when they are due and not before", () =>
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
    assert.ok(seen.length > 20);
    assert.ok(seen.every((lateMs) => lateMs >= 0 && lateMs <= 1), seen.join());
  }));

Deno.test("stats rise, and the meter ends at 100", () =>
  withRoom(async (room) => {
    const stats = statsOf(await room.events(await room.create({ ...BUSY, processor: "ultra" })));
    const read = stats.map(({ progress_meter, source_stats }) => [
      progress_meter,
      source_stats.num_sources_considered,
      source_stats.num_sources_read,
    ]);
    for (const [index, row] of read.entries()) {
      for (const [column, value] of row.entries()) {
        assert.ok(
          index === 0 || value >= read[index - 1]![column]!,
          `${read[index - 1]} then ${row}`,
        );
      }
    }
    assert.deepEqual(read.at(-1), [100, 512, 41]);
    for (const { source_stats } of stats) {
      assert.ok(source_stats.sources_read_sample.length <= 8);
      for (const url of source_stats.sources_read_sample) {
        assert.ok(new URL(url).hostname.endsWith(".example"), url);
      }
    }
  }));

Deno.test("every kind of work is reported, one objective before its queries", () =>
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
      assert.ok(kinds.has(kind), kind);
    }
    const searches = messages.filter(({ type }) => type.endsWith(".search")).map(({ message }) =>
      message
    );
    assert.match(searches.join("\n"), /^(?:Objective: .+\n(?:Query: .+(?:\n|$)){1,3})+$/);
    assert.ok(messages.some(({ message }) => message === "Listing tools for MCP server pubmed."));
    assert.match(messages[0]?.message ?? "", /simulated by the Taskstream sandbox/);
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
  Deno.test(`${processor} with enable_events ${enable_events} reports ${busy ? "much" : "little, but its states"}`, () =>
    withRoom(async (room) => {
      const events = await room.events(await room.create({ processor, enable_events }));
      assert.equal(messagesOf(events).length > 5, busy);
      assert.deepEqual(statesOf(events), ["queued", "running", "completed"]);
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
      assert.equal(events.at(-1)?.event, "task_run.state");
      cuts.push([(room.clock.ms - start) / 1000, status]);
    }
    assert.deepEqual(cuts, [[570, "running"], [570, "running"]]);
  }));

Deno.test("the cut comes sooner at a higher speed", () =>
  withRoom(async (room) => {
    await room.events(await room.create({ ...BUSY, metadata: { sandbox_seconds: 1_500 } }));
    assert.equal(room.clock.ms - NOON, 57_000);
  }, { speed: 10 }));

Deno.test("a reader that leaves frees its timer; a stream nobody reads has none", () =>
  withRoom(async (room) => {
    room.clock.stop();
    const runId = await room.create(BUSY);
    const unread = await room.ask(`/v1beta/tasks/runs/${runId}/events`);
    await settle();
    assert.equal(room.clock.waiting, 0);
    const reader = (await room.ask(`/v1beta/tasks/runs/${runId}/events`)).body!.getReader();
    await reader.read();
    const pending = reader.read();
    await room.clock.untilWaiting(1);
    await reader.cancel();
    assert.equal((await pending).done, true);
    assert.equal(room.clock.waiting, 0);
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
    assert.ok(broken.status === "rejected" && String(broken.reason).includes("gone"));
    assert.equal(ended.status, "fulfilled");
    assert.equal(room.clock.waiting, 0);
  }));
