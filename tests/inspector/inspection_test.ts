/** Inspecting one stream: reading, following, filtering, replaying, closing. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { EVERYTHING } from "../../routes/inspect/(_parts)/filter.ts";
import type { StreamRequest } from "../../routes/inspect/(_parts)/request.ts";
import { Bench, settle, writable } from "./bench.ts";

const REQUEST: StreamRequest = { method: "GET", url: "https://x/", headers: [], body: null };
const chunk = (content: string, rest = {}) =>
  `data: ${
    JSON.stringify({ object: "chat.completion.chunk", choices: [{ delta: { content } }], ...rest })
  }\n\n`;

/** A file as a browser hands it over. */
const file = (text: string, name = "capture.txt") => new File([text], name);

Deno.test("a text is read completely: events, figures, the answer", async () => {
  const { inspection } = new Bench();
  await inspection.readText(
    chunk("Hel", { model: "m" }) + chunk("lo") +
      chunk("", { usage: { prompt_tokens: 3, completion_tokens: 2 } }) + "data: [DONE]\n\n",
  );
  await settle();
  assertStrictEquals(inspection.phase, "done");
  assertStrictEquals(inspection.scanner.timed, false);
  assertEquals(inspection.rows, [0, 1, 2, 3]);
  assertStrictEquals(inspection.tally.events, 4);
  assertStrictEquals(inspection.answer.collected?.text, "Hello");
  assertStrictEquals(inspection.answer.collected?.provider, "openai");
  assertEquals(inspection.answer.collected?.usage, {
    inputTokens: 3,
    outputTokens: 2,
    estimated: false,
  });
});

Deno.test("an unknown provider's stream is not an error", async () => {
  const { inspection } = new Bench();
  await inspection.readText('data: {"a":1}\n\n');
  assertStrictEquals(inspection.answer.done, false, "it is not said to be unknown too early");
  await settle();
  assertStrictEquals(inspection.answer.done, true);
  assertStrictEquals(inspection.answer.collected?.provider, undefined);
  assertStrictEquals(inspection.answer.failure, null);
});

Deno.test("a provider's error in the middle is shown with the earlier text", async () => {
  const { inspection } = new Bench();
  await inspection.readText(
    chunk("Half") +
      'event: error\ndata: {"error":{"type":"overloaded_error","message":"Busy"}}\n\n',
  );
  await settle();
  assertEquals(inspection.answer.failure, { message: "Busy", retryable: true });
  assertStrictEquals(inspection.answer.collected?.text, "Half");
});

Deno.test("a stream that ends before its answer is reported, an empty one is not", async () => {
  const { inspection } = new Bench();
  for (
    const [text, isCut] of [
      [chunk("Half"), true],
      [chunk("Whole") + "data: [DONE]\n\n", false],
      [": nothing\n\n", false],
      ['data: {"a":1}\n\n', false],
    ] as const
  ) {
    await inspection.readText(text);
    await settle();
    assertStrictEquals(inspection.answer.isCut, isCut, text);
    assertStrictEquals(inspection.answer.failure, null);
  }
});

Deno.test("a file is read byte by byte, and a capture as its events", async () => {
  const { inspection } = new Bench();
  await inspection.readFile(file("data: a\r\n\r\n"));
  assertEquals(inspection.scanner.endings, { lf: 0, crlf: 2, cr: 0 });
  assertStrictEquals(inspection.imported, false);
  await inspection.readFile(
    file('{"offset_ms":5,"id":"","event":"message","data":"b","retry":null}'),
  );
  assertStrictEquals(inspection.imported, true);
  assertStrictEquals(inspection.scanner.timed, true);
  assertStrictEquals(inspection.blocks[0]?.atMs, 5);
});

