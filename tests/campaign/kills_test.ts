import { assert, assertStrictEquals } from "@std/assert";
import { playKills } from "./kills.ts";

Deno.test("two servers on one database, each killed during a run, show every viewer the whole trace", async () => {
  const { kills, events } = await playKills(1, 2);
  assertStrictEquals(kills, 2);
  assert(events > 20, `${events} events`);
});
