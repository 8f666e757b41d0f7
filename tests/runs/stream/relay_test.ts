import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { HEARTBEAT_LINE } from "../../../lib/runs/stream/frames.ts";
import { parseSSE } from "../../../lib/sse/mod.ts";
import { instantKv } from "../../campaign/memory_kv.ts";
import { VirtualTime } from "../../campaign/virtual_time.ts";
import { completed, plan, Process, RUN, seedRun, withInstant, withMemory } from "../log_tools.ts";

const PLAN = "task_run.progress_msg.plan";
const HEARTBEAT_MS = 15_000;

/** Opens a stream that must be had. */
async function opened(process: Process, limitKey?: string, after = 0) {
  const answer = await process.relay.open(
    RUN,
    after,
    limitKey === undefined ? {} : { limitKey },
  );
  assert(answer.status === "open", `The stream is ${answer.status}`);
  return answer.body;
}

/**
 * Runs a test with time that only the test moves, on a store that answers within a turn: `time.pass`
 * comes back when everything has happened.
 */
async function withTime(test: (process: Process, time: VirtualTime) => Promise<void>) {
  const time = new VirtualTime();
  const kv = instantKv();
  const process = new Process(kv, "one", {
    heartbeatMs: HEARTBEAT_MS,
    pollMs: 1_000_000_000,
    timers: time,
    now: time.now,
  });
  try {
    await seedRun(kv);
    await test(process, time);
  } finally {
    process.relay.drain();
  }
}

/** Reads a stream in the background. */
function reading(body: ReadableStream<Uint8Array>) {
  const seen = { text: "", done: false };
  const decoder = new TextDecoder();
  void (async () => {
    for await (const chunk of body) seen.text += decoder.decode(chunk, { stream: true });
    seen.done = true;
  })();
  return seen;
}

Deno.test("streams are limited per account; other accounts and share links count separately", () =>
  withMemory(async ({ kv }) => {
    const process = new Process(kv, "limited", { streamLimit: 2 });
    const [first] = [await opened(process, "account:a"), await opened(process, "account:a")];
    assertEquals(await process.relay.open(RUN, 0, { limitKey: "account:a" }), {
      status: "full",
      limit: 2,
      retryAfterSeconds: 5,
    });
    await opened(process, "account:b");
    await opened(process, "share:token");
    await opened(process);
    await first!.cancel();
    await opened(process, "account:a");
    assertStrictEquals(
      (await process.relay.open(RUN, 0, { limitKey: "account:a" })).status,
      "full",
    );
    process.relay.drain();
    await opened(process, "account:a");
    process.relay.drain();
  }));

Deno.test("a stream frees its slot when it ends, breaks off or is disconnected", () =>
  withMemory(async ({ kv }) => {
    const process = new Process(kv, "limited", { streamLimit: 1 });
    const open = (after = 0) => opened(process, "account:a", after);
    const writer = (await process.acquire())!;
    const slow = await open();
    for (let i = 0; i < 40; i++) {
      writer.append(PLAN, plan("x".repeat(50_000)));
      await writer.settled();
    }
    const live = await open(40);
    await slow.cancel();
    assertStrictEquals(
      (await process.relay.open(RUN, 0, { limitKey: "account:a" })).status,
      "full",
    );
    await writer.end("task_run.state", completed(null), null);
    assertStrictEquals((await Array.fromAsync(parseSSE(live))).length, 1);
    const left = await open();
    await left.getReader().cancel();
    assertStrictEquals(
      (await Array.fromAsync(parseSSE(await open()))).length,
      41,
      "of the finished run",
    );
    await kv.delete(["trace", RUN, 1]);
    await kv.set(["trace", RUN, 1], new TextEncoder().encode("[damaged"));
    await assertRejects(async () => Array.fromAsync(await open()));
    await open();
    await writer.release();
    process.relay.drain();
  }));

Deno.test("a stream with nothing left to send uses no slot", () =>
  withMemory(async ({ kv }) => {
    const process = new Process(kv, "limited", { streamLimit: 1 });
    const writer = (await process.acquire())!;
    await writer.end("task_run.state", completed(null), null);
    await opened(process, "account:a");
    const done = await process.relay.open(RUN, 1, { limitKey: "account:a" });
    assertEquals(done, { status: "done" });
    await writer.release();
  }));