Deno.test("an invalid capture names the line, and a missing file is reported", async () => {
  const { inspection } = new Bench();
  await inspection.readText('{"x":1}');
  assertMatch(inspection.problem ?? "", /^Line 1/);
  assertStrictEquals(inspection.phase, "done");
  const gone = Object.assign(new Blob(["x"]), {
    name: "gone.txt",
    arrayBuffer: () => Promise.reject(new DOMException("gone", "NotFoundError")),
  });
  await inspection.readFile(gone);
  assertMatch(inspection.problem ?? "", /“gone.txt” cannot be read/);
});

Deno.test("a live stream is followed with the time of each event", async () => {
  const stream = writable();
  const bench = new Bench(() =>
    Promise.resolve(
      new Response(stream.body, { headers: { "content-type": "text/event-stream", "x-a": "1" } }),
    )
  );
  const { inspection } = bench;
  const open = inspection.open(REQUEST);
  assertStrictEquals(inspection.phase, "opening");
  bench.nowMs = 40;
  await settle();
  assertStrictEquals(inspection.phase, "live");
  assertStrictEquals(inspection.answered?.status, 200);
  assertEquals(inspection.answered?.headers.at(-1), ["x-a", "1"]);
  bench.nowMs = 100;
  await stream.send(chunk("a"));
  await settle();
  bench.nowMs = 350;
  await stream.send(`${chunk("b")}data: cut`);
  await settle();
  await stream.close();
  await open;
  assertEquals(inspection.ended, { how: "closed" });
  assertEquals(inspection.blocks.map(({ kind, atMs }) => [kind, atMs]), [
    ["event", 100],
    ["event", 350],
    ["unfinished", 350],
  ]);
  await settle();
  assertStrictEquals(inspection.answer.collected?.firstTokenMs, 100);
});

Deno.test("stopping a stream keeps its events and closes the connection", async () => {
  const stream = writable();
  let signal: AbortSignal | null | undefined;
  const { inspection } = new Bench((_url, init) => {
    signal = init.signal;
    const cut = new TransformStream<Uint8Array, Uint8Array>();
    stream.body.pipeTo(cut.writable, { signal: init.signal ?? undefined }).catch(() => {});
    return Promise.resolve(new Response(cut.readable));
  });
  const open = inspection.open(REQUEST);
  await settle();
  await stream.send("data: a\n\n");
  await settle();
  await stream.send("data: half");
  await settle();
  inspection.stop();
  await open;
  assertStrictEquals(signal?.aborted, true);
  assertEquals(inspection.blocks.map(({ kind }) => kind), ["event", "unfinished"]);
  assertStrictEquals(inspection.tally.lost, 0, "it was us who cut it off");
  assertEquals(inspection.ended, { how: "stopped" });
  assertStrictEquals(inspection.tally.events, 1);
});

Deno.test("data that is not JSON names its event and blames no provider", async () => {
  const { inspection } = new Bench();
  await inspection.readText(': hi\n\ndata: {"a": 1}\n\ndata: {broken\n\ndata: {"b": 2}\n\n');
  await settle();
  assertStrictEquals(inspection.answer.failure, null);
  assertStrictEquals(inspection.answer.notJson, 2);
});

Deno.test("no response and a broken connection are distinguished", async () => {
  const { inspection } = new Bench();
  await inspection.open(REQUEST);
  assertEquals(inspection.ended, { how: "unanswered", message: "no network" });

  const stream = writable();
  const other = new Bench(() => Promise.resolve(new Response(stream.body))).inspection;
  const open = other.open(REQUEST);
  await settle();
  await stream.send("data: a\n\n");
  await settle();
  await stream.fail(new TypeError("network error")).catch(() => {});
  await open;
  assertEquals(other.ended, { how: "broken", message: "network error" });
  assertStrictEquals(other.tally.events, 1);
});

Deno.test("a new stream replaces the previous one, even an active one", async () => {
  const stream = writable();
  const { inspection } = new Bench(() => Promise.resolve(new Response(stream.body)));
  const open = inspection.open(REQUEST);
  await settle();
  await stream.send("data: old\n\n");
  await settle();
  const text = inspection.readText("data: new\n\n");
  await stream.close().catch(() => {});
  await Promise.all([open, text]);
  assertEquals(inspection.blocks.map(({ data }) => data), ["new"]);
  assertStrictEquals(inspection.ended, null);
  assertStrictEquals(inspection.phase, "done");
});

