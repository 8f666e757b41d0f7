import { assert, assertStrictEquals } from "@std/assert";
import { atOnce, decoding, nextTurn, pauses } from "../../lib/base/paced.ts";

Deno.test("a request that arrives during long work is answered within a few turns", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response("ok"),
  );
  const ask = async () => await (await fetch(`http://127.0.0.1:${server.addr.port}/`)).text();
  // Opens the connection.
  await ask();
  let turns = 0, isOver = false;
  const answered = ask().finally(() => isOver = true);
  for (; !isOver; turns++) await nextTurn();
  await answered;
  assert(turns < 40, `${turns} turns`);
});

Deno.test("other work gets several turns after a long stretch", async () => {
  let now = 0, turns = 0, isOver = false;
  const pause = pauses(() => now);
  now = 100;
  const paused = pause()?.finally(() => isOver = true);
  for (; !isOver; turns++) await nextTurn();
  await paused;
  assert(turns >= 3 && turns < 10, `${turns} turns`);
});

Deno.test("a long text is decoded in steps, and like at once", () => {
  const text = "\ufeffa字é😀".repeat(46_000);
  for (const bytes of [new TextEncoder().encode(text), new Uint8Array(600_000).fill(0xff)]) {
    for (const ignoreBOM of [false, true]) {
      // Every cut is within some character.
      for (const from of [0, 1, 2, 3, 4, 5]) {
        const part = bytes.subarray(from);
        const whole = new TextDecoder("utf-8", { ignoreBOM }).decode(part);
        assert(atOnce(decoding(part, { ignoreBOM })) === whole, `from ${from}`);
      }
    }
    assert([...decoding(bytes)].length >= 9);
  }
  assertStrictEquals(atOnce(decoding(new Uint8Array())), "");
});
