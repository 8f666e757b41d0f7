import { assertStrictEquals } from "@std/assert";
import type { StoreState } from "../../../lib/store/connection.ts";
import { HEARTBEAT_LINE } from "../../../lib/runs/stream/frames.ts";
import { STORE_AWAY_NOTICE, StoreNotices } from "../../../lib/runs/stream/store_notices.ts";
import { SSEParser } from "../../../lib/sse/mod.ts";
import { VirtualTime } from "../../campaign/virtual_time.ts";
import { event, HEARTBEAT_MS, memoryStreams, reading } from "./memory_channel.ts";

const NOTICE = `: ${STORE_AWAY_NOTICE}\n`;
const EVENT = "id: 1\nevent: e\ndata: x\n\n";

/** A store and the streams of a log, both controlled by the test. */
function world() {
  const time = new VirtualTime();
  const listeners = new Set<(state: StoreState) => void>();
  const notices = new StoreNotices({
    onState(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  }, time);
  const turn = (is: StoreState["is"]) => {
    for (const tell of listeners) tell({ is, sinceMs: 0, reason: "", isStuck: false });
  };
  const { channel, opened } = memoryStreams({ notices, timers: time, now: time.now });
  return { time, turn, open: () => opened(), channel, notices, listeners };
}

for (const is of ["away", "refusing"] as const) {
  Deno.test(`an open stream reports that the store is ${is}, and when it is back`, async () => {
    const { time, turn, open, channel } = world();
    const seen = reading(open());
    await time.pass(0);
    channel.append(event(1));
    turn(is);
    await time.pass(1_000);
    assertStrictEquals(seen.text, EVENT + NOTICE);
    turn("ok");
    await time.pass(0);
    assertStrictEquals(seen.text, EVENT + NOTICE + HEARTBEAT_LINE);
    channel.append(event(2));
    await time.pass(0);
    assertStrictEquals(
      seen.text,
      EVENT + NOTICE + HEARTBEAT_LINE + EVENT.replace("id: 1", "id: 2"),
    );
    channel.close();
  });
}

Deno.test("a short outage is not reported; a change from rejecting to away is", async () => {
  const { time, turn, open, channel } = world();
  const seen = reading(open());
  turn("away");
  await time.pass(100);
  turn("ok");
  await time.pass(10_000);
  assertStrictEquals(seen.text, "");
  turn("refusing");
  await time.pass(1_000);
  turn("away");
  await time.pass(1_000);
  assertStrictEquals(seen.text, NOTICE);
  channel.close();
});

Deno.test("heartbeats repeat the notice, and a stream opened meanwhile starts with it", async () => {
  const { time, turn, open, channel } = world();
  const early = reading(open());
  turn("away");
  await time.pass(1_000);
  channel.log.push(event(1));
  const late = reading(open());
  await time.pass(0);
  assertStrictEquals(late.text, NOTICE + EVENT);
  await time.pass(HEARTBEAT_MS);
  assertStrictEquals(early.text, NOTICE + NOTICE);
  turn("ok");
  await time.pass(0);
  assertStrictEquals(early.text, NOTICE + NOTICE + HEARTBEAT_LINE);
  await time.pass(HEARTBEAT_MS);
  assertStrictEquals(early.text, NOTICE + NOTICE + HEARTBEAT_LINE.repeat(2));
  channel.close();
});

Deno.test("ended streams and streams with a full queue get no notice", async () => {
  const { time, turn, open, channel } = world();
  const left = open(), full = open();
  await left.cancel("gone");
  await time.pass(0);
  channel.append(event(1, "x".repeat(2 << 20)));
  turn("away");
  await time.pass(1_000);
  channel.close();
  const seen = reading(full);
  await time.pass(0);
  assertStrictEquals(seen.text.includes(NOTICE), false);
  turn("ok");
  await time.pass(0);
  assertStrictEquals(seen.end, "end");
});

Deno.test("no reader mistakes a notice for an event", async () => {
  const { time, turn, open, channel } = world();
  const seen = reading(open());
  await time.pass(0);
  channel.append(event(1));
  turn("away");
  await time.pass(1_000);
  turn("ok");
  channel.append(event(2));
  await time.pass(1_000);
  channel.close();
  const events: string[] = [], comments: string[] = [];
  const parser = new SSEParser({
    onEvent: ({ id, data }) => events.push(id + data),
    onComment: (comment) => comments.push(comment),
  });
  parser.push(seen.text);
  assertStrictEquals(events.join(), "1x,2x");
  assertStrictEquals(comments.join("|"), `${STORE_AWAY_NOTICE}|still here`);
});

Deno.test("closed streams leave no timer and no listener", () => {
  const { time, turn, listeners, notices } = world();
  turn("away");
  notices.close();
  assertStrictEquals(time.pending, 0);
  assertStrictEquals(listeners.size, 0);
});
