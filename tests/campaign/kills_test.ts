import assert from "node:assert/strict";
import { playKills } from "./kills.ts";

Deno.test("two servers on one database, each killed amid a run, show every viewer the whole trace", async () => {
  const { kills, events } = await playKills(1, 2);
  assert.equal(kills, 2);
  assert.ok(events > 20, `${events} events`);
});
