/** One submit is one task, whatever becomes of the process that sends it. */
import assert from "node:assert/strict";
import { Committer } from "../../lib/kv/committer.ts";
import { Idempotency } from "../../lib/runs/idempotency.ts";

async function withIdempotency(
  test: (idempotency: Idempotency, clock: { now: number }) => Promise<void>,
): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  const clock = { now: 1_000_000 };
  try {
    await test(new Idempotency(kv, new Committer(kv), () => clock.now), clock);
  } finally {
    kv.close();
  }
}

Deno.test("a submit whose process died is pending for two minutes and lost from then on", () =>
  withIdempotency(async (idempotency, clock) => {
    const claim = () => idempotency.claim("a", "key-12345", "{}");
    assert.equal((await claim()).state, "first");
    clock.now += 120_000;
    assert.equal((await claim()).state, "pending");
    clock.now += 1;
    assert.equal((await claim()).state, "lost", "never sent a second time by itself");
    assert.equal((await idempotency.claim("a", "key-12345", "{1}")).state, "first", "edited");
    assert.equal((await idempotency.claim("b", "key-12345", "{}")).state, "first", "another's");
  }));

Deno.test("a submit that was given up goes ahead, one that is settled finds its run", () =>
  withIdempotency(async (idempotency) => {
    const claim = () => idempotency.claim("a", "key-12345", "{}");
    const first = await claim();
    assert.ok(first.state === "first");
    await idempotency.giveUp(first.key);
    const second = await claim();
    assert.ok(second.state === "first");
    await idempotency.settle(second.key, "trun_1");
    assert.deepEqual(await claim(), { state: "created", runId: "trun_1" });
    await idempotency.lose(second.key);
    assert.equal((await claim()).state, "lost");
  }));
