/** A file of an import on its way in: its lines, its form, its pace. */
import assert from "node:assert/strict";
import { BODY_MS } from "../../lib/base/body.ts";
import { ArrivalError, arriving, SLOWEST } from "../../lib/transfer/arrival.ts";
import { importHistory } from "../../lib/transfer/import.ts";
import { LongLineError, textLines } from "../../lib/transfer/lines.ts";
import { uploadedBytes, UploadError } from "../../lib/transfer/upload.ts";
import { FakeTimers } from "../sse/support/timers.ts";
import { SOUND } from "./sound_run.ts";

const bytesOf = (...chunks: string[]) =>
  ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));

Deno.test("lines are the same wherever the stream is cut, and a line without an end is refused", async () => {
  const text = "erste\nzweite ü\n\nletzte";
  const bytes = new TextEncoder().encode(text);
  for (let size = 1; size < bytes.length; size++) {
    const chunks = Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, index) => bytes.slice(index * size, (index + 1) * size),
    );
    const lines = await Array.fromAsync(textLines(ReadableStream.from(chunks), 100));
    assert.deepEqual(lines, text.split("\n"));
  }
});

Deno.test("a line may have as many bytes as are allowed, wherever it ends, and not one more", async () => {
  const read = (...chunks: string[]) => Array.fromAsync(textLines(bytesOf(...chunks), 100));
  const full = "ü".repeat(50);
  assert.deepEqual(await read(full, `\n${full}`), [full, full]);
  for (
    const chunks of [
      ["x".repeat(50), "y".repeat(51)],
      [`${full}x`],
      [`${full}x\n`],
      [
        "x".repeat(99),
        "ü\nshort",
      ],
      [`short\n${full}`, "x\nshort"],
      [`[${full}`],
    ]
  ) {
    await assert.rejects(read(...chunks), LongLineError, chunks.join("|"));
  }
});

Deno.test("a file in a form is found wherever the stream is cut, and a damaged form is refused", async () => {
  const content = "line one\r\n--not the boundary\r\nline two";
  const body = [
    '--b\r\ncontent-disposition: form-data; name="empty"\r\n\r\n\r\n',
    '--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\n',
    `${content}\r\n--b--\r\n`,
  ].join("");
  const read = async (chunks: readonly string[]) => {
    const body = arriving(bytesOf(...chunks));
    const parts = await Array.fromAsync(uploadedBytes(body, "multipart/form-data; boundary=b"));
    return parts.map((part) => new TextDecoder().decode(part)).join("");
  };
  for (let size = 1; size < body.length; size += 3) {
    const chunks = body.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
    assert.equal(await read(chunks), content, `chunks of ${size}`);
  }
  for (const damaged of ["", "--c\r\n"]) await assert.rejects(read([damaged]), UploadError);
  await assert.rejects(read([body.slice(0, -12)]), ArrivalError);
});

Deno.test("a line longer than may be is said, and what came before it is kept", async () => {
  const tools = {
    account: "a",
    maxBytes: 100,
    holder: null!,
    runs: {
      adopt: () => Promise.reject(),
      has: () => Promise.reject(),
      import: () => Promise.reject(),
    },
  };
  const head = '{"taskstream":"history","version":1}\n';
  const report = await importHistory(bytesOf(head, "x".repeat(200)), tools);
  assert.match(report.problem ?? "", /Line 2 is longer than 100 bytes/);
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

Deno.test("a file that comes slowly is waited for as long as its size explains, and let go after that", async () => {
  const timers = new FakeTimers();
  const { now } = timers;
  const { body, starved, cancelled } = starving("x", "x".repeat(10 * SLOWEST - 1));
  const bytes = arriving(body, { timers, now });
  for (const size of [1, 10 * SLOWEST - 1]) {
    assert.equal((await bytes.next()).value?.length, size);
    // What is done with the bytes takes its own time.
    assert.equal(timers.pending.size, 0);
    timers.advance(60_000);
  }
  const next = bytes.next();
  await starved;
  assert.deepEqual([...timers.pending.values()].map(({ at }) => at - now()), [BODY_MS + 10_000]);
  timers.advance(BODY_MS + 10_000);
  await assert.rejects(next, /took too long to arrive/);
  await cancelled;
  assert.equal(timers.pending.size, 0);
});

Deno.test("a file that trickles is let go, however often it says something", async () => {
  const timers = new FakeTimers();
  let drops = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      timers.advance(1000);
      drops++;
      controller.enqueue(new Uint8Array(1));
    },
  }, { highWaterMark: 0 });
  await assert.rejects(
    Array.fromAsync(arriving(body, { timers, now: timers.now })),
    /took too long to arrive/,
  );
  assert.ok(drops <= 1 + BODY_MS / 1000, String(drops));
});

for (const how of ["late", "broken"] as const) {
  Deno.test(`of a file that is ${how}, what came is kept, and the report says so`, async () => {
    const timers = new FakeTimers();
    const head = '{"taskstream":"history","version":1}\n';
    const { body, starved } = starving(`${head}${JSON.stringify({ run: SOUND })}\n{"run":`);
    const file = arriving(body, { timers, now: timers.now });
    const report = importHistory(ReadableStream.from(file), {
      account: "a",
      holder: null!,
      runs: {
        adopt: () => Promise.reject(),
        has: () => Promise.reject(),
        import: () => Promise.resolve("imported"),
      },
    });
    const controller = await starved;
    if (how === "late") timers.advance(2 * BODY_MS);
    else controller.error(new TypeError("connection reset"));
    const { imported, problem } = await report;
    assert.equal(imported, 1);
    assert.match(
      problem ?? "",
      how === "late" ? /took too long to arrive\. What came/ : /broke off on its way\. What came/,
    );
  });
}
