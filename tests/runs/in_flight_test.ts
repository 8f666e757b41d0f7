import assert from "node:assert/strict";
import { InFlight } from "../../lib/runs/in_flight.ts";

Deno.test("work under way is waited for, also what began meanwhile and what fails", async () => {
  const inFlight = new InFlight();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const steps: string[] = [];
  const tracked = inFlight.track(first.promise);
  const idle = inFlight.idle().then(() => steps.push("idle"));
  const failing = inFlight.track(second.promise);
  first.resolve();
  await tracked;
  steps.push("first");
  second.reject(new Error("no"));
  await assert.rejects(failing, /no/);
  steps.push("second");
  await idle;
  assert.deepEqual(steps, ["first", "second", "idle"]);
  await inFlight.idle();
});
