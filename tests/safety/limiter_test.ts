import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import fc from "fast-check";
import { Committer } from "../../lib/store/committer.ts";
import { consume, fullInMs } from "../../lib/limits/bucket.ts";
import { Limiter, type LimiterContext } from "../../lib/limits/mod.ts";

/** A database in memory and a clock that only the test moves. */
async function withKv(
  test: (context: LimiterContext & { committer: Committer }, clock: { now: number }) => Promise<
    void
  >,
): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  const clock = { now: 1_800_000_000_000 };
  try {
    await test({ kv, committer: new Committer(kv), now: () => clock.now }, clock);
  } finally {
    kv.close();
  }
}

/** How many of `asked` requests are admitted. */
async function admitted(limiter: Limiter, asked: number, subject = "a"): Promise<number> {
  let count = 0;
  for (let n = 0; n < asked; n++) if ((await limiter.consume(subject)).ok) count++;
  return count;
}

Deno.test("a bucket gives a minute's worth at once, then refills evenly", () => {
  const rule = { perMinute: 60 };
  const full = consume(null, rule, { needed: 60, wanted: 60, now: 0 });
  assertEquals(full, { given: 60, bucket: { tokens: 0, at_ms: 0 }, waitMs: 0 });
  const none = consume(full.bucket, rule, { needed: 1, wanted: 1, now: 400 });
  assertEquals([none.given, none.waitMs], [0, 600]);
  assertStrictEquals(consume(none.bucket, rule, { needed: 1, wanted: 9, now: 5_000 }).given, 5);
  assertStrictEquals(consume(full.bucket, rule, { needed: 1, wanted: 99, now: 600_000 }).given, 60);
  assertStrictEquals(fullInMs(full.bucket, rule), 60_000);
});

Deno.test("a bucket never gives more than its rate plus one fill", () => {
  const step = fc.record({
    ms: fc.integer({ min: -500, max: 5_000 }),
    wanted: fc.integer({ min: 1, max: 30 }),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 }), fc.array(step), (perMinute, steps) => {
      let bucket = null, now = 0, latest = 0, given = 0;
      for (const { ms, wanted } of steps) {
        // Clocks of several processes do not agree. None is before the first call, which fills the bucket.
        now = Math.max(0, now + ms);
        latest = Math.max(latest, now);
        const taken = consume(bucket, { perMinute }, { needed: 1, wanted, now });
        bucket = taken.bucket;
        given += taken.given;
        assert(taken.bucket.tokens >= 0);
        assert(given <= perMinute + latest * perMinute / 60_000 + 1e-6);
      }
    }),
  );
});

Deno.test("the limit is exact, and Retry-After is accurate", () =>
  withKv(async (context, clock) => {
    const limiter = new Limiter(context, "test", { perMinute: 60 });
    assertStrictEquals(await admitted(limiter, 70), 60);
    assertEquals(await limiter.consume("a"), { ok: false, retryAfterSeconds: 1, tooMany: false });
    assertEquals(await limiter.consume("b"), { ok: true }, "others are not touched");
    clock.now += 1_000;
    assertStrictEquals(await admitted(limiter, 3), 1);
  }));

Deno.test("processes share one limit and together never give more", () =>
  withKv(async (context) => {
    const processes = Array.from({ length: 4 }, () =>
      new Limiter(
        { ...context, committer: new Committer(context.kv) },
        "test",
        { perMinute: 600 },
      ));
    const counts = await Promise.all(processes.map((limiter) => admitted(limiter, 400)));
    const total = counts.reduce((sum, count) => sum + count);
    assertStrictEquals(total, 600, counts.join(" + "));
  }));

Deno.test("a burst gets exactly what is left", () =>
  withKv(async (context) => {
    const limiter = new Limiter(context, "test", { perMinute: 120 });
    const answers = await Promise.all(Array.from({ length: 500 }, () => limiter.consume("a")));
    assertStrictEquals(answers.filter(({ ok }) => ok).length, 120);
  }));

Deno.test("6,000 requests cost 60 commits, and rejections none", () =>
  withKv(async (context, clock) => {
    const limiter = new Limiter(context, "test", { perMinute: 6_000 });
    assertStrictEquals(await admitted(limiter, 6_000), 6_000);
    assertStrictEquals(context.committer.commits, 60);
    assertStrictEquals(await admitted(limiter, 6_000), 0);
    assertStrictEquals(context.committer.commits, 60);
    clock.now += 1_000;
    assertStrictEquals(await admitted(limiter, 200), 100);
    assertStrictEquals(context.committer.commits, 61);
  }));