Deno.test("heartbeats are sent only in silence", () =>
  withTime(async (process, time) => {
    const writer = (await process.acquire())!;
    const seen = reading(await opened(process));
    await time.pass(HEARTBEAT_MS - 1);
    assertStrictEquals(seen.text, "");
    await time.pass(1);
    assertStrictEquals(seen.text, HEARTBEAT_LINE);
    await time.pass(2 * HEARTBEAT_MS);
    assertStrictEquals(seen.text, HEARTBEAT_LINE.repeat(3));
    seen.text = "";
    for (let n = 0; n < 10; n++) {
      await time.pass(HEARTBEAT_MS / 2);
      writer.append(PLAN, plan(`m${n}`));
      await writer.settled();
    }
    await time.pass(HEARTBEAT_MS - 1);
    assert(!seen.text.includes(": still"), seen.text);
    await time.pass(1);
    assert(seen.text.endsWith(`\n\n${HEARTBEAT_LINE}`));
    await writer.release();
  }));

Deno.test("heartbeats do not pile up for a viewer that does not read", () =>
  withTime(async (process, time) => {
    const writer = (await process.acquire())!;
    const body = await opened(process);
    await time.pass(0);
    writer.append(PLAN, plan("unread"));
    await writer.settled();
    await time.pass(100 * HEARTBEAT_MS);
    const seen = reading(body);
    await time.pass(0);
    assertMatch(seen.text, /^id: 1\n.*\ndata: .*\n\n$/);
    await time.pass(HEARTBEAT_MS);
    assert(seen.text.endsWith(`\n\n${HEARTBEAT_LINE}`), "and it has them again as it reads");
    await writer.release();
  }));

Deno.test("a thousand viewers of a run share one viewer's timers, and none leaks", () =>
  withTime(async (process, time) => {
    const one = await opened(process);
    await time.pass(0);
    assertStrictEquals(time.pending, 2, "one beats the heart, one polls the head");
    const bodies = await Promise.all(Array.from({ length: 999 }, () => opened(process)));
    await time.pass(0);
    assertStrictEquals(time.pending, 2);
    await Promise.all([one, ...bodies].map((body) => body.cancel()));
    await time.pass(0);
    assertStrictEquals(time.pending, 0);
  }));

Deno.test("a finished run is read from KV at its viewer's pace, independent of others", () =>
  withTime(async (process, time) => {
    const writer = (await process.acquire())!;
    for (let i = 0; i < 100; i++) {
      writer.append(PLAN, plan("x".repeat(50_000)));
      await writer.settled();
    }
    await writer.end("task_run.state", completed(null), null);
    await time.pass(0);
    const reader = (await opened(process)).getReader();
    assertStrictEquals(process.relay.viewers, 0);
    assertStrictEquals(time.pending, 0);
    assertMatch(new TextDecoder().decode((await reader.read()).value), /^id: 1\n/);
    // Unread events are still in KV, so the reader sees their changes.
    await process.kv.atomic().mutate({ type: "delete", key: ["trace", RUN, 90] }).commit();
    let last = "";
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      last = new TextDecoder().decode(next.value);
      assertNotMatch(last, /^id: 90\n/);
    }
    assertMatch(last, /^id: 101\n/);
    await writer.release();
  }));

Deno.test("a watched run with a dead recorder is reported once its lease expires", () =>
  withInstant(async ({ kv }) => {
    const time = new VirtualTime();
    const orphans: string[] = [];
    const dead = new Process(kv, "dead");
    const alive = new Process(kv, "alive", {
      pollMs: 250,
      timers: time,
      now: time.now,
      onOrphan: (runId) => orphans.push(runId),
    });
    // The new run has no recorder yet. The stream reports that too.
    const stream = await opened(alive);
    await time.pass(0);
    assertEquals(orphans, [RUN]);
    dead.clock.now = time.now();
    const writer = (await dead.acquire())!;
    const { leaseMs } = dead.context;
    await time.pass(leaseMs - 500);
    assertEquals(orphans, [RUN], "its lease holds");
    await time.pass(1_500);
    assertEquals(orphans, [RUN, RUN]);
    await time.pass(5_000);
    assertEquals(orphans, [RUN, RUN], "once a lease");
    await stream.cancel();
    await writer.release();
    alive.relay.drain();
    dead.relay.drain();
  }));
