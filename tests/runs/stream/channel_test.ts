import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { HEARTBEAT_LINE } from "../../../lib/runs/stream/frames.ts";
import { parseSSE } from "../../../lib/sse/mod.ts";
import { event, HEARTBEAT_MS, memoryStreams, reading, type TestEvent } from "./memory_channel.ts";

const idsIn = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

for (const after of [0, 1, 2, 3]) {
  Deno.test(`a viewer that resumes after ${after} of 3 gets exactly the rest, then live events`, async () => {
    const { time, channel, opened } = memoryStreams();
    channel.log.push(event(1), event(2), event(3));
    const seen = reading(opened(after));
    await time.pass(0);
    channel.append(event(4), event(5));
    channel.end();
    await time.pass(0);
    assertEquals(idsIn(seen.text), [1, 2, 3, 4, 5].slice(after));
    assertStrictEquals(seen.end, "end");
    assertStrictEquals(time.pending, 0);
  });
}

for (const hours of [-1, 1]) {
  Deno.test(`a silent stream keeps its heartbeats when the clock is set by ${hours} h`, async () => {
    const clock = { skipMs: 0 };
    const { time, channel, opened } = memoryStreams({ now: () => time.now() + clock.skipMs });
    const seen = reading(opened());
    await time.pass(HEARTBEAT_MS);
    clock.skipMs = hours * 3_600_000;
    for (let turn = 0; turn < 3; turn++) await time.pass(HEARTBEAT_MS);
    assertStrictEquals(seen.text, HEARTBEAT_LINE.repeat(4));
    channel.close();
  });
}