Deno.test("a filter applies to current and later events", async () => {
  const stream = writable();
  const { inspection } = new Bench(() => Promise.resolve(new Response(stream.body)));
  const open = inspection.open(REQUEST);
  await settle();
  await stream.send("data: a1\n\ndata: b1\n\n");
  await settle();
  inspection.setFilter({ ...EVERYTHING, text: "/a\\d/" });
  assertEquals(inspection.rows, [0]);
  await stream.send("data: a2\n\ndata: b2\n\n");
  await settle();
  assertEquals(inspection.rows, [0, 2]);
  inspection.setFilter({ ...EVERYTHING, text: "/(/" });
  assertMatch(inspection.filterProblem ?? "", /not a regular expression/);
  assertEquals(inspection.rows, [0, 2], "a half-typed pattern changes nothing");
  inspection.setFilter(EVERYTHING);
  assertEquals(inspection.rows, [0, 1, 2, 3]);
  await stream.close();
  await open;
});

Deno.test("changing the filter of a long list leaves no row of the previous filter", async () => {
  const { inspection } = new Bench();
  const text = Array.from({ length: 9000 }, (_, at) => `data: ${at % 2 ? "odd" : "even"}\n\n`).join(
    "",
  );
  await inspection.readText(text);
  await settle();
  inspection.setFilter({ ...EVERYTHING, text: "odd" });
  inspection.setFilter({ ...EVERYTHING, text: "even" });
  await settle();
  assertStrictEquals(inspection.rows.length, 4500);
  assert(inspection.rows.every((row) => row % 2 === 0));
});

Deno.test("the page renders once per frame, at any event rate", async () => {
  const bench = new Bench();
  await bench.inspection.readText("data: a\n\n".repeat(5000));
  bench.frame();
  assertStrictEquals(bench.drawn, 1);
});

Deno.test("a replay shows each block at its recorded time, figures and answer with it", async () => {
  const bench = new Bench();
  const { inspection } = bench;
  const line = (offset_ms: number, content: string) =>
    JSON.stringify({ offset_ms, id: "", event: "message", data: chunk(content).slice(6).trim() });
  await inspection.readText([line(100, "a"), line(200, "b"), line(900, "c")].join("\n"));
  await settle();
  bench.frame(5000);

  inspection.replay({ speed: 1 });
  assertStrictEquals(inspection.shown, 0);
  assertStrictEquals(inspection.tally.events, 0);
  bench.frame(5100);
  assertStrictEquals(inspection.shown, 1);
  assertEquals(inspection.rows, [0]);
  await settle();
  assertStrictEquals(inspection.answer.collected?.text, "a");
  bench.frame(5250);
  assertStrictEquals(inspection.shown, 2);
  inspection.setPace({ speed: 10 });
  bench.frame(5320);
  assertStrictEquals(inspection.shown, 3);
  bench.frame();
  assertStrictEquals(inspection.replaying, false);
  await settle();
  assertStrictEquals(inspection.answer.collected?.text, "abc");
  assertStrictEquals(inspection.answer.collected?.firstTokenMs, 100, "as on the day");
});

Deno.test("a replay can be stopped, and a new stream stops it", async () => {
  const bench = new Bench();
  const { inspection } = bench;
  await inspection.readText("data: a\n\ndata: b\n\n");
  inspection.replay({ perSecond: 1 });
  bench.frame(10);
  assertStrictEquals(inspection.shown, 0);
  inspection.endReplay();
  assertStrictEquals(inspection.shown, 2);
  assertStrictEquals(inspection.replaying, false);
  inspection.replay({ perSecond: 1 });
  await inspection.readText("data: c\n\n");
  bench.frame(20);
  assertStrictEquals(inspection.replaying, false);
  assertEquals(bench.shownData, ["c"]);
});
