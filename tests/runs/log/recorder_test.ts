import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { TaskClient } from "../../../lib/parallel/client.ts";
import { readHead } from "../../../lib/runs/log/head.ts";
import { record, type RecorderContext } from "../../../lib/runs/log/recorder.ts";
import { type Process, readAll, RUN, withMemory } from "../log_tools.ts";
import { runJson } from "../recording_tools.ts";
import { type Connection, message, ScriptedUpstream, state, stats } from "../upstream.ts";

/** Timers that fire at once and record their delays. */
function instantTimers(waits: number[]) {
  return {
    setTimeout: (run: () => void, ms: number) => {
      // Timeouts of a connection and of a refusal's body (5 s) are guards, not waits.
      if (ms >= 1_000_000 || ms === 5_000) return undefined;
      waits.push(ms);
      queueMicrotask(run);
      return undefined;
    },
    clearTimeout: () => {},
    now: () => 0,
  };
}

async function recordAll(
  process: Process,
  script: readonly Connection[],
  options: { result?: () => Response; signal?: AbortSignal; stallMs?: number } = {},
) {
  const upstream = new ScriptedUpstream(script, options.result);
  const waits: number[] = [];
  const client = new TaskClient({
    baseUrl: "http://up.invalid",
    apiKey: "k",
    fetch: upstream.fetch,
  });
  const context: RecorderContext = {
    ...process.context,
    stallMs: options.stallMs ?? 2_000_000,
    connectTimeoutMs: 2_000_000,
    clientFor: () => Promise.resolve({ client, fetch: upstream.fetch }),
    timers: instantTimers(waits),
  };
  await record(context, RUN, options.signal ?? new AbortController().signal);
  return { upstream, waits };
}

const data = (frameText: string) => frameText.split("\ndata: ")[1]!.trimEnd();
const done = state("completed", { output: { type: "text", content: "x", basis: [] } });

Deno.test("a trace with many interruptions is recorded once, in order, with one connection at a time", () =>
  withMemory(async (process) => {
    const [a, b, c] = [message("a", 1), message("b", 2), message("c", 3)];
    const { upstream } = await recordAll(process, [
      { frames: [state("queued"), state("running"), a, stats(1)], then: "end" },
      { frames: [state("running"), a, stats(1), b], then: "break" },
      { status: 503 },
      { frames: [state("running"), a], then: "break" },
      { frames: [state("running"), a, b, stats(2), c, done], then: "end" },
    ]);
    const types = (await readAll(process)).map(({ data }) => {
      const payload = JSON.parse(data);
      return payload.message ?? payload.run?.status ?? payload.progress_meter;
    });
    assertEquals(types, ["queued", "running", "a", 1, "b", 2, "c", "completed"]);
    assertStrictEquals(upstream.connections, 5);
    assertStrictEquals(upstream.open, 0);
  }));

Deno.test("the first retry comes within 100 ms, and waits grow only until something new arrives", () =>
  withMemory(async (process) => {
    const broken: Connection = { frames: [state("running")], then: "break" };
    const { waits } = await recordAll(process, [
      broken,
      ...Array.from({ length: 6 }, (): Connection => ({ status: 500 })),
      { frames: [state("running"), message("new")], then: "break" },
      { frames: [done], then: "end" },
    ]);
    assertStrictEquals(waits.length, 8);
    assert(waits[0]! <= 100, `first wait ${waits[0]}`);
    assert(waits[7]! <= 100, `wait after something new ${waits[7]}`);
    waits.forEach((wait, n) => assert(wait <= 100 * 2 ** n, `wait ${n}: ${wait}`));
  }));

Deno.test("attempts are unlimited while the run is active", () =>
  withMemory(async (process) => {
    const failures = Array.from({ length: 200 }, (): Connection => ({ status: 502 }));
    await recordAll(process, [...failures, { frames: [done], then: "end" }]);
    assertEquals((await readAll(process)).map(({ event }) => event), ["task_run.state"]);
  }));

Deno.test("an error event of the API is recorded and does not end the run", () =>
  withMemory(async (process) => {
    const hiccup = `event: error\ndata: {"type":"error","error":{"ref_id":"r","message":"m"}}\n\n`;
    await recordAll(process, [{
      frames: [state("running"), hiccup, message("on"), done],
      then: "end",
    }]);
    const events = await readAll(process);
    assertEquals(events.map((event) => event.event).slice(1, 3), [
      "error",
      "task_run.progress_msg.plan",
    ]);
  }));

