import { assertStrictEquals } from "@std/assert";
import type { StoreState } from "../../../lib/store/connection.ts";
import { HEARTBEAT_LINE } from "../../../lib/runs/stream/heartbeat.ts";
import { STORE_AWAY_NOTICE, StoreNotices } from "../../../lib/runs/stream/store_notices.ts";
import { SSEParser } from "../../../lib/sse/mod.ts";
import { VirtualTime } from "../../campaign/virtual_time.ts";

const NOTICE = `: ${STORE_AWAY_NOTICE}\n`;
const EVENT = "id: 1\nevent: e\ndata: x\n\n";

/** A store whose state a test sets, and streams that a test writes. */
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
  const open = () => {
    let controller!: ReadableStreamDefaultController<Uint8Array>;
    const left: unknown[] = [];
    const body = new ReadableStream<Uint8Array>({
      start: (own) => void (controller = own),
      cancel: (reason) => void left.push(reason),
    });
    const reader = notices.bind(body).getReader();
    const seen = { text: "", end: null as unknown, reader, left };
    const decoder = new TextDecoder();
    void (async () => {
      try {
        for (let read; !(read = await reader.read()).done;) seen.text += decoder.decode(read.value);
        seen.end = "end";
      } catch (error) {
        seen.end = error;
      }
    })();
    const send = (text: string) => controller.enqueue(new TextEncoder().encode(text));
    return { seen, send, controller };
  };
  return { time, turn, open, notices, listeners };
}

for (const is of ["away", "refusing"] as const) {
  Deno.test(`an open stream says that the store is ${is}, and that it is back`, async () => {
    const { time, turn, open } = world();
    const { seen, send } = open();
    send(EVENT);
    turn(is);
    await time.pass(1_000);
    assertStrictEquals(seen.text, EVENT + NOTICE);
    turn("ok");
    await time.pass(0);
    assertStrictEquals(seen.text, EVENT + NOTICE + HEARTBEAT_LINE);
    send(EVENT);
    await time.pass(0);
    assertStrictEquals(seen.text, EVENT + NOTICE + HEARTBEAT_LINE + EVENT);
  });
}

Deno.test("what is mended at once is not worth a word, from refusing to away is one", async () => {
  const { time, turn, open } = world();
  const { seen } = open();
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
});

Deno.test("heartbeats repeat the notice, and a stream that opens meanwhile begins with it", async () => {
  const { time, turn, open } = world();
  const early = open();
  turn("away");
  await time.pass(1_000);
  const late = open();
  early.send(HEARTBEAT_LINE);
  late.send(EVENT);
  await time.pass(0);
  assertStrictEquals(early.seen.text, NOTICE + NOTICE);
  assertStrictEquals(late.seen.text, NOTICE + EVENT);
  turn("ok");
  await time.pass(0);
  early.send(HEARTBEAT_LINE);
  await time.pass(0);
  assertStrictEquals(early.seen.text, NOTICE + NOTICE + HEARTBEAT_LINE + HEARTBEAT_LINE);
});

Deno.test("a stream ends as it would without notices", async () => {
  const { time, turn, open } = world();
  const ended = open(), failed = open(), left = open();
  ended.controller.close();
  const error = new Error("broken");
  failed.controller.error(error);
  await left.seen.reader.cancel("gone");
  turn("away");
  await time.pass(1_000);
  assertStrictEquals(ended.seen.end, "end");
  assertStrictEquals(failed.seen.end, error);
  assertStrictEquals(left.seen.left[0], "gone");
  assertStrictEquals(ended.seen.text + failed.seen.text + left.seen.text, "");
});

Deno.test("a reader of any kind takes a notice for no event, wherever it comes", async () => {
  const { time, turn, open } = world();
  const { seen, send } = open();
  send(EVENT);
  turn("away");
  await time.pass(1_000);
  turn("ok");
  send(EVENT);
  await time.pass(1_000);
  const events: string[] = [], comments: string[] = [];
  const parser = new SSEParser({
    onEvent: ({ id, data }) => events.push(id + data),
    onComment: (comment) => comments.push(comment),
  });
  parser.push(seen.text);
  assertStrictEquals(events.join(), "1x,1x");
  assertStrictEquals(comments.join("|"), `${STORE_AWAY_NOTICE}|still here`);
});

Deno.test("closing them leaves no timer and no listener behind", () => {
  const { time, turn, listeners, notices } = world();
  turn("away");
  notices.close();
  assertStrictEquals(time.pending, 0);
  assertStrictEquals(listeners.size, 0);
});
