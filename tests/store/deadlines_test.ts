/**
 * Deadlines with a clock that the test moves: requests to a silent store fail within 2 s, and everything
 * recovers by itself when the store is back.
 */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Committer } from "../../lib/store/committer.ts";
import { Connection } from "../../lib/store/connection.ts";
import { GuardedKv } from "../../lib/store/guarded_kv.ts";
import { StoreAwayError } from "../../lib/store/store_errors.ts";
import { instantKv } from "../campaign/memory_kv.ts";
import { VirtualTime } from "../campaign/virtual_time.ts";

const LONGEST_MS = 2_000;

/** A store that can fall silent: requests are then never answered, and nor is a new connection. */
async function withStore(
  test: (store: {
    readonly time: VirtualTime;
    readonly kv: GuardedKv;
    readonly committer: Committer;
    silent(isSilent: boolean): void;
  }) => Promise<void>,
) {
  // Answers within a turn, so that time does not move on meanwhile.
  const memory = instantKv();
  const time = new VirtualTime();
  let isSilent = false;
  const answered = <T>(answer: () => Promise<T>) => isSilent ? new Promise<T>(() => {}) : answer();
  const open = (): Deno.Kv =>
    Object.assign(Object.create(null), {
      get: (key: Deno.KvKey) => answered(() => memory.get(key)),
      set: (key: Deno.KvKey, value: unknown) =>
        answered(() => memory.atomic().mutate({ type: "set", key, value }).commit()),
      atomic: () => {
        const operation = memory.atomic();
        const commit = operation.commit.bind(operation);
        return Object.assign(operation, {
          set: (key: Deno.KvKey, value: unknown) => operation.mutate({ type: "set", key, value }),
          commit: () => answered(commit),
        });
      },
      close: () => {},
    });
  const connection = new Connection(open(), {
    open: () => answered(() => Promise.resolve(open())),
    now: time.now,
    timers: time,
  });
  const kv = new GuardedKv(connection);
  try {
    await test({
      time,
      kv,
      committer: new Committer(kv, { timers: time }),
      silent: (now) => void (isSilent = now),
    });
  } finally {
    connection.close();
  }
}

const SET = { mutations: [{ type: "set", key: ["a"], value: 1 }] } as const;

/** The operations of a request on the store, in order. */
const REQUESTS: readonly (readonly [
  what: string,
  ask: (kv: Deno.Kv, committer: Committer) => Promise<unknown>,
])[] = [
  ["a read", (kv) => kv.get(["a"])],
  ["a write", (kv) => kv.set(["a"], 1)],
  ["a commit", (_, committer) => committer.commit(SET)],
  ["a commit and then a read", async (kv, committer) => {
    await committer.commit(SET).catch(() => {});
    await kv.get(["a"]);
  }],
  ["reads one after the other, each of which would go on without the one before", async (kv) => {
    for (let n = 0; n < 5; n++) await kv.get(["a"]).catch(() => {});
    await kv.get(["a"]);
  }],
];

for (const [what, ask] of REQUESTS) {
  Deno.test(`${what} fails within 2 s while the store is silent`, () =>
    withStore(async ({ time, kv, committer, silent }) => {
      silent(true);
      const began = time.now();
      let tookMs = Infinity;
      const asked = ask(kv, committer).finally(() => tookMs = time.now() - began);
      asked.catch(() => {});
      await time.pass(10_000);
      await assertRejects(() => asked, StoreAwayError);
      assert(tookMs <= LONGEST_MS, `${tookMs} ms`);
    }));
}

Deno.test("after 30 s of silence, requests fail at once, and everything recovers", () =>
  withStore(async ({ time, kv, committer, silent }) => {
    const patient = committer.patient;
    silent(true);
    await Promise.all([assertRejects(() => kv.get(["a"]), StoreAwayError), time.pass(5_000)]);
    const held = patient.commit(SET);
    for (let second = 5; second < 30; second++) {
      const now = time.now();
      await assertRejects(() => kv.get(["a"]), StoreAwayError);
      await assertRejects(() => kv.set(["a"], 2), StoreAwayError);
      assertStrictEquals(time.now(), now, "nothing waits for a store that is known to be away");
      await time.pass(1_000);
    }
    assertStrictEquals(kv.connection.state.is, "away");
    silent(false);
    await time.pass(LONGEST_MS + 500);
    assertEquals(kv.connection.state.is, "ok");
    assertStrictEquals((await held).ok, true);
    assertStrictEquals((await kv.get(["a"])).value, 1);
  }));

Deno.test("a list with a late response after a timeout omits nothing", async () => {
  const time = new VirtualTime();
  const late = Promise.withResolvers<void>();
  let opened = 0;
  /** Entries 1 to 4. The first client answers the second step when the test says so. */
  const client = (): Deno.Kv => {
    const isFirst = opened++ === 0;
    const list = (_: unknown, { cursor = "0" }: Deno.KvListOptions) => {
      let at = Number(cursor);
      return {
        get cursor() {
          return String(at);
        },
        async next() {
          if (isFirst && at === 1) await late.promise;
          return ++at > 4 ? { done: true } : { done: false, value: { key: ["n", at] } };
        },
      };
    };
    const set = () => {
      // Earlier requests are answered first.
      late.resolve();
      return Promise.resolve();
    };
    return Object.assign(Object.create(null), { list, set, close: () => {} });
  };
  const connection = new Connection(client(), {
    open: () => Promise.resolve(client()),
    now: time.now,
    timers: time,
  });
  const kv = new GuardedKv(connection, { patient: true });
  const listed = Array.fromAsync(kv.list({ prefix: ["n"] }), ({ key }) => key[1]);
  await time.pass(10_000);
  assertEquals(await listed, [1, 2, 3, 4]);
  connection.close();
});