Deno.test("malformed payloads, unknown types and extra fields are recorded unchanged", () =>
  withMemory(async (process) => {
    const odd = [
      "data: {not json\n\n",
      "event: task_run.tomorrow\ndata: [1,2]\n\n",
      `data: {"type":"task_run.progress_msg.plan","message":"untyped line","timestamp":"t","extra":[1.0]}\n\n`,
    ];
    await recordAll(process, [{ frames: [...odd, done], then: "end" }]);
    const events = (await readAll(process)).slice(0, 3);
    assertEquals(events.map(({ event, data }) => [event, data]), [
      ["message", "{not json"],
      ["task_run.tomorrow", "[1,2]"],
      ["task_run.progress_msg.plan", data(`x\n${odd[2]}`)],
    ]);
  }));

Deno.test("a result missing from the terminal event is fetched and stored with it", () =>
  withMemory(async (process) => {
    const output = { type: "text", content: "fetched", basis: [] };
    const run = runJson("completed");
    const bare = `event: task_run.state\ndata: ${
      JSON.stringify({ type: "task_run.state", run })
    }\n\n`;
    await recordAll(process, [{ frames: [bare], then: "end" }], {
      result: () => Response.json({ run, output }),
    });
    const [event] = await readAll(process);
    assertEquals(JSON.parse(event!.data).output, output);
    assert((await readHead(process.kv, RUN))!.head.output !== null);
  }));

for (const status of ["failed", "cancelled", "action_required"]) {
  Deno.test(`${status} ends the log`, () =>
    withMemory(async (process) => {
      await recordAll(process, [{ frames: [state("running"), state(status)], then: "silence" }]);
      const { head } = (await readHead(process.kv, RUN))!;
      assertEquals([head.ended, head.status, head.last_id], [true, status, 2]);
    }));
}

Deno.test("names far longer than the API's are recorded as their beginning", () =>
  withMemory(async (process) => {
    const long = "x".repeat(100_000);
    const frames = [`event: ${long}\ndata: {}\n\n`, state(long)];
    await recordAll(process, [{ frames, then: "silence" }]);
    const { head } = (await readHead(process.kv, RUN))!;
    assertEquals([head.ended, head.status], [true, "x".repeat(100)]);
    const [first] = await readAll(process);
    assertStrictEquals(first!.event, "x".repeat(200));
  }));

Deno.test("an abort flushes pending events and frees the lease; the next recorder continues", () =>
  withMemory(async (process) => {
    const stop = new AbortController();
    const upstream = new ScriptedUpstream([
      { frames: [state("running"), message("a")], then: "silence" },
      { frames: [state("running"), message("a"), message("b"), done], then: "end" },
    ]);
    const client = new TaskClient({
      baseUrl: "http://up.invalid",
      apiKey: "k",
      fetch: upstream.fetch,
    });
    const seen = Promise.withResolvers<void>();
    const context: RecorderContext = {
      ...process.context,
      stallMs: 2_000_000,
      clientFor: () => Promise.resolve({ client, fetch: upstream.fetch }),
      onDurable: (runId, events, ended) => {
        process.context.onDurable(runId, events, ended);
        if (events.at(-1)!.id === 2) seen.resolve();
      },
    };
    const first = record(context, RUN, stop.signal);
    await seen.promise;
    stop.abort();
    await first;
    assertStrictEquals((await readHead(process.kv, RUN))!.head.lease_until, 0);
    await record({ ...context, owner: "another" }, RUN, new AbortController().signal);
    const messages = (await readAll(process)).map((event) => JSON.parse(event.data).message ?? "-");
    assertEquals(messages, ["-", "a", "b", "-"]);
    assertStrictEquals(upstream.open, 0);
  }));

Deno.test("an event's own is_active decides whether a state is final, otherwise its status", () =>
  withMemory(async (process) => {
    const said = (status: string, is_active?: boolean) =>
      state(status, { run: { run_id: RUN, status, is_active } });
    await recordAll(process, [{
      frames: [
        said("paused", true),
        said("failed", true),
        said("running"),
        said("stopped", false),
        message("never read"),
      ],
      then: "silence",
    }]);
    const seen = (await readAll(process)).map(({ data }) => JSON.parse(data).run?.status);
    assertEquals(seen, ["paused", "failed", "running", "stopped"]);
  }));

Deno.test("a terminal event of 5 MB is recorded like any other", () =>
  withMemory(async (process) => {
    const output = { type: "text", content: "ü".repeat(5 << 19), basis: [] };
    await recordAll(process, [{ frames: [state("completed", { output })], then: "end" }]);
    const answer = await process.relay.open(RUN, 0);
    assert(answer.status === "open");
    const [, data] = /^data: (.*)$/m.exec(await new Response(answer.body).text())!;
    assert(JSON.parse(data!).output.content === output.content, "the result is another");
  }));
