/**
 * A notification and the end of the stream arrive separately. If the API reports a run as over, the rest of
 * its stream is recorded first, because it is sent only once.
 */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { readHead } from "../../../lib/runs/log/head.ts";
import { type Nudge, record } from "../../../lib/runs/log/recorder.ts";
import { type Process, readAll, RUN, withInstant } from "../log_tools.ts";
import { recorderOf, runJson } from "../recording_tools.ts";
import { type Connection, message, ScriptedUpstream, state } from "../upstream.ts";
import { FakeTimers } from "../../sse/support/timers.ts";

const OUTPUT = { type: "text", content: "the result", basis: [] };
const done = state("completed", { output: OUTPUT });
const settle = () => new Promise((resolve) => setTimeout(resolve));

/** A run that is recorded from a stream that the test writes, and that its API calls over. */
async function watched(process: Process, after: readonly Connection[] = []) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const upstream = new ScriptedUpstream(
    [{ live: readable }, ...after],
    () => Response.json({ run: runJson("completed"), output: OUTPUT }),
  );
  upstream.status = () => Response.json(runJson("completed"));
  const timers = new FakeTimers();
  const nudge: Nudge = { ask: () => {} };
  const context = recorderOf(process, upstream, { timers, random: () => 0 });
  const recording = record(context, RUN, new AbortController().signal, nudge);
  const say = async (text: string) => {
    await writer.write(new TextEncoder().encode(text));
    await settle();
  };
  await say(state("running") + message("a"));
  return { upstream, timers, nudge, recording, say, hangUp: () => writer.close() };
}

async function recorded(process: Process): Promise<string[]> {
  const { head } = (await readHead(process.kv, RUN))!;
  assertEquals([head.ended, head.status], [true, "completed"]);
  const events = (await readAll(process)).map(({ data }) => JSON.parse(data));
  assertEquals(events.at(-1).output, OUTPUT);
  return events.map(({ message, run }) => message ?? run.status);
}

Deno.test("events after a webhook are recorded, including the stream's end", () =>
  withInstant(async (process) => {
    const { nudge, recording, say, timers, upstream } = await watched(process);
    nudge.ask();
    await settle();
    await say(message("b"));
    timers.advance(4_999);
    await say(message("c"));
    timers.advance(4_999);
    await say(done);
    await recording;
    assertEquals(await recorded(process), ["running", "a", "b", "c", "completed"]);
    assertStrictEquals(upstream.connections, 1);
    assertStrictEquals(timers.pending.size, 0);
  }));

Deno.test("a silent stream is waited for at most five seconds after a notification", () =>
  withInstant(async (process) => {
    const { nudge, recording, timers } = await watched(process);
    nudge.ask();
    await settle();
    timers.advance(4_999);
    await settle();
    assertStrictEquals((await readHead(process.kv, RUN))!.head.ended, false);
    timers.advance(1);
    await recording;
    assertEquals(await recorded(process), ["running", "a", "completed"]);
    assertStrictEquals(timers.pending.size, 0);
  }));

Deno.test("a stream that ends without a final event after a notification is not reopened", () =>
  withInstant(async (process) => {
    const { hangUp, nudge, recording, say, timers, upstream } = await watched(process);
    nudge.ask();
    await settle();
    await say(message("b"));
    await hangUp();
    await recording;
    assertEquals(await recorded(process), ["running", "a", "b", "completed"]);
    assertStrictEquals(upstream.connections, 1);
    assertStrictEquals(timers.pending.size, 0);
  }));

Deno.test("a slow status check for a failed connection does not end the next connection", () =>
  withInstant(async (process) => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const upstream = new ScriptedUpstream([{ status: 503 }, { live: readable }]);
    const answer = Promise.withResolvers<Response>();
    const fetch: typeof globalThis.fetch = (input, init) => {
      const { pathname } = new URL(new Request(input).url);
      return pathname.endsWith(RUN) ? answer.promise : upstream.fetch(input, init);
    };
    const timers = new FakeTimers();
    const context = recorderOf(process, { fetch }, { timers, random: () => 0 });
    const recording = record(context, RUN, new AbortController().signal);
    await settle();
    timers.advance(0);
    await settle();
    answer.resolve(Response.json(runJson("completed")));
    await settle();
    await writer.write(new TextEncoder().encode(state("running") + message("a") + done));
    await recording;
    assertEquals(await recorded(process), ["running", "a", "completed"]);
  }));
