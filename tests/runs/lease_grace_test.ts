import { assertEquals, assertStrictEquals } from "@std/assert";
import { Committer } from "../../lib/store/committer.ts";
import { headKey, readHead } from "../../lib/runs/log/head.ts";
import { heldForMs, LeaseGrace, takeLease } from "../../lib/runs/log/lease.ts";
import { instantKv } from "../campaign/memory_kv.ts";
import { ACCOUNT, newHead, RUN } from "./log_tools.ts";

const LEASE_MS = 10_000, GRACE_MS = 5_000;

/** A store with a run whose lease belongs to another process, and a process that watches it. */
async function world() {
  const kv = instantKv();
  const clock = { now: 1_000_000 };
  const lease = async (untilMs: number, fence: number) => {
    const value = {
      ...newHead([ACCOUNT]),
      lease_owner: "other",
      lease_until: untilMs,
      fence,
    };
    await new Committer(kv).commit({ mutations: [{ type: "set", key: headKey(RUN), value }] });
  };
  await lease(clock.now + LEASE_MS, 1);
  const context = {
    kv,
    committer: new Committer(kv),
    now: () => clock.now,
    owner: "own",
    leaseMs: LEASE_MS,
    grace: new LeaseGrace(GRACE_MS),
  };
  const heldMs = async () => heldForMs(context, RUN, (await readHead(kv, RUN))!.head);
  return { clock, context, heldMs, lease };
}

Deno.test("an expired lease is taken over if its owner does not renew it in time", async () => {
  const { clock, context, heldMs } = await world();
  assertStrictEquals(await heldMs(), LEASE_MS);
  clock.now += LEASE_MS + 1;
  assertStrictEquals(await heldMs(), GRACE_MS);
  assertStrictEquals(await takeLease(context, RUN), null);
  clock.now += GRACE_MS;
  // One look finds it free, the next one takes it: however many there are, they hear the same.
  assertEquals([await heldMs(), await heldMs()], [0, 0]);
  assertStrictEquals((await takeLease(context, RUN))?.head.lease_owner, "own");
});

Deno.test("an owner that returns gets its grace period again", async () => {
  const { clock, heldMs, lease } = await world();
  clock.now += LEASE_MS + 1;
  assertStrictEquals(await heldMs(), GRACE_MS);
  clock.now += GRACE_MS - 1;
  assertStrictEquals(await heldMs(), 1);
  await lease(clock.now + LEASE_MS, 1);
  clock.now += LEASE_MS + 1;
  assertStrictEquals(await heldMs(), GRACE_MS);
});
