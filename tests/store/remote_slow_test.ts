import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Committer } from "../../lib/store/committer.ts";
import { Connection } from "../../lib/store/connection.ts";
import { GuardedKv } from "../../lib/store/guarded_kv.ts";
import { reachOf } from "../../lib/store/open.ts";
import { StoreAwayError } from "../../lib/store/store_errors.ts";
import { type Faults, KvConnectServer } from "./connect/server.ts";
import { leaky, until } from "./far_apps.ts";

/** Short, so that tests of silence do not take long; none of them asserts how long anything takes. */
const TIMES = { readMs: 500, writeMs: 700, graceMs: 200, probeMs: 50 };

async function withStore(
  test: (store: {
    readonly server: KvConnectServer;
    readonly kv: GuardedKv;
    readonly patientKv: GuardedKv;
    readonly committer: Committer;
    /** A client of its own, for looking. */
    readonly look: Deno.Kv;
    /** How often the store was reached for, and opened, after the first time. */
    readonly tries: { reached: number; opened: number };
  }) => Promise<void>,
  faults: Partial<Faults> = {},
) {
  await using server = new KvConnectServer(faults);
  const tries = { reached: 0, opened: 0 };
  const connection = new Connection(await Deno.openKv(server.url), {
    open: () => {
      tries.opened++;
      return Deno.openKv(server.url);
    },
    reach: (signal) => {
      tries.reached++;
      return reachOf(server.url)(signal);
    },
    times: TIMES,
  });
  const kv = new GuardedKv(connection), look = await Deno.openKv(server.url);
  try {
    const patientKv = new GuardedKv(connection, { patient: true });
    await test({ server, kv, patientKv, committer: new Committer(kv), look, tries });
  } finally {
    server.change({ hang: false, refuseAll: false, refuseWrites: false });
    kv.close();
    look.close();
  }
}

const set = (key: Deno.KvKey, value: unknown) => ({
  mutations: [{ type: "set" as const, key, value }],
});
const add = (key: Deno.KvKey, n: bigint) => ({
  mutations: [{ type: "sum" as const, key, value: new Deno.KvU64(n) }],
});

Deno.test(
  "a sum with lost responses is added once",
  leaky,
  () =>
    withStore(async ({ committer, look }) => {
      for (let n = 0; n < 10; n++) {
        assertStrictEquals((await committer.patient.commit(add(["sum"], 1n))).ok, true);
      }
      assertStrictEquals((await look.get<Deno.KvU64>(["sum"])).value?.value, 10n);
    }, { dropAfterCommitEvery: 3 }),
);

Deno.test(
  "a claim with a lost response recognizes itself",
  leaky,
  () =>
    withStore(async ({ committer, look }) => {
      for (let n = 0; n < 6; n++) {
        const key = ["claim", n];
        const claim = { checks: [{ key, versionstamp: null }], ...set(key, "ours") };
        const result = await committer.patient.commit(claim);
        assert(result.ok);
        assertStrictEquals((await look.get(key)).versionstamp, result.versionstamp);
        assertEquals(await committer.patient.commit(claim), { ok: false });
      }
    }, { dropAfterCommitEvery: 3 }),
);

Deno.test("groups stay within ten checks", leaky, () =>
  withStore(async ({ server, committer }) => {
    const keys = Array.from({ length: 40 }, (_, n) => ["claim", n]);
    const results = await Promise.all(
      keys.map((key) =>
        committer.commit({ checks: [{ key, versionstamp: null }], ...set(key, 1) })
      ),
    );
    assert(results.every(({ ok }) => ok));
    assertStrictEquals(server.counters.refused, 0);
    // The first alone, then groups of nine with the committer's own check.
    assert(server.counters.writes <= 1 + Math.ceil(39 / 9), String(server.counters.writes));
  }));

Deno.test(
  "a write without a response times out, and the next ones succeed",
  leaky,
  () =>
    withStore(async ({ server, committer, kv, look }) => {
      server.change({ hang: true });
      const hung = committer.commit(set(["hung"], 1));
      await assertRejects(() => hung, StoreAwayError);
      assertStrictEquals(kv.connection.state.is, "away");
      server.change({ hang: false });
      await kv.connection.back();
      assertStrictEquals((await committer.commit(set(["next"], 1))).ok, true);
      assertStrictEquals((await look.get(["hung"])).value, null);
      // Deno's client finally sends the abandoned write. It must have no effect.
      server.down();
      server.up();
      await kv.connection.back();
      assertStrictEquals((await committer.patient.commit(set(["later"], 1))).ok, true);
      assertStrictEquals((await look.get(["hung"])).value, null);
    }),
);

Deno.test(
  "a patient write waits for the store and applies once",
  leaky,
  () =>
    withStore(async ({ server, committer, look }) => {
      server.down();
      const writes = [1, 2, 3].map(() => committer.patient.commit(add(["sum"], 1n)));
      const impatient = committer.commit(add(["sum"], 100n));
      await assertRejects(() => impatient, StoreAwayError);
      server.up();
      for (const write of writes) assertStrictEquals((await write).ok, true);
      assertStrictEquals((await look.get<Deno.KvU64>(["sum"])).value?.value, 3n);
    }),
);

for (const refuseAs of ["disabled", 429, 503] as const) {
  Deno.test(
    `rejected writes (${refuseAs}) fail, reads continue, and writes recover`,
    leaky,
    () =>
      withStore(async ({ server, committer, kv }) => {
        await kv.set(["a"], 1);
        server.change({ refuseWrites: true, refuseAs });
        await assertRejects(() => committer.commit(set(["b"], 1)), StoreAwayError);
        if (refuseAs !== 503) assertStrictEquals((await kv.get(["a"])).value, 1);
        const patient = committer.patient.commit(set(["b"], 2));
        server.change({ refuseWrites: false });
        assertStrictEquals((await patient).ok, true);
        assertStrictEquals((await kv.get(["b"])).value, 2);
        assertStrictEquals(kv.connection.state.is, "ok");
      }),
  );
}

