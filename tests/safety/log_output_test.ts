/** Logging when the log is not read. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { createLog } from "../../lib/base/log.ts";
import { LogOutput } from "../../lib/log_output.ts";
import { surviveUncaught } from "../../lib/serve.ts";

const decoder = new TextDecoder();

Deno.test("lines are written whole and in order, even to a slow output", async () => {
  let written = "";
  const output = new LogOutput({
    write: (bytes) => {
      written += decoder.decode(bytes.subarray(0, 3));
      return Promise.resolve(Math.min(3, bytes.byteLength));
    },
  });
  for (const line of ["first", "second", "third"]) output.write(line);
  await output.flushed();
  assertStrictEquals(written, "first\nsecond\nthird\n");
});

for (const error of [new Deno.errors.BrokenPipe("EPIPE"), new Deno.errors.WouldBlock("EAGAIN")]) {
  Deno.test(`an output that fails with ${error.message} loses lines, and reports the loss once it recovers`, async () => {
    let fails = true, written = "";
    const output = new LogOutput({
      write: (bytes) => {
        if (fails) return Promise.reject(error);
        written += decoder.decode(bytes);
        return Promise.resolve(bytes.byteLength);
      },
    });
    output.write("lost");
    await output.flushed();
    fails = false;
    output.write("read");
    await output.flushed();
    assertStrictEquals(written, "1 log lines were dropped\nread\n");
  });
}

Deno.test("a blocked output delays no request and buffers a bounded number of lines", async () => {
  const stuck = Promise.withResolvers<number>();
  let held = 0;
  const output = new LogOutput({
    write: (bytes) => {
      held += bytes.byteLength;
      return stuck.promise.then(() => bytes.byteLength);
    },
  });
  const line = "x".repeat(1000);
  for (let n = 0; n < 10_000; n++) output.write(line);
  stuck.resolve(0);
  await output.flushed();
  assert(held > 1000 && held < 2_000_000, `${held} bytes`);
});

Deno.test("a log whose output throws does not fail what is logged", () => {
  const log = createLog({
    level: "info",
    format: "json",
    write: () => {
      throw new Deno.errors.BrokenPipe("EPIPE");
    },
  });
  log("error", "request");
});

Deno.test("an uncaught error is logged without ending the process", () => {
  const lines: string[] = [];
  const target = new EventTarget();
  surviveUncaught(
    (level, message, fields) => lines.push(`${level} ${message} ${fields?.reason}`),
    target,
  );
  const error = new ErrorEvent("error", { error: new TypeError("a"), cancelable: true });
  const promise = Promise.reject(new RangeError("b"));
  promise.catch(() => {});
  const rejection = new PromiseRejectionEvent("unhandledrejection", {
    promise,
    reason: new RangeError("b"),
    cancelable: true,
  });
  assertEquals([target.dispatchEvent(error), target.dispatchEvent(rejection)], [false, false]);
  assertEquals(lines, [
    "error uncaught error TypeError: a",
    "error unhandled rejection RangeError: b",
  ]);
});
