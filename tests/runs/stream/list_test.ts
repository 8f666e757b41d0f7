import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { latestPlace, readChanges } from "../../../lib/runs/history/changes.ts";
import { ListStreams } from "../../../lib/runs/stream/list.ts";
import { parseSSE, type SSEEvent } from "../../../lib/sse/mod.ts";
import { HEARTBEAT_LINE } from "../../../lib/runs/stream/frames.ts";
import { wrap } from "../log_tools.ts";
import { line, type TestHistory, withHistory } from "../../history/store.ts";
import { StreamSlots } from "../../../lib/limits/stream_slots.ts";

const MINUTE = 60_000;

/** Streams with a clock that only the test advances. */
function streamsOf({ kv }: TestHistory, now = () => 0, streamLimit = 20): ListStreams {
  const timers = { setTimeout: () => 0, clearTimeout: () => {} };
  return new ListStreams({
    kv,
    now,
    heartbeatMs: 15_000,
    pollMs: 1000,
    slots: new StreamSlots(streamLimit),
    timers,
  });
}

async function reader(streams: ListStreams, lastId: string | null = null) {
  const answer = await streams.open("a", lastId);
  assertStrictEquals(answer.status, "open");
  const abort = new AbortController();
  const events = parseSSE(answer.status === "open" ? answer.body : null!)[Symbol.asyncIterator]();
  return {
    next: async (): Promise<SSEEvent> => {
      const { value, done } = await events.next();
      assert(!done, "the stream is over");
      return value;
    },
    done: async () => (await events.next()).done,
    close: async () => {
      abort.abort();
      await events.return?.(undefined);
    },
  };
}

const told = (
  { event, data }: SSEEvent,
) => [event, JSON.parse(data).run_id, JSON.parse(data).status];

Deno.test("an open list receives created, changed and removed runs in their current state", () =>
  withHistory(async (history) => {
    const streams = streamsOf(history);
    const list = await reader(streams);
    const run = line({ status: "queued", created_ms: 5 });
    await history.join("a", run);
    await history.join("b", line({ created_ms: 6 }));
    streams.wake("a");
    assertEquals(told(await list.next()), ["created", "trun_5", "queued"]);
    const running = { ...run, status: "running" };
    await history.change("a", run, running);
    streams.wake("a");
    assertEquals(told(await list.next()), ["changed", "trun_5", "running"]);
    await history.leave("a", running);
    streams.wake("a");
    assertEquals(told(await list.next()), ["removed", "trun_5", undefined]);
    streams.drain();
    assertStrictEquals(await list.done(), true);
    assertStrictEquals(streams.viewers, 0);
  }));

Deno.test("a resumed list gets each missed change once, after any ID", () =>
  withHistory(async (history) => {
    const streams = streamsOf(history);
    const before = await streams.latestId("a");
    const runs = [1, 2, 3, 4].map((created_ms) => line({ created_ms, status: "queued" }));
    // Two in one commit, as the committer groups them.
    await Promise.all(runs.map((run) => history.join("a", run)));
    const list = await reader(streams, before);
    const first = [await list.next(), await list.next(), await list.next(), await list.next()];
    assertEquals(
      first.map((event) => told(event)[1]).toSorted(),
      runs.map((run) => run.run_id),
    );
    await list.close();
    for (const [index, { id }] of first.entries()) {
      const resumed = await reader(streams, id ?? "");
      await history.change("a", runs[0]!, { ...runs[0]!, progress: index });
      streams.wake("a");
      const rest: SSEEvent[] = [];
      do rest.push(await resumed.next()); while (rest.at(-1)?.event !== "changed");
      const created = rest.filter(({ event }) => event === "created").map(({ id }) => id);
      assertEquals(created, first.slice(index + 1).map(({ id }) => id));
      await resumed.close();
    }
    streams.drain();
  }));

Deno.test("a list read after a change does not receive that change again", () =>
  withHistory(async (history) => {
    const streams = streamsOf(history);
    // The last thing that happened: a run that was brought in, or restored.
    await history.join("a", line({ created_ms: 1 }));
    for (const place of [await streams.latestId("a"), null]) {
      const list = await reader(streams, place);
      await history.join("a", line({ created_ms: place === null ? 3 : 2 }));
      streams.wake("a");
      assertStrictEquals(told(await list.next())[1], place === null ? "trun_3" : "trun_2");
      await list.close();
    }
    streams.drain();
  }));

