import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { Committer } from "../../lib/store/committer.ts";
import type { Write } from "../../lib/store/sizes.ts";

const set = (key: Deno.KvKey, value: unknown): Write => ({
  mutations: [{ type: "set", key, value }],
});

/** A database whose commits wait until the test releases them, one by one. */
function gated(kv: Deno.Kv) {
  const gates: (() => void)[] = [];
  let arrived: (() => void) | null = null;
  const wrapped = new Proxy(kv, {
    get(target, name) {
      if (name !== "atomic") return Reflect.get(target, name, target);
      return () => {
        const atomic = target.atomic();
        const commit = atomic.commit.bind(atomic);
        atomic.commit = async () => {
          await new Promise<void>((resolve) => {
            gates.push(resolve);
            arrived?.();
          });
          return await commit();
        };
        return atomic;
      };
    },
  });
  /** Lets the next commit go, waiting for it to arrive. */
  const release = async () => {
    if (gates.length === 0) {
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
    gates.shift()?.();
  };
  return { kv: wrapped, release };
}

async function withKv(test: (kv: Deno.Kv) => Promise<void>) {
  const kv = await Deno.openKv(":memory:");
  try {
    await test(kv);
  } finally {
    kv.close();
  }
}

Deno.test("writes that arrive during a commit go together into the next one", () =>
  withKv(async (memory) => {
    const { kv, release } = gated(memory);
    const committer = new Committer(kv);
    const first = committer.commit(set(["a"], 1));
    const rest = ["b", "c", "d"].map((name) => committer.commit(set([name], 1)));
    await release();
    await first;
    await release();
    await Promise.all(rest);
    assertStrictEquals(committer.commits, 2);
  }));

Deno.test("a write whose check fails does not fail the others in its group", () =>
  withKv(async (memory) => {
    const { kv, release } = gated(memory);
    await memory.set(["taken"], "already");
    const committer = new Committer(kv);
    const first = committer.commit(set(["a"], 1));
    const bad = committer.commit({
      checks: [{ key: ["taken"], versionstamp: null }],
      ...set(["taken"], "again"),
    });
    const good = committer.commit(set(["good"], 1));
    // The first, the group that fails as a whole, then each of its two alone.
    for (let step = 0; step < 4; step++) await release();
    await first;
    assertEquals(await bad, { ok: false });
    assertStrictEquals((await good).ok, true);
    assertStrictEquals((await memory.get(["taken"])).value, "already");
    assertStrictEquals((await memory.get(["good"])).value, 1);
  }));

Deno.test("one bad write among many is found with few commits", () =>
  withKv(async (memory) => {
    const { kv, release } = gated(memory);
    await memory.set(["taken"], "already");
    const committer = new Committer(kv);
    const first = committer.commit(set(["first"], 1));
    const rest = Array.from({ length: 32 }, (_, n) =>
      committer.commit({
        checks: [{ key: n === 13 ? ["taken"] : ["n", n], versionstamp: null }],
        ...set(["n", n], n),
      }));
    let isOver = false;
    const results = Promise.all(rest).finally(() => isOver = true);
    while (!isOver) await Promise.race([release(), results]);
    await first;
    assertEquals((await results).flatMap(({ ok }, n) => ok ? [] : [n]), [13]);
    // The first, all 32, then two halves at each of five levels.
    assertStrictEquals(committer.commits, 1 + 1 + 2 * 5);
  }));

Deno.test("two writes that check the same key never share a commit: the second one fails", () =>
  withKv(async (memory) => {
    const committer = new Committer(memory);
    const claim = (value: number): Write => ({
      checks: [{ key: ["k"], versionstamp: null }],
      ...set(["k"], value),
    });
    const results = await Promise.all([
      committer.commit(set(["x"], 0)),
      committer.commit(claim(1)),
      committer.commit(claim(2)),
    ]);
    assertEquals(results.map((result) => result.ok), [true, true, false]);
    assertStrictEquals((await memory.get(["k"])).value, 1);
  }));

Deno.test("writes that only add to the same key share a commit, and none is lost", () =>
  withKv(async (memory) => {
    const { kv, release } = gated(memory);
    const committer = new Committer(kv);
    const add = (name: string): Write => ({
      mutations: [
        { type: "set", key: [name], value: 1 },
        { type: "sum", key: ["count"], value: new Deno.KvU64(1n) },
      ],
    });
    const first = committer.commit(set(["x"], 0));
    const rest = ["a", "b", "c"].map((name) => committer.commit(add(name)));
    await release();
    await first;
    await release();
    await Promise.all(rest);
    assertStrictEquals(committer.commits, 2);
    assertEquals((await memory.get(["count"])).value, new Deno.KvU64(3n));
  }));

Deno.test("sums of one key in one commit are one mutation, even below zero", () =>
  withKv(async (memory) => {
    const { kv, release } = gated(memory);
    await memory.set(["count"], new Deno.KvU64(5n));
    const committer = new Committer(kv);
    const add = (amount: bigint): Write => {
      const value = new Deno.KvU64(BigInt.asUintN(64, amount));
      return { mutations: [{ type: "sum", key: ["count"], value }] };
    };
    const first = committer.commit(set(["x"], 0));
    const rest = [-7n, 3n, -1n, 2n].map((amount) => committer.commit(add(amount)));
    await release();
    await release();
    await Promise.all([first, ...rest]);
    assertStrictEquals(committer.commits, 2);
    assertEquals((await memory.get(["count"])).value, new Deno.KvU64(2n));
  }));

Deno.test("a write that sets a key and one that adds to it use separate commits", () =>
  withKv(async (memory) => {
    const { kv, release } = gated(memory);
    const committer = new Committer(kv);
    const one = new Deno.KvU64(1n);
    const add: Write = { mutations: [{ type: "sum", key: ["count"], value: one }] };
    const first = committer.commit(set(["x"], 0));
    const rest = [add, set(["count"], one), add].map((write) => committer.commit(write));
    for (let step = 0; step < 4; step++) await release();
    await Promise.all([first, ...rest]);
    assertStrictEquals(committer.commits, 4);
    assertEquals((await memory.get(["count"])).value, new Deno.KvU64(2n));
  }));

Deno.test("a locked database is retried, and other failures are thrown", async () => {
  let failures = 2;
  const stub = (message: string) => {
    const atomic = {
      check: () => atomic,
      mutate: () => atomic,
      commit: () =>
        failures-- > 0
          ? Promise.reject(new TypeError(message))
          : Promise.resolve({ ok: true, versionstamp: "1" }),
    };
    return { atomic: () => atomic } as unknown as Deno.Kv;
  };
  const wait = () => Promise.resolve();
  assertStrictEquals(
    (await new Committer(stub("database is locked"), { wait }).commit(set(["a"], 1))).ok,
    true,
  );
  failures = 1;
  assertMatch(
    String(
      await assertRejects(() => new Committer(stub("disk full"), { wait }).commit(set(["a"], 1))),
    ),
    /disk full/,
  );
});

Deno.test("a thousand concurrent writes all arrive, in far fewer commits", () =>
  withKv(async (kv) => {
    const committer = new Committer(kv);
    const writes = Array.from(
      { length: 1000 },
      (_, index) => committer.commit(set(["n", index], index)),
    );
    assert((await Promise.all(writes)).every((result) => result.ok));
    assertStrictEquals((await Array.fromAsync(kv.list({ prefix: ["n"] }))).length, 1000);
    assert(committer.commits <= 5, `${committer.commits} commits`);
  }));

const CROWDS: readonly (readonly [what: string, count: number, write: (n: number) => Write])[] = [
  ["mutations", 3000, (n) => set(["n", n], n)],
  ["checks", 500, (n) => ({
    ...set(["n", n], n),
    checks: [{ key: ["n", n], versionstamp: null }],
  })],
  ["bytes", 60, (n) => ({
    mutations: [{ type: "set", key: ["n", n], value: new Uint8Array(60_000) }],
  })],
];

for (const [what, count, write] of CROWDS) {
  Deno.test(`many writes are grouped within KV's ${what} limit`, () =>
    withKv(async (kv) => {
      const committer = new Committer(kv);
      const writes = Array.from({ length: count }, (_, n) => committer.commit(write(n)));
      assert((await Promise.all(writes)).every(({ ok }) => ok));
      assertStrictEquals((await Array.fromAsync(kv.list({ prefix: ["n"] }))).length, count);
      // A group that KV refuses is committed write by write.
      assert(committer.commits <= 10, `${committer.commits} commits`);
    }));
}

Deno.test("a commit to a local file touches no timer: the first use of one takes as long as a page", () =>
  withKv(async (kv) => {
    const touched: string[] = [];
    const committer = new Committer(kv, {
      timers: {
        setTimeout: () => touched.push("setTimeout"),
        clearTimeout: () => touched.push("clearTimeout"),
      },
    });
    await committer.commit(set(["a"], 1));
    assertEquals((await kv.get(["a"])).value, 1);
    assertEquals(touched, []);
  }));
