/** Races between two steps of the relay in which a viewer must not be forgotten. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { StreamOutcome } from "../../../lib/runs/stream/channel.ts";
import { parseSSE } from "../../../lib/sse/mod.ts";
import { completed, plan, Process, RUN, withMemory, wrap } from "../log_tools.ts";

const PLAN = "task_run.progress_msg.plan";

/** The ids that a viewer gets until its stream ends, or of the first event alone. */
async function idsOf(answer: StreamOutcome, { first = false } = {}): Promise<string[]> {
  assert(answer.status === "open");
  const ids: string[] = [];
  for await (const { id } of parseSSE(answer.body)) {
    ids.push(id);
    if (first) break;
  }
  return ids;
}

Deno.test("a run whose recorder stops while its follower stops is followed again", () =>
  withMemory(async ({ kv: memory }) => {
    const leaving = Promise.withResolvers<void>(), gone = Promise.withResolvers<void>();
    const watch = () =>
      new ReadableStream({
        cancel: async () => {
          leaving.resolve();
          await gone.promise;
        },
      });
    const process = new Process(wrap(memory, { watch }), "one", { pollMs: 5 });
    const answer = await process.relay.open(RUN, 0);
    process.relay.recording(RUN, true);
    await leaving.promise;
    process.relay.recording(RUN, false);
    gone.resolve();
    const writer = (await new Process(memory, "two").acquire())!;
    await writer.end("task_run.state", completed(null), null);
    assertEquals(await idsOf(answer), ["1"]);
    process.relay.drain();
  }));

Deno.test("events published while a viewer joins still reach it", () =>
  withMemory(async ({ kv: memory }) => {
    const looked = Promise.withResolvers<void>(), go = Promise.withResolvers<void>();
    let looks = 0;
    const get = async (key: Deno.KvKey) => {
      const found = await memory.get(key);
      if (key[0] === "head" && ++looks === 1) {
        looked.resolve();
        await go.promise;
      }
      return found;
    };
    // No process polls the head that is recorded here.
    const kv = wrap(memory, { get: get as Deno.Kv["get"] });
    const process = new Process(kv, "one", { pollMs: 60_000 });
    const opening = process.relay.open(RUN, 0);
    await looked.promise;
    const writer = (await process.acquire())!;
    writer.append(PLAN, plan("while it looked"));
    await writer.settled();
    go.resolve();
    assertEquals(await idsOf(await opening, { first: true }), ["1"]);
    await writer.release();
    process.relay.drain();
  }));

Deno.test("viewers' streams end when the log can no longer be followed, and resume", () =>
  withMemory(async ({ kv: memory }) => {
    let fails = false;
    const get = (key: Deno.KvKey) =>
      fails ? Promise.reject(new Error("the disk is away")) : memory.get(key);
    const kv = wrap(memory, { get: get as Deno.Kv["get"], watch: () => new ReadableStream() });
    const process = new Process(kv, "one", { pollMs: 5 });
    const writer = (await new Process(memory, "two").acquire())!;
    writer.append(PLAN, plan("before"));
    await writer.settled();
    const answer = await process.relay.open(RUN, 0);
    assert(answer.status === "open");
    const events = parseSSE(answer.body);
    assertStrictEquals((await events.next()).value?.id, "1");
    fails = true;
    assertStrictEquals((await events.next()).done, true);
    assertStrictEquals(process.relay.viewers, 0);
    fails = false;
    await writer.end("task_run.state", completed(null), null);
    assertEquals(await idsOf(await process.relay.open(RUN, 1)), ["2"]);
    process.relay.drain();
  }));
