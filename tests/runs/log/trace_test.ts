/** How events are stored in batches, and which of them a reader gets. */
import { assert, assertEquals } from "@std/assert";
import type { CommitResult, Write } from "../../../lib/store/sizes.ts";
import type { LogEvent } from "../../../lib/runs/model/event.ts";
import { encodeEvent, readTrace } from "../../../lib/runs/log/trace.ts";
import { parseSSE, type SSEEvent } from "../../../lib/sse/mod.ts";
import { plan, type Process, readAll, RUN, withMemory } from "../log_tools.ts";

const PLAN = "task_run.progress_msg.plan";

/** Ids that a reader of `from` … `to` gets. */
async function ids(kv: Deno.Kv, from: number, to: number): Promise<number[]> {
  const events: LogEvent[] = await Array.fromAsync(
    readTrace(kv, RUN, { from, to, output: null }),
  );
  return events.map(({ id }) => id);
}

/** The part of a megabyte that a failure prints. */
const brief = (data: string) => `${data.slice(0, 10)} ${data.length}`;
const brieflyOf = ({ id, data }: SSEEvent) => `${id} ${brief(data)}`;

/** The same store, which tells the key of each entry that a list gives. */
function watching(kv: Deno.Kv, onEntry: (key: Deno.KvKey) => void): Deno.Kv {
  return new Proxy(kv, {
    get(target, name) {
      if (name !== "list") return Reflect.get(target, name, target).bind(target);
      return async function* (...given: Parameters<Deno.Kv["list"]>) {
        for await (const entry of target.list(...given)) {
          onEntry(entry.key);
          yield entry;
        }
      };
    },
  });
}

/** Appends this many messages: the first alone, the others together. */
async function append(process: Process, count: number): Promise<void> {
  const writer = (await process.acquire())!;
  for (let n = 1; n <= count; n++) writer.append(PLAN, plan(`${n}`));
  await writer.release();
}

Deno.test("a reader gets the requested events regardless of batch boundaries", () =>
  withMemory(async (process) => {
    await append(process, 5);
    const batches = await Array.fromAsync(process.kv.list({ prefix: ["trace", RUN] }));
    assertEquals(batches.map(({ key }) => key[2]), [1, 2]);
    for (let from = 1; from <= 6; from++) {
      for (let to = 0; to <= 5; to++) {
        const wanted = [1, 2, 3, 4, 5].filter((id) => id >= from && id <= to);
        assertEquals(await ids(process.kv, from, to), wanted, `${from} to ${to}`);
      }
    }
  }));

Deno.test("resuming reads from the last event, not the whole log", () =>
  withMemory(async (process) => {
    const writer = (await process.acquire())!;
    for (let n = 1; n <= 30; n++) {
      writer.append(PLAN, plan(`${n}`));
      await writer.settled();
    }
    await writer.release();
    let read = 0;
    const counting = watching(process.kv, () => read++);
    assertEquals(await ids(counting, 29, 30), [29, 30]);
    assert(read <= 3, `${read} entries for two events`);
  }));

Deno.test("a large payload is weighed before it is read, so that only one request at a time holds it", () =>
  withMemory(async (process) => {
    const writer = (await process.acquire())!;
    const sizes = [10, 200_000, 20];
    for (const size of sizes) writer.append(PLAN, "x".repeat(size));
    await writer.release();
    const weighed: number[] = [], parts: Deno.KvKey[] = [];
    const reading = Array.fromAsync(readTrace(
      watching(process.kv, (key) => key[0] === "part" && parts.push(key)),
      RUN,
      {
        from: 1,
        to: sizes.length,
        output: null,
        weigh: (size) => {
          weighed.push(size);
          if (size < 1_000) return undefined;
          assertEquals(parts, []);
          return Promise.resolve();
        },
      },
    ));
    assertEquals((await reading).map(({ data }) => data.length), sizes);
    assertEquals(weighed, sizes);
    assert(parts.length > 1);
  }));

Deno.test("events of the size of a batch, one byte smaller and one byte larger are handled like any other", () =>
  withMemory(async (process) => {
    const writer = (await process.acquire())!;
    const framing = JSON.stringify({ at: process.clock.now, type: PLAN, data: "" }).length;
    const sent: string[] = [];
    for (let length = 60 * 1024 - 3; length <= 60 * 1024 + 3; length++) {
      for (const data of ["x", "y".repeat(length - framing), "z"]) {
        sent.push(data);
        writer.append(PLAN, data);
      }
    }
    await writer.end("task_run.state", JSON.stringify({ run: { status: "failed" } }), null);
    const seen = await readAll(process);
    assertEquals(seen.slice(0, -1).map(({ data }) => brief(data)), sent.map(brief));
    assertEquals(seen.map(({ id }) => id), seen.map((_, at) => String(at + 1)));
  }));

Deno.test("events that arrive while a large one is written stay after it and are not shown earlier", () =>
  withMemory(async (process) => {
    const answer = await process.relay.open(RUN, 0);
    assert(answer.status === "open");
    const live = Array.fromAsync(parseSSE(answer.body));
    const writer = (await process.acquire())!;
    const sent = ["a", "b".repeat(1 << 20), "c", "d".repeat(200_000), "e"];
    // The first is on its way at once, the others wait for it; and more come at every tick after.
    for (const data of sent) writer.append(PLAN, data);
    for (let tick = 0; tick < 50; tick++) {
      await Promise.resolve();
      sent.push(`tick ${tick}`);
      writer.append(PLAN, `tick ${tick}`);
    }
    await writer.end("task_run.state", JSON.stringify({ run: { status: "failed" } }), null);
    const seen = await live;
    assertEquals(seen.slice(0, -1).map(({ data }) => brief(data)), sent.map(brief));
    assertEquals(seen.map(({ id }) => id), seen.map((_, at) => String(at + 1)));
    assertEquals((await readAll(process)).map(brieflyOf), seen.map(brieflyOf));
  }));

Deno.test("a payload that only fits parts is not written as JSON for a batch first", async () => {
  const original = JSON.stringify;
  let longest = 0;
  JSON.stringify = (value: unknown) => {
    const json = original(value);
    longest = Math.max(longest, json.length);
    return json;
  };
  try {
    const data = original({ message: "x".repeat(1_000_000) });
    const written: number[] = [];
    const committer = {
      commit({ mutations: [mutation] }: Write): Promise<CommitResult> {
        if (mutation?.type === "set" && mutation.value instanceof Uint8Array) {
          written.push(mutation.value.byteLength);
        }
        return Promise.resolve({ ok: true, versionstamp: "" });
      },
    };
    const event = { id: 1, received_ms: 1, type: PLAN, data };
    const { json } = await encodeEvent(committer, RUN, 1, event);
    assertEquals(written.reduce((sum, bytes) => sum + bytes, 0), data.length);
    assert(json.byteLength < 1_000 && longest < 1_000, `${json.byteLength}, ${longest}`);
  } finally {
    JSON.stringify = original;
  }
});