for (const id of ["", "x", "7", "999999-00000000000000000000-", `0-${"f".repeat(20)}-`]) {
  Deno.test(`the ID ${JSON.stringify(id)} cannot be resumed: the list must be reloaded`, () =>
    withHistory(async (history) => {
      const streams = streamsOf(history, () => 2_000_000 * MINUTE);
      const list = await reader(streams, id);
      assertStrictEquals((await list.next()).event, "reset");
      streams.drain();
    }));
}

Deno.test("changes during a read are reported by the next read, and none is lost", () =>
  withHistory(async (history) => {
    const runs = [1, 2, 3].map((created_ms) => line({ created_ms }));
    const [first, second, third] = runs;
    await history.join("a", second!);
    const nowMs = 0;
    let isRead = false;
    // A list comes in batches, each of its own moment: two runs are created between the first and the rest.
    const kv = new Proxy(history.kv, {
      get(target, name) {
        if (name !== "list" || isRead) {
          const member = Reflect.get(target, name);
          return typeof member === "function" ? member.bind(target) : member;
        }
        isRead = true;
        return async function* (selector: Deno.KvListSelector) {
          for await (const entry of target.list(selector, { batchSize: 1 })) {
            yield entry;
            if (entry.key.includes(second!.run_id)) {
              await history.join("a", first!);
              await history.join("a", third!);
            }
          }
        };
      },
    });
    const start = { minute: 0, versionstamp: "0".repeat(20), run_id: "" };
    const told: string[] = [];
    let place = start;
    for (let reading = 0; reading < 2; reading++) {
      for (const change of await readChanges(kv, "a", place)) {
        told.push(change.run.run_id);
        place = change.place;
      }
    }
    assertEquals(told.toSorted(), runs.map(({ run_id }) => run_id));
    assertStrictEquals((await latestPlace(kv, "a", nowMs)).versionstamp, place.versionstamp);
  }));

Deno.test("an ID older than an hour is too old", () =>
  withHistory(async (history) => {
    let now = 100 * MINUTE;
    const streams = streamsOf(history, () => now);
    const id = await streams.latestId("a");
    now += 61 * MINUTE;
    const list = await reader(streams, id);
    assertStrictEquals((await list.next()).event, "reset");
    streams.drain();
  }));

Deno.test("a list stream beyond the account's limit is rejected, and closing one makes room", () =>
  withHistory(async (history) => {
    const streams = streamsOf(history, () => 0, 1);
    const list = await reader(streams);
    assertStrictEquals((await streams.open("a", null)).status, "full");
    const other = await streams.open("b", null);
    assertStrictEquals(other.status, "open");
    await list.close();
    await (await reader(streams)).close();
    streams.drain();
  }));

Deno.test("a list closed while the store fails ends quietly and frees its slot", () =>
  withHistory(async ({ kv }) => {
    const gate = Promise.withResolvers<never>();
    let hangs = false, isRead = false;
    const failing = wrap(kv, {
      get(key: Deno.KvKey) {
        if (!hangs) return kv.get(key);
        isRead = true;
        return gate.promise;
      },
    } as Partial<Deno.Kv>);
    const timers = { setTimeout: () => 0, clearTimeout: () => {} };
    const context = {
      now: () => 0,
      heartbeatMs: 15_000,
      pollMs: 1000,
      slots: new StreamSlots(1),
      timers,
    };
    const streams = new ListStreams({ kv: failing, ...context });
    const answer = await streams.open("a", null);
    assert(answer.status === "open");
    const body = answer.body.getReader();
    await body.read();
    hangs = true;
    streams.wake("a");
    while (!isRead) await new Promise((resolve) => setTimeout(resolve, 1));
    await body.cancel();
    // An unhandled rejection fails this test.
    gate.reject(new TypeError("the store is gone"));
    hangs = false;
    await new Promise((resolve) => setTimeout(resolve, 0));
    assertStrictEquals(streams.viewers, 0);
    const again = await streams.open("a", null);
    assertStrictEquals(again.status, "open");
    streams.drain();
    streams.drain();
  }));

Deno.test("a silent list sends comment lines without a blank line", () =>
  withHistory(async ({ kv }) => {
    let now = 0, poll = () => {};
    const timers = { setTimeout: (run: () => void) => poll = run, clearTimeout: () => {} };
    const streams = new ListStreams({
      kv,
      now: () => now,
      heartbeatMs: 15_000,
      pollMs: 1000,
      slots: new StreamSlots(1),
      timers,
    });
    const answer = await streams.open("a", null);
    assert(answer.status === "open");
    const body = answer.body.getReader();
    await body.read();
    now = 15_000;
    poll();
    assertStrictEquals(new TextDecoder().decode((await body.read()).value), HEARTBEAT_LINE);
    streams.drain();
  }));
