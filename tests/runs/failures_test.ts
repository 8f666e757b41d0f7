/** Failures between steps: failing commits, lost leases, late responses. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { Committer } from "../../lib/store/committer.ts";
import { TaskClient } from "../../lib/parallel/client.ts";
import { followKey } from "../../lib/runs/stream/follow.ts";
import { headKey, readHead } from "../../lib/runs/log/head.ts";
import { record } from "../../lib/runs/log/recorder.ts";
import { Recorders } from "../../lib/runs/log/recorders.ts";
import { readTrace } from "../../lib/runs/log/trace.ts";
import { LogWriter } from "../../lib/runs/log/writer.ts";
import { parseSSE } from "../../lib/sse/mod.ts";
import { completed, plan, Process, readAll, RUN, withMemory, withTwo, wrap } from "./log_tools.ts";
import { recorderOf } from "./recording_tools.ts";
import { ScriptedUpstream, state } from "./upstream.ts";
import { assertError } from "../assert_error.ts";

const PLAN = "task_run.progress_msg.plan";

Deno.test("renewing the lease after a failed append writes nothing and skips no ID", () =>
  withMemory(async (process) => {
    let onFailure: (() => void) | null = null;
    const kv = wrap(process.kv, {
      atomic: () => {
        const atomic = process.kv.atomic();
        const fail = onFailure;
        if (fail === null) return atomic;
        onFailure = null;
        atomic.commit = () => {
          fail();
          return Promise.reject(new Error("disk full"));
        };
        return atomic;
      },
    });
    const context = { ...process.context, kv, committer: new Committer(kv) };
    const writer = (await LogWriter.acquire(context, RUN, () => {}))!;
    onFailure = () => writer.append(PLAN, plan("two"));
    writer.append(PLAN, plan("one"));
    assertMatch(String(await assertRejects(() => writer.settled())), /disk full/);
    process.clock.now += 9_000;
    await writer.renew().catch(() => {});
    const { head } = (await readHead(process.kv, RUN))!;
    const range = { from: 1, to: head.last_id, output: null };
    const ids = (await Array.fromAsync(readTrace(process.kv, RUN, range))).map(({ id }) => id);
    assertEquals(ids, Array.from({ length: head.last_id }, (_, at) => at + 1));
    await writer.release();
  }));

Deno.test("an ended log stays ended, even if a lease is renewed", () =>
  withMemory(async (process) => {
    const writer = (await process.acquire())!;
    await writer.end("task_run.state", completed(null), null);
    process.clock.now += 60_000;
    await writer.renew();
    assertStrictEquals((await readHead(process.kv, RUN))!.head.ended, true);
    await writer.release();
  }));

Deno.test("a viewer that connects while the process drains gets the end of its stream", () =>
  withMemory(async (process) => {
    process.relay.drain();
    const answer = await process.relay.open(RUN, 0);
    assert(answer.status === "open");
    const reader = answer.body.getReader();
    assertEquals(await reader.read(), { done: true, value: undefined });
    assertStrictEquals(process.relay.viewers, 0);
  }));

Deno.test("a viewer that catches up just as the run ends gets the result", () =>
  withMemory(async ({ kv: memory }) => {
    let gate: Promise<void> | null = null;
    const get = async (key: Deno.KvKey) => {
      const found = await memory.get(key);
      // An answer that is on its way while the run ends.
      if (key[0] === "head") await gate;
      return found;
    };
    const kv = wrap(memory, { get: get as Deno.Kv["get"] });
    const process = new Process(kv, "one", { pollMs: 60_000 });
    const writer = (await process.acquire())!;
    writer.append(PLAN, plan("one"));
    await writer.settled();
    const answer = await process.relay.open(RUN, 0);
    assert(answer.status === "open");
    const go = Promise.withResolvers<void>();
    gate = go.promise;
    const data = completed({ content: "the result" });
    await writer.end("task_run.state", data, null);
    gate = null;
    go.resolve();
    const events = await Array.fromAsync(parseSSE(answer.body));
    assertEquals(events.map((event) => event.data), [plan("one"), data]);
    await writer.release();
    process.relay.drain();
  }));

Deno.test("a watched run has one follower of its head after its recorder stops", () =>
  withMemory(async ({ kv: memory }) => {
    let following = 0;
    const watch = (keys: readonly Deno.KvKey[]) => {
      following++;
      const reader = memory.watch([...keys]).getReader();
      return new ReadableStream({
        pull: async (controller) => {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: async () => {
          following--;
          await reader.cancel();
        },
      });
    };
    const kv = wrap(memory, { watch: watch as Deno.Kv["watch"] });
    const process = new Process(kv, "one", { pollMs: 5 });
    const answer = await process.relay.open(RUN, 0);
    assert(answer.status === "open");
    for (let minute = 0; minute < 10; minute++) {
      // Another process holds the lease: the recorder gives up at once.
      process.relay.recording(RUN, true);
      process.relay.recording(RUN, false);
    }
    // Pollers that gave up end after their poll. One poller is left, and stays the only one.
    while (following !== 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
    assertStrictEquals(following, 1);
    await answer.body.cancel();
    while (following > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }));

Deno.test("a watch that breaks while the head is read fails only the follower", async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  addEventListener("unhandledrejection", onUnhandled);
  try {
    const kv = {
      watch: () => new ReadableStream({ start: (c) => c.error(new Error("watch broke")) }),
      get: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return { key: [], value: null, versionstamp: null };
      },
    } as unknown as Deno.Kv;
    const options = {
      kv,
      key: headKey(RUN),
      watch: true,
      pollMs: 5,
      signal: new AbortController().signal,
    };
    await followKey(options, () => Promise.resolve(true)).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 5));
    assertEquals(unhandled, []);
  } finally {
    removeEventListener("unhandledrejection", onUnhandled);
  }
});

Deno.test("a recorder that lost its lease closes even a silent upstream", () =>
  withTwo(async (one, two) => {
    const upstream = new ScriptedUpstream([{ frames: [state("running")], then: "silence" }]);
    const recording = record(
      recorderOf(one, upstream, { leaseMs: 60 }),
      RUN,
      new AbortController().signal,
    );
    while ((await readHead(one.kv, RUN))!.head.last_id < 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // The first process is suspended for longer than its lease, and then wakes up.
    two.clock.now = one.clock.now + 1_000;
    const writer = (await two.acquire())!;
    one.clock.now = two.clock.now;
    assertError(await assertRejects(() => recording), { name: "LeaseLostError" });
    assertStrictEquals(upstream.open, 0);
    await writer.release();
  }));

Deno.test("the result is requested until the API returns it", () =>
  withMemory(async (process) => {
    const output = { type: "text", content: "x", basis: [] };
    const run = {
      run_id: RUN,
      interaction_id: RUN,
      status: "completed",
      is_active: false,
      processor: "lite",
      created_at: null,
      modified_at: null,
    };
    const answers = [503, 429, 500, 408, 502, 503, 503, 503].map((status) => () =>
      Response.json({ type: "error", error: { ref_id: "", message: "later" } }, { status })
    );
    const upstream = new ScriptedUpstream(
      [{ frames: [state("completed")], then: "end" }],
      () => answers.shift()?.() ?? Response.json({ run, output }),
    );
    await record(recorderOf(process, upstream), RUN, new AbortController().signal);
    const [event] = await readAll(process);
    assertEquals(JSON.parse(event!.data).output, output);
  }));

Deno.test("the event stream's request does not send the key along a redirect", async () => {
  await using elsewhere = listen(() => new Response("data: x\n\n", SSE));
  await using api = listen(() => Response.redirect(elsewhere.url, 302));
  await withMemory(async (process) => {
    const client = new TaskClient({ baseUrl: api.url, apiKey: "canary", fetch });
    const stop = new AbortController();
    elsewhere.onRequest = () => stop.abort();
    api.onRequest = () => setTimeout(() => stop.abort(), 100);
    const context = recorderOf(process, new ScriptedUpstream([]), {
      clientFor: () => Promise.resolve({ client, fetch }),
    });
    await record({ ...context, timers: undefined }, RUN, stop.signal);
    assertEquals(elsewhere.keys, []);
  });
});

Deno.test("a page instead of the stream (from a proxy or a hotel) does not end the recording", () =>
  withMemory(async (process) => {
    const stop = new AbortController();
    let asked = 0;
    const page = () => {
      if (++asked === 100) stop.abort();
      const headers = { "content-type": "text/html" };
      return Promise.resolve(new Response("<p>Sign in", { headers }));
    };
    const client = new TaskClient({ baseUrl: "http://up.invalid", apiKey: "k", fetch: page });
    const context = recorderOf(process, new ScriptedUpstream([]), {
      clientFor: () => Promise.resolve({ client, fetch: page }),
    });
    await record(context, RUN, stop.signal);
    const { head } = (await readHead(process.kv, RUN))!;
    assertEquals([head.ended, head.last_id], [false, 0]);
  }));

Deno.test("a recorder that keeps failing is restarted at growing intervals", () =>
  withMemory(async (process) => {
    const waits: number[] = [];
    const tenth = Promise.withResolvers<void>();
    const timers = {
      setTimeout: (run: () => void, ms: number) => {
        if (waits.push(ms) === 10) tenth.resolve();
        else queueMicrotask(run);
        return undefined;
      },
      clearTimeout: () => {},
      now: () => 0,
    };
    const recorders = new Recorders({
      ...recorderOf(process, new ScriptedUpstream([])),
      // The instance's secret was changed: the sealed key opens no more.
      clientFor: () => Promise.reject(new Error("Sealed with an unknown secret")),
      timers,
      log: () => {},
      onRecording: () => {},
    });
    recorders.start(RUN);
    await tenth.promise;
    await recorders.drain();
    assertStrictEquals(waits[0], 1_000);
    assert(waits.every((wait, at) => at === 0 || wait >= waits[at - 1]!), `${waits}`);
    assertStrictEquals(waits.at(-1), 60_000);
  }));

const SSE = { headers: { "content-type": "text/event-stream" } };

function listen(answer: () => Response) {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    listener.keys.push(request.headers.get("x-api-key"));
    listener.onRequest();
    return answer();
  });
  const listener = {
    url: `http://127.0.0.1:${server.addr.port}/`,
    keys: [] as (string | null)[],
    onRequest: () => {},
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return listener;
}

for (let ticks = 0; ticks < 8; ticks++) {
  Deno.test(`an event that arrives ${ticks} ticks after a commit is written without delay`, () =>
    withMemory(async (process) => {
      const late = Promise.withResolvers<void>();
      const context = {
        ...process.context,
        onDurable: async () => {
          for (let tick = 0; tick < ticks; tick++) await null;
          late.resolve();
        },
      };
      const writer = (await LogWriter.acquire(context, RUN, () => {}))!;
      writer.append(PLAN, plan("first"));
      await late.promise;
      await writer.end("task_run.state", completed(null), null);
      const { head } = (await readHead(process.kv, RUN))!;
      assertEquals([head.ended, head.last_id], [true, 2]);
      await writer.release();
    }));
}

Deno.test("a lease is taken even if a member is added concurrently", () =>
  withMemory(async (process) => {
    let joins = 1;
    const kv = wrap(process.kv, {
      atomic: () => {
        const atomic = process.kv.atomic();
        const commit = atomic.commit.bind(atomic);
        atomic.commit = async () => {
          if (joins-- > 0) {
            const { head } = (await readHead(process.kv, RUN))!;
            await process.kv.set(["head", RUN], { ...head, members: [...head.members, "other"] });
          }
          return await commit();
        };
        return atomic;
      },
    });
    const context = { ...process.context, kv, committer: new Committer(kv) };
    const writer = await LogWriter.acquire(context, RUN, () => {});
    assert(writer !== null);
    await writer.end("task_run.state", completed(null), null);
    assertEquals((await readHead(process.kv, RUN))!.head.members.length, 2);
    await writer.release();
  }));