Deno.test("several tokens are given all or none, and never more than the limit", () =>
  withKv(async (context, clock) => {
    const limiter = new Limiter(context, "test", { perMinute: 60 });
    assertEquals(await limiter.consume("a", 61), {
      ok: false,
      retryAfterSeconds: 60,
      tooMany: true,
    });
    assertEquals(await limiter.consume("a", 50), { ok: true });
    assertEquals(await limiter.consume("a", 20), {
      ok: false,
      retryAfterSeconds: 10,
      tooMany: false,
    });
    assertStrictEquals(await admitted(limiter, 20), 10, "what was refused was not taken");
    clock.now += 60_000;
    assertEquals(await limiter.consume("a", 60), { ok: true });
  }));

Deno.test("a bucket is forgotten once it is full", () =>
  withKv(async ({ kv, committer, now }) => {
    const written: Deno.KvMutation[] = [];
    const spy = {
      commit: (write: Parameters<Committer["commit"]>[0]) => {
        written.push(...write.mutations);
        return committer.commit(write);
      },
    };
    const limiter = new Limiter({ kv, now, committer: spy }, "test", { perMinute: 60 });
    await limiter.consume("a", 30);
    const [mutation] = written;
    assert(mutation?.type === "set");
    assertEquals(mutation.key, ["limit", "test", "a"]);
    assertStrictEquals(mutation.expireIn, 30_000);
  }));

Deno.test("memory holds a bounded number of subjects", () =>
  withKv(async (context) => {
    const limiter = new Limiter({ ...context, maxSubjects: 10 }, "test", { perMinute: 600 });
    for (let n = 0; n < 100; n++) await limiter.consume(`s${n}`);
    const before = context.committer.commits;
    await limiter.consume("s99");
    assertStrictEquals(context.committer.commits, before, "the latest is remembered");
    await limiter.consume("s0");
    assertStrictEquals(context.committer.commits, before + 1, "the oldest is not");
  }));

Deno.test("during a store outage a process counts alone, then continues with the store's count", () =>
  withKv(async (context) => {
    const failures: unknown[] = [];
    let isAway = true;
    const commit: Committer["commit"] = (write) =>
      isAway ? Promise.reject(new Error("disk full")) : context.committer.commit(write);
    const limiter = new Limiter(
      { ...context, committer: { commit }, onFailure: (error) => failures.push(error) },
      "test",
      { perMinute: 2 },
    );
    assertStrictEquals(await admitted(limiter, 5), 2);
    assert(failures.length > 0);
    isAway = false;
    assertStrictEquals(await admitted(limiter, 5), 2);
  }));

Deno.test("handles of two databases on one file share the limit like processes", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "kv.db");
  const kvs = [await Deno.openKv(path), await Deno.openKv(path)];
  try {
    const limiters = kvs.map((kv) =>
      new Limiter({ kv, committer: new Committer(kv), now: () => 0 }, "test", { perMinute: 50 })
    );
    const counts = await Promise.all(limiters.map((limiter) => admitted(limiter, 40)));
    assertStrictEquals(counts.reduce((sum, count) => sum + count), 50, counts.join(" + "));
  } finally {
    for (const kv of kvs) kv.close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("counting a request costs a fraction of signing a cookie", async (t) => {
  await withKv(async (context) => {
    const limiter = new Limiter(context, "test", { perMinute: 1_000_000 });
    const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const data = new Uint8Array(32);
    const rounds = 3_000;
    const timed = async (run: () => Promise<unknown>) => {
      const start = performance.now();
      for (let n = 0; n < rounds; n++) await run();
      return performance.now() - start;
    };
    await timed(() => limiter.consume("warm"));
    const ours: number[] = [], peer: number[] = [];
    for (let round = 0; round < 3; round++) {
      ours.push(await timed(() => limiter.consume("a")));
      peer.push(await timed(() => crypto.subtle.sign("HMAC", key, data)));
    }
    const ratio = Math.min(...ours) / Math.min(...peer);
    await t.step(`${ratio.toFixed(2)} of one HMAC-SHA-256 by WebCrypto`, () => {
      assert(ratio < 1, `${ratio}`);
    });
  });
});
