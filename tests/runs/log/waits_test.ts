/** How long the recorder waited for the upstream's events. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { timed } from "../../../lib/runs/log/listen.ts";

/** Responds with a body whose chunks arrive after so many ms of a clock that only they move. */
function upstream(delays: readonly number[], init?: ResponseInit) {
  let now = 0, isCancelled = false;
  const waits: number[] = [];
  const left = [...delays];
  const original = new Response(
    new ReadableStream<Uint8Array>({
      pull(controller) {
        const delay = left.shift();
        if (delay === undefined) return controller.close();
        now += delay;
        controller.enqueue(new Uint8Array([delay]));
      },
      cancel: () => void (isCancelled = true),
    }, { highWaterMark: 0 }),
    init,
  );
  const ask = timed(() => Promise.resolve(original), (ms) => waits.push(ms), () => now);
  return { ask, original, waits, isCancelled: () => isCancelled };
}

Deno.test("each chunk's wait is measured by the body's own reader, without a stream in between", async () => {
  const { ask, original, waits } = upstream([5, 0, 70]);
  const response = await ask("http://up.invalid");
  assertStrictEquals(response, original);
  const reader = response.body!.getReader();
  const read: number[] = [];
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    read.push(...chunk.value);
  }
  assertEquals(read, [5, 0, 70]);
  assertEquals(waits, [5, 0, 70]);
});

Deno.test("cancelling the reader, or the body before it has one, reaches the upstream", async () => {
  const whole = upstream([1]);
  await (await whole.ask("http://up.invalid")).body!.cancel();
  assertStrictEquals(whole.isCancelled(), true);
  const begun = upstream([1, 2]);
  const reader = (await begun.ask("http://up.invalid")).body!.getReader();
  await reader.read();
  await reader.cancel();
  assertStrictEquals(begun.isCancelled(), true);
});

Deno.test("the body of a refusal is read without being measured", async () => {
  const { ask, waits } = upstream([5, 6], { status: 503 });
  assertEquals(await (await ask("http://up.invalid")).bytes(), new Uint8Array([5, 6]));
  assertEquals(waits, []);
});
