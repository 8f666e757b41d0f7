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

/** Responds with a body of bytes, as Deno's `fetch` does: it fills the buffers of its reader. */
function bytesUpstream(sizes: readonly number[]) {
  const buffers: number[] = [];
  const left = [...sizes];
  const body = new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: 64 * 1024,
    pull(controller) {
      const request = controller.byobRequest!;
      const room = request.view!.byteLength;
      buffers.push(room);
      const size = left.shift();
      if (size === undefined) controller.close();
      else if (size > room) left.unshift(size - room);
      request.respond(Math.min(size ?? 0, room));
    },
  });
  const ask = timed(() => Promise.resolve(new Response(body)), () => {}, () => 0);
  return { ask, buffers };
}

Deno.test("a read that waits holds 4 KiB, and 64 KiB only after a chunk of 4 KiB or more", async () => {
  const { ask, buffers } = bytesUpstream([10, 4096, 70_000, 10]);
  const reader = (await ask("http://up.invalid")).body!.getReader();
  const read: number[] = [];
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    read.push(chunk.value.byteLength);
  }
  assertEquals(read, [10, 4096, 65_536, 4464, 10]);
  assertEquals(buffers, [4096, 4096, 65_536, 65_536, 65_536, 4096]);
});

Deno.test("a body of bytes ends without a last chunk", async () => {
  const { ask } = bytesUpstream([3]);
  const reader = (await ask("http://up.invalid")).body!.getReader();
  assertStrictEquals((await reader.read()).value?.byteLength, 3);
  const { done, value } = await reader.read();
  assertEquals({ done, value }, { done: true, value: undefined });
});
