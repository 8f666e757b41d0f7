/** The upload of an import file: its lines, its form, its speed. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { stub } from "@std/testing/mock";
import {
  ARRIVAL_MS,
  ArrivalError,
  Arrivals,
  importQueue,
  TURN_MS,
} from "../../lib/transfer/arrival.ts";
import { importHistory } from "../../lib/transfer/import.ts";
import { LongLineError, textLines } from "../../lib/transfer/lines.ts";
import type { Place } from "../../lib/base/queue.ts";
import { uploadedBytes, UploadError } from "../../lib/transfer/upload.ts";
import type { ImportedRun } from "../../lib/runs/mod.ts";
import { VALID_RUN } from "./valid_run.ts";
import { FakeTimers } from "../sse/support/timers.ts";
import { assertError } from "../assert_error.ts";

const bytesOf = (...chunks: string[]) =>
  ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));

Deno.test("lines are the same for any chunking, and a line without an end is rejected", async () => {
  const text = "erste\nzweite ü\n\nletzte";
  const bytes = new TextEncoder().encode(text);
  for (let size = 1; size < bytes.length; size++) {
    const chunks = Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, index) => bytes.slice(index * size, (index + 1) * size),
    );
    const lines = await Array.fromAsync(textLines(ReadableStream.from(chunks), 100));
    assertEquals(lines, text.split("\n"));
  }
});

Deno.test("a line may have exactly the allowed number of bytes, wherever it ends", async () => {
  const read = (...chunks: string[]) => Array.fromAsync(textLines(bytesOf(...chunks), 100));
  const full = "ü".repeat(50);
  assertEquals(await read(full, `\n${full}`), [full, full]);
  for (
    const chunks of [
      ["x".repeat(50), "y".repeat(51)],
      [`${full}x`],
      [full, full, full],
      ["x".repeat(99), "ü"],
    ]
  ) {
    assertEquals(await read(...chunks), [null], chunks.join("|"));
    const between = ["short\n", ...chunks, "\nshort"];
    assertEquals(await read(...between), ["short", null, "short"], between.join("|"));
  }
  // A text that is read whole has no other lines.
  await assertRejects(() => read(`[${full}`), LongLineError);
});

Deno.test("a form's file is found for any chunking, and a damaged form is rejected", async () => {
  const content = "line one\r\n--not the boundary\r\nline two";
  const body = [
    '--b\r\ncontent-disposition: form-data; name="empty"\r\n\r\n\r\n',
    '--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\n',
    `${content}\r\n--b--\r\n`,
  ].join("");
  const read = async (chunks: readonly string[]) => {
    await using file = await new Arrivals().receive(
      bytesOf(...chunks),
      (sent) => uploadedBytes(sent, "multipart/form-data; boundary=b"),
    );
    return await new Response(file.body).text();
  };
  for (let size = 1; size < body.length; size += 3) {
    const chunks = body.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
    assertStrictEquals(await read(chunks), content, `chunks of ${size}`);
  }
  for (const damaged of ["", "--c\r\n"]) await assertRejects(() => read([damaged]), UploadError);
  await assertRejects(() => read([body.slice(0, -12)]), ArrivalError);
});

Deno.test("a form of thousands of empty parts is rejected after the first ones", async () => {
  let chunks = 0;
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode(`--b\r\n\r\n${"\r\n--b\r\n\r\n".repeat(40)}`));
      if (++chunks === 100) controller.close();
    },
  }, { highWaterMark: 0 });
  await assertRejects(
    () =>
      new Arrivals().receive(
        body,
        (sent) => uploadedBytes(sent, "multipart/form-data; boundary=b"),
      ),
    UploadError,
  );
  assertStrictEquals(chunks, 1);
});

Deno.test("an overlong line is reported, and the other lines are imported", async () => {
  const stored: string[] = [];
  const tools = {
    account: "a",
    maxBytes: 300,
    holder: null!,
    log: () => {},
    runs: {
      adopt: () => Promise.reject(),
      has: () => Promise.reject(),
      import: (_account: string, { run }: ImportedRun) => {
        stored.push(run.run_id);
        return Promise.resolve("imported" as const);
      },
    },
  };
  const line = (value: unknown) => `${JSON.stringify(value)}\n`;
  const run = (run_id: string, more = {}) => line({ run: { ...VALID_RUN, run_id, ...more } });
  const report = await importHistory(
    bytesOf(
      line({ taskstream: "history", version: 1 }),
      run("trun_1"),
      run("trun_2", { title: "x".repeat(300) }),
      run("trun_3"),
      line({ end: { runs: 3 } }),
    ),
    tools,
  );
  assertEquals(stored, ["trun_1", "trun_3"]);
  assertEquals(report.wrong, [{ line: 3, why: "it is longer than 300 bytes" }]);
  assertEquals([report.imported, report.problem], [2, null]);
  const single = await importHistory(bytesOf("x".repeat(400)), tools);
  assertMatch(single.problem ?? "", /not a history/);
});

/** A body that says these texts and then, asked for more, nothing. */
function starving(...texts: string[]) {
  const starved = Promise.withResolvers<ReadableStreamDefaultController>();
  const cancelled = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const text = texts.shift();
      if (text !== undefined) return controller.enqueue(new TextEncoder().encode(text));
      starved.resolve(controller);
      return cancelled.promise;
    },
    cancel: () => cancelled.resolve(),
  }, { highWaterMark: 0 });
  return { body, starved: starved.promise, cancelled: cancelled.promise };
}