Deno.test("a live event is sent unchanged, and the log is read only for missing events", async () => {
  const { time, channel, opened } = memoryStreams();
  const seen = reading(opened());
  await time.pass(0);
  const { reads } = channel;
  for (let id = 1; id <= 10; id++) channel.append(event(id));
  await time.pass(0);
  assertStrictEquals(channel.reads, reads);
  // Another process wrote 11, and only the log has it.
  channel.log.push(event(11));
  channel.append(event(12));
  await time.pass(0);
  assertStrictEquals(channel.reads, reads + 1);
  assertEquals(idsIn(seen.text), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  channel.close();
});

Deno.test("events that arrive while a viewer reads the log reach it once and in order", async () => {
  const { time, channel, opened } = memoryStreams();
  channel.log.push(event(1));
  const body = opened();
  // It has not caught up yet.
  channel.append(event(2));
  channel.append(event(3));
  const seen = reading(body);
  await time.pass(0);
  channel.append(event(4));
  await time.pass(0);
  assertEquals(idsIn(seen.text), [1, 2, 3, 4]);
  channel.close();
});

Deno.test("one event of any size is queued; a viewer with a full queue is disconnected, others continue", async () => {
  const { time, channel, opened } = memoryStreams();
  const slow = opened(), quick = reading(opened());
  await time.pass(0);
  channel.append(event(1, "x".repeat(3 << 20)));
  await time.pass(0);
  channel.append(event(2));
  await time.pass(0);
  assertStrictEquals(channel.size, 1);
  assertEquals(idsIn(quick.text), [1, 2]);
  const events = await Array.fromAsync(parseSSE(slow));
  assertEquals(events.map(({ id, data }) => [id, data.length]), [["1", 3 << 20]]);
  const resumed = reading(opened(1));
  await time.pass(0);
  assertEquals(idsIn(resumed.text), [2]);
  channel.close();
});

Deno.test("each live event is encoded once for members and once for each link", async () => {
  const { time, channel, opened } = memoryStreams();
  let shown = 0;
  const show = ({ id }: TestEvent) => {
    shown++;
    return event(id, "public");
  };
  const audience = { account: "a", share: "token" };
  const members = [reading(opened()), reading(opened())];
  const strangers = [0, 1, 2].map(() => reading(opened(0, { audience, show })));
  await time.pass(0);
  const next = event(1, "private");
  channel.prepare([next]);
  channel.append(next);
  await time.pass(0);
  assertStrictEquals(shown, 1);
  for (const { text } of members) assertMatch(text, /data: private/);
  for (const { text } of strangers) assertStrictEquals(text, "id: 1\nevent: e\ndata: public\n\n");
  const late = reading(opened(0, { audience, show }));
  await time.pass(0);
  assertMatch(late.text, /public/);
  channel.close();
});

Deno.test("a log without viewers has no timers and is not followed", async () => {
  const { time, channel, streams, opened } = memoryStreams();
  const bodies = [opened(), opened()];
  await time.pass(0);
  assertStrictEquals(time.pending, 1);
  assertStrictEquals(streams.viewers, 2);
  for (const body of bodies) await body.cancel();
  assertStrictEquals(time.pending, 0);
  assertStrictEquals(streams.get("log"), undefined);
  // The same log again.
  const seen = reading(opened());
  await time.pass(HEARTBEAT_MS);
  assertStrictEquals(seen.text, HEARTBEAT_LINE);
  channel.close();
});

Deno.test("a viewer that waits for the store receives heartbeats", async () => {
  const { time, channel, opened } = memoryStreams();
  const answer = Promise.withResolvers<TestEvent[]>();
  channel.read = () => answer.promise;
  const seen = reading(opened());
  await time.pass(2 * HEARTBEAT_MS);
  assertStrictEquals(seen.text, HEARTBEAT_LINE.repeat(2));
  answer.resolve([]);
  channel.close();
});

Deno.test("streams end if their log cannot be followed, and break if it cannot be read", async () => {
  const { time, channel, opened } = memoryStreams();
  const seen = reading(opened());
  await time.pass(0);
  channel.following.reject(new Error("the store is gone"));
  await time.pass(0);
  assertStrictEquals(seen.end, "end");
  const error = new Error("damaged");
  channel.read = () => Promise.reject(error);
  const broken = reading(opened());
  await time.pass(0);
  assertStrictEquals(broken.end, error);
  assertStrictEquals(channel.size, 0);
  assertStrictEquals(time.pending, 0);
});

Deno.test("viewers who lose access are disconnected, others stay", async () => {
  const { time, channel, opened } = memoryStreams();
  const watch = (account: string, share: string | null = null) =>
    reading(opened(0, { audience: { account, share } }));
  const stays = watch("a"), left = watch("b"), link = watch("a", "token");
  await time.pass(0);
  channel.dismiss(({ account }) => account === "b");
  channel.dismiss(({ share }) => share === "token");
  await time.pass(0);
  assertEquals([stays.end, left.end, link.end], [null, "end", "end"]);
  channel.close();
});

Deno.test("a stream holds a slot until it ends for any reason, and draining ends all streams", async () => {
  const { time, channel, streams, open, opened } = memoryStreams({ streamLimit: 1 });
  const limitKey = "account:a";
  const full = { status: "full", limit: 1, retryAfterSeconds: 5 } as const;
  const ends = [
    (body: ReadableStream) => body.cancel(),
    () => channel.close(),
    () => channel.wake(),
  ];
  for (const end of ends) {
    const body = opened(0, { limitKey });
    await time.pass(0);
    assertEquals(open(0, { limitKey }), full);
    channel.read = () => Promise.reject(new Error("damaged"));
    await end(body);
    await time.pass(0);
    channel.read = () => Promise.resolve(channel.log);
  }
  channel.log.push(event(1));
  const seen = reading(opened(0, { limitKey }));
  await time.pass(0);
  streams.drain();
  await time.pass(0);
  assertStrictEquals(seen.end, "end");
  // Stored events are still sent.
  const late = reading(opened(0, { limitKey }));
  await time.pass(0);
  assertEquals([idsIn(late.text), late.end], [[1], "end"]);
  assertStrictEquals(time.pending, 0);
  assert(streams.viewers === 0);
});
