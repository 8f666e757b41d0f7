import { assert } from "@std/assert";
import { nextTurn, pauses } from "../../lib/base/paced.ts";

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