Deno.test("a slow upload is cancelled after a minute", async () => {
  const timers = new FakeTimers();
  const { body, starved, cancelled } = starving("x", "y");
  const arrived = new Arrivals({ timers }).receive(body);
  arrived.catch(() => {});
  await starved;
  assertEquals([...timers.pending.values()].map(({ at }) => at - timers.now()), [ARRIVAL_MS]);
  timers.advance(ARRIVAL_MS);
  assertError(await assertRejects(() => arrived), { name: "ArrivalError", status: 408 });
  await cancelled;
  assertStrictEquals(timers.pending.size, 0);
});

Deno.test("an interrupted file is rejected", async () => {
  const timers = new FakeTimers();
  const { body, starved } = starving("x");
  const arrived = new Arrivals({ timers }).receive(body);
  (await starved).error(new TypeError("connection reset"));
  assertError(await assertRejects(() => arrived), { name: "ArrivalError", status: 400 });
  assertStrictEquals(timers.pending.size, 0);
});

Deno.test("a file up to the limit is kept on disk, and a larger one is rejected", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const arrivals = new Arrivals({ folder, maxBytes: 8 });
    assertError(await assertRejects(() => arrivals.receive(bytesOf("1234", "56789"))), {
      status: 413,
    });
    await using file = await arrivals.receive(bytesOf("1234", "5678"));
    assertStrictEquals(file.bytes, 8);
    // Without a name from the first byte on: a process that is killed leaves nothing.
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
    assertStrictEquals(await new Response(file.body).text(), "12345678");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a file that the disk has no room for is rejected as such", async () => {
  const full = Object.assign(new Error("No space left on device (os error 28)"), {
    code: "ENOSPC",
  });
  using _ = stub(Deno.FsFile.prototype, "write", () => Promise.reject(full));
  const arriving = new Arrivals().receive(bytesOf("1234"));
  assertError(await assertRejects(() => arriving), { name: "ArrivalError", status: 507 });
});

Deno.test("a file is kept in memory if there is no writable disk", async () => {
  const arrivals = new Arrivals({ folder: "/nowhere/at/all" });
  await using file = await arrivals.receive(bytesOf("1234", "5678"));
  assertStrictEquals(await new Response(file.body).text(), "12345678");
});

Deno.test("imports run one at a time, in order, even if some leave the queue", async () => {
  const timers = new FakeTimers();
  const queue = importQueue(timers);
  const [a, b, c] = ["a", "b", "c"].map((address) => queue.enter(address)!) as [
    Place,
    Place,
    Place,
  ];
  const turns: string[] = [];
  const wait = (name: string, place: Place) =>
    place.turn().then((isTurn) => turns.push(`${name} ${isTurn}`));
  await wait("b", b);
  const [second, third] = [wait("a", a), wait("c", c)];
  timers.advance(TURN_MS - 1);
  assertEquals(turns, ["b true"]);
  b[Symbol.dispose]();
  await second;
  timers.advance(1);
  await third;
  assertEquals(turns, ["b true", "a true", "c false"]);
  a[Symbol.dispose]();
  c[Symbol.dispose]();
  assertStrictEquals(await queue.enter("d")!.turn(), true);
});

Deno.test("an address may have two imports waiting besides its running one", async () => {
  const queue = importQueue(new FakeTimers());
  const first = queue.enter("a")!;
  assert(await first.turn());
  const waiting = [queue.enter("a"), queue.enter("a")];
  assert(waiting.every((place) => place !== null));
  assertStrictEquals(queue.enter("a"), null);
  assertNotEquals(queue.enter("b"), null);
  // One that gives up before its file is here, or twice over, gives back what it had and no more.
  waiting[0]?.[Symbol.dispose]();
  waiting[0]?.[Symbol.dispose]();
  assertNotEquals(queue.enter("a"), null);
  assertStrictEquals(queue.enter("a"), null);
});