Deno.test(
  "reads of an absent store fail, at once after the first, and recover",
  leaky,
  () =>
    withStore(async ({ server, kv, patientKv }) => {
      await kv.set(["a"], 1);
      server.down();
      await assertRejects(() => kv.get(["a"]), StoreAwayError);
      await assertRejects(() => Array.fromAsync(kv.list({ prefix: [] })), StoreAwayError);
      await assertRejects(() => kv.getMany([["a"], ["b"]]), StoreAwayError);
      const patient = patientKv.get(["a"]);
      server.up();
      assertStrictEquals((await patient).value, 1);
      assertStrictEquals((await kv.get(["a"])).value, 1);
    }),
);

Deno.test(
  "a single stalled read is repeated on a new connection",
  leaky,
  () =>
    withStore(async ({ server, kv }) => {
      await kv.set(["a"], 1);
      server.change({ hang: true });
      const read = kv.get(["a"]);
      const state = Promise.withResolvers<void>();
      kv.connection.onState(() => state.resolve());
      await state.promise;
      server.change({ hang: false });
      assertStrictEquals((await read).value, 1);
    }),
);

Deno.test(
  "a list continues after its last entry when the connection is replaced",
  leaky,
  () =>
    withStore(async ({ server, patientKv }) => {
      for (let n = 0; n < 10; n++) await patientKv.set(["n", n], n);
      const seen: unknown[] = [];
      for await (const { value } of patientKv.list({ prefix: ["n"] }, { batchSize: 2, limit: 9 })) {
        seen.push(value);
        if (seen.length === 3) {
          server.down();
          await assertRejects(() => patientKv.set(["x"], 1), StoreAwayError);
          server.up();
        }
      }
      assertEquals(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }),
);

Deno.test(
  "a watch survives the connection",
  leaky,
  () =>
    withStore(async ({ server, patientKv }) => {
      const reader = patientKv.watch([["w"]]).getReader();
      await reader.read();
      server.down();
      await assertRejects(() => patientKv.set(["x"], 1), StoreAwayError);
      server.up();
      await patientKv.connection.back();
      await patientKv.set(["w"], 1);
      for (;;) {
        const { value } = await reader.read();
        if (value?.[0]?.value === 1) break;
      }
      await reader.cancel();
    }),
);

Deno.test(
  "many writes succeed despite lost, cut and late responses",
  leaky,
  () =>
    withStore(async ({ committer, patientKv }) => {
      // Reads may fail too: a client without deadlines would never return.
      const patient = committer.patient;
      await Promise.all(Array.from({ length: 30 }, async (_, n) => {
        await patient.commit(add(["sum"], 1n));
        const key = ["claim", n % 10];
        const result = await patient.commit({
          checks: [{ key, versionstamp: null }],
          mutations: [...set(key, n).mutations, ...add(["won"], 1n).mutations],
        });
        if (result.ok) assertStrictEquals((await patientKv.get(key)).value, n);
      }));
      assertStrictEquals((await patientKv.get<Deno.KvU64>(["sum"])).value?.value, 30n);
      assertStrictEquals((await patientKv.get<Deno.KvU64>(["won"])).value?.value, 10n);
    }, { dropEvery: 7, dropAfterCommitEvery: 3, hangEvery: 41, jitterMs: 3 }),
);

Deno.test(
  "a store that rejects this process is distinguished from a silent one",
  leaky,
  () =>
    withStore(async ({ server, kv }) => {
      const stuck = Promise.withResolvers<void>();
      kv.connection.onState((state) => state.isStuck && stuck.resolve());
      server.token = "another";
      server.change({ hang: true });
      await assertRejects(() => kv.get(["a"]), StoreAwayError);
      await stuck.promise;
      assertStrictEquals(kv.connection.state.is, "away");
    }),
);

Deno.test(
  "no new connection is opened while the store is silent: requests on it would starve the process",
  leaky,
  () =>
    withStore(async ({ server, kv, tries }) => {
      server.down();
      await assertRejects(() => kv.get(["a"]), StoreAwayError);
      await until(() => tries.reached >= 3);
      assertStrictEquals(tries.opened, 0);
      server.up();
      await kv.connection.back();
      await kv.set(["a"], 1);
    }),
);

Deno.test(
  "a connection whose requests are never answered is replaced",
  leaky,
  () =>
    withStore(async ({ server, kv, tries }) => {
      server.change({ hang: true });
      await assertRejects(() => kv.get(["a"]), StoreAwayError);
      await until(() => tries.opened > 0);
      server.change({ hang: false });
      await kv.connection.back();
      await kv.set(["a"], 1);
    }),
);

Deno.test(
  "an expired token is replaced",
  leaky,
  () =>
    withStore(async ({ server, patientKv, committer }) => {
      server.expireTokens();
      assertStrictEquals((await committer.patient.commit(set(["a"], 1))).ok, true);
      server.expireTokens();
      assertStrictEquals((await patientKv.get(["a"])).value, 1);
    }),
);

Deno.test(
  "a list continues with every entry once after a timeout in the middle",
  leaky,
  () =>
    withStore(async ({ server, patientKv, look }) => {
      for (let n = 0; n < 30; n++) await look.set(["n", n], n);
      server.change({ hangEvery: 3 });
      const listed = patientKv.list<number>({ prefix: ["n"] }, { batchSize: 2 });
      assertEquals(
        await Array.fromAsync(listed, ({ value }) => value),
        Array.from({ length: 30 }, (_, n) => n),
      );
    }),
);
