/** Limits and clocks that no other test covers. */
import { assert, assertEquals, assertNotMatch, assertStrictEquals } from "@std/assert";
import { TaskClient } from "../../../lib/parallel/client.ts";
import type { LogEvent } from "../../../lib/runs/model/event.ts";
import { type Head, headKey, readHead } from "../../../lib/runs/log/head.ts";
import { joinHistory, readHistory, readSummary } from "../../../lib/runs/history/mod.ts";
import { record } from "../../../lib/runs/log/recorder.ts";
import { encodeEvent, Encoder } from "../../../lib/runs/stream/frames.ts";
import { Viewer, type ViewerSource } from "../../../lib/runs/stream/viewer.ts";
import { parseSSE } from "../../../lib/sse/mod.ts";
import { instantKv } from "../../campaign/memory_kv.ts";
import { VirtualTime } from "../../campaign/virtual_time.ts";
import {
  ACCOUNT,
  completed,
  plan,
  Process,
  readAll,
  RUN,
  seedRun,
  withMemory,
  withTwo,
} from "../log_tools.ts";
import { recorderOf } from "../recording_tools.ts";
import { message, ScriptedUpstream, state } from "../upstream.ts";

const PLAN = "task_run.progress_msg.plan";
const encoder = new TextEncoder();

/** Resolves when a figure has stood still for a while of the event loop's own time. */
async function steady(figure: () => number): Promise<number> {
  for (let still = 0, last = figure(); still < 20; still++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (figure() !== last) still = 0;
    last = figure();
  }
  return figure();
}

/** Resolves when it holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

Deno.test("a client sees no event in a heartbeat, nor a change to the events around it", async () => {
  const time = new VirtualTime();
  const kv = instantKv();
  const process = new Process(kv, "one", {
    heartbeatMs: 15_000,
    pollMs: 1_000_000_000,
    timers: time,
    now: time.now,
  });
  try {
    await seedRun(kv);
    const writer = (await process.acquire())!;
    const answer = await process.relay.open(RUN, 0);
    assert(answer.status === "open");
    const [raw, parsed] = answer.body.tee();
    const text = new Response(raw).text();
    const events = Array.fromAsync(parseSSE(parsed));
    for (const name of ["a", "b"]) {
      writer.append(PLAN, plan(name));
      await writer.settled();
      await time.pass(15_000);
      await time.pass(15_000);
    }
    await writer.end("task_run.state", completed(null), null);
    assertEquals((await events).map(({ id, event }) => [id, event]), [
      ["1", PLAN],
      ["2", PLAN],
      ["3", "task_run.state"],
    ]);
    assertStrictEquals((await text).match(/^:/gm)?.length, 4);
    // An empty message, to parsers that dispatch at every blank line.
    assertNotMatch(await text, /^:.*\n\n/m);
    await writer.release();
  } finally {
    process.relay.drain();
  }
});

Deno.test("a viewer that catches up reads only a little ahead of its client", async () => {
  let read = 0, bytes = 0;
  async function* log(after: number): AsyncGenerator<LogEvent> {
    for (let id = after + 1; id <= 1000; id++) {
      read++;
      const event = { id, received_ms: 0, type: PLAN, data: "x".repeat(10_000) };
      bytes += encodeEvent(event).byteLength;
      yield event;
    }
  }
  const source: ViewerSource<LogEvent> = {
    read: (after) => Promise.resolve(log(after)),
    isOver: true,
    leave: () => {},
  };
  const viewer = new Viewer(source, { after: 0, encoder: new Encoder(), release: () => {} });
  assert(await steady(() => read) <= 10, `${read} of 10 KB each were read for nobody`);
  const reader = viewer.stream.getReader();
  let received = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    received += chunk.value.byteLength;
  }
  assertEquals([read, received], [1000, bytes], "and the rest as it is read");
});

Deno.test("at most a thousand events are read ahead of the store", () =>
  withMemory(async (process) => {
    let sent = 0;
    const total = 5_000;
    const frames = [
      ...Array.from({ length: total }, (_, n) => message(`m${n}`, n)),
      state("failed"),
    ];
    const fetch = () =>
      Promise.resolve(
        new Response(
          new ReadableStream({
            pull: (controller) => {
              const frame = frames[sent];
              if (frame === undefined) return controller.close();
              sent++;
              controller.enqueue(encoder.encode(frame));
            },
          }, { highWaterMark: 0 }),
          { headers: { "content-type": "text/event-stream" } },
        ),
      );
    const gate = Promise.withResolvers<void>();
    let commits = 0;
    const { committer } = process;
    const commit = committer.commit.bind(committer);
    committer.commit = async (write) => {
      // The first takes the lease.
      if (commits++ > 0) await gate.promise;
      return await commit(write);
    };
    const client = new TaskClient({ baseUrl: "http://up.invalid", apiKey: "k", fetch });
    const context = recorderOf(process, new ScriptedUpstream([]), {
      clientFor: () => Promise.resolve({ client, fetch }),
    });
    const recording = record(context, RUN, new AbortController().signal);
    await until(() => sent >= 1_000);
    const ahead = await steady(() => sent);
    assert(ahead >= 1_000 && ahead <= 1_100, `${ahead} events are held in memory`);
    gate.resolve();
    await recording;
    assertStrictEquals((await readHead(process.kv, RUN))!.head.last_id, total + 1);
  }));

Deno.test("a silent connection times out exactly after its limit", () =>
  withMemory(async (process) => {
    const time = new VirtualTime();
    const upstream = new ScriptedUpstream([
      { frames: [state("running")], then: "silence" },
      { frames: [state("running"), state("failed")], then: "end" },
    ]);
    const context = recorderOf(process, upstream, {
      stallMs: 120_000,
      connectTimeoutMs: 30_000,
      timers: time,
    });
    const recording = record(context, RUN, new AbortController().signal);
    await until(() => upstream.open === 1);
    await steady(() => upstream.connections);
    await time.pass(119_000);
    assertStrictEquals(upstream.connections, 1, "gaps of a minute or two are natural");
    await time.pass(1_000);
    // The first retry comes within 100 ms.
    await time.pass(100);
    await until(() => upstream.connections === 2);
    await recording;
    assertStrictEquals((await readHead(process.kv, RUN))!.head.status, "failed");
  }));

Deno.test("megabytes queued during a commit are written within KV's limits", () =>
  withMemory(async (process) => {
    const writer = (await process.acquire())!;
    for (let n = 0; n < 60; n++) writer.append(PLAN, plan(`${n}`.padEnd(50_000, "x")));
    await writer.end("task_run.state", completed({ content: "y".repeat(500_000) }), null);
    const events = await readAll(process);
    assertStrictEquals(events.length, 61);
    assertEquals(events.map(({ id }) => id), events.map((_, at) => String(at + 1)));
    await writer.release();
  }));

Deno.test("a viewer who joins during recording sees the current figures", () =>
  withMemory(async (process) => {
    const writer = (await process.acquire())!;
    writer.append(PLAN, plan("before"));
    await writer.settled();
    const { head } = (await readHead(process.kv, RUN))!;
    const summary = (await readSummary(process.kv, ACCOUNT, head.created_ms, RUN))!;
    const next: Head = { ...head, members: [...head.members, "other"] };
    await process.committer.commit({
      mutations: [{ type: "set", key: headKey(RUN), value: next }],
    });
    const joined = joinHistory("other", summary, { nowMs: process.clock.now });
    await process.committer.commit({ mutations: joined.mutations });
    await writer.end("task_run.state", completed({ content: "z" }), null);
    for (const account of [ACCOUNT, "other"]) {
      const { runs } = await readHistory(process.kv, account, {});
      assertEquals(runs.map(({ status }) => status), ["completed"], account);
    }
    assertEquals((await readHead(process.kv, RUN))!.head.members, [ACCOUNT, "other"]);
    await writer.release();
  }));

/** A store whose `watch` reports nothing, like a file's `watch` for writes of another process. */
function unwatched(kv: Deno.Kv): Deno.Kv {
  return new Proxy(kv, {
    get(target, name) {
      if (name === "watch") return () => new ReadableStream();
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

Deno.test("another process's writes are found by polling if a watch misses them", () =>
  withTwo(async (one, two) => {
    const time = new VirtualTime();
    const watcher = new Process(unwatched(two.kv), "watcher", {
      pollMs: 250,
      timers: time,
      now: time.now,
    });
    const answer = await watcher.relay.open(RUN, 0);
    assert(answer.status === "open");
    let seen = "";
    void (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of answer.body) seen += decoder.decode(chunk);
    })();
    // The poll, and the heartbeat.
    await until(() => time.pending === 2);
    const writer = (await one.acquire())!;
    writer.append(PLAN, plan("from elsewhere"));
    await writer.settled();
    await time.pass(250);
    await until(() => seen.includes("from elsewhere"));
    await writer.release();
    watcher.relay.drain();
  }));
