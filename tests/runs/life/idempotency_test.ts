/** One submit creates one task, even if its process dies. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { Committer } from "../../../lib/store/committer.ts";
import { createRun } from "../../../lib/runs/life/create.ts";
import { Idempotency } from "../../../lib/runs/life/idempotency.ts";

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

Deno.test("a submit whose process died is pending for two minutes, then counts as lost", () =>
  withIdempotency(async (idempotency, clock) => {
    const claim = () => idempotency.claim("a", "key-12345", "{}");
    assertStrictEquals((await claim()).state, "first");
    clock.now += 120_000;
    assertStrictEquals((await claim()).state, "pending");
    clock.now += 1;
    assertStrictEquals((await claim()).state, "lost", "never sent a second time by itself");
    assertStrictEquals((await idempotency.claim("a", "key-12345", "{1}")).state, "first", "edited");
    assertStrictEquals(
      (await idempotency.claim("b", "key-12345", "{}")).state,
      "first",
      "another's",
    );
  }));

Deno.test("an abandoned submit can be retried, and a completed one finds its run", () =>
  withIdempotency(async (idempotency) => {
    const claim = () => idempotency.claim("a", "key-12345", "{}");
    const first = await claim();
    assert(first.state === "first");
    await idempotency.giveUp(first.key);
    const second = await claim();
    assert(second.state === "first");
    await idempotency.settle(second.key, "trun_1");
    assertEquals(await claim(), { state: "created", runId: "trun_1" });
    await idempotency.lose(second.key);
    assertStrictEquals((await claim()).state, "lost");
  }));

/** Timers that stand still until the test lets the next look happen; `looks` are those asked for. */
function stepped(onLook: (look: number) => Promise<void> | void) {
  let looks = 0;
  return {
    timers: {
      setTimeout(run: () => void) {
        void Promise.resolve(onLook(++looks)).then(run);
        return looks;
      },
      clearTimeout() {},
    },
    looks: () => looks,
  };
}

Deno.test("a second click waits for the first and redirects to its run", () =>
  withIdempotency(async (idempotency) => {
    const first = await idempotency.claim("a", "key-12345", "{}");
    assert(first.state === "first");
    const { timers, looks } = stepped(async (look) => {
      if (look === 3) await idempotency.settle(first.key, "trun_1");
    });
    const signal = new AbortController().signal;
    const second = await idempotency.claimInTurn("a", "key-12345", "{}", { signal, timers });
    assertEquals(second, { state: "created", runId: "trun_1" });
    assertStrictEquals(looks(), 3);
  }));

Deno.test("a second click proceeds if the first created no run, and warns if its response was lost", () =>
  withIdempotency(async (idempotency) => {
    for (const end of ["first", "lost"] as const) {
      const body = JSON.stringify(end);
      const first = await idempotency.claim("a", "key-12345", body);
      assert(first.state === "first");
      const { timers } = stepped(() =>
        end === "first" ? idempotency.giveUp(first.key) : idempotency.lose(first.key)
      );
      const signal = new AbortController().signal;
      const second = await idempotency.claimInTurn("a", "key-12345", body, { signal, timers });
      assertStrictEquals(second.state, end);
    }
  }));

Deno.test("waiting for a first click ends within half a minute or with the request", () =>
  withIdempotency(async (idempotency) => {
    await idempotency.claim("a", "key-12345", "{}");
    const patient = stepped(() => {});
    const { signal } = new AbortController();
    const second = await idempotency.claimInTurn("a", "key-12345", "{}", {
      signal,
      timers: patient.timers,
    });
    assertStrictEquals(second.state, "pending");
    assertStrictEquals(patient.looks(), 300);

    const gone = new AbortController();
    const leaving = stepped((look) => {
      if (look === 2) gone.abort();
    });
    const third = await idempotency.claimInTurn("a", "key-12345", "{}", {
      signal: gone.signal,
      timers: leaving.timers,
    });
    assertStrictEquals(third.state, "pending");
    assertStrictEquals(leaving.looks(), 2);
  }));

Deno.test("a submit that fails before it is sent gives up its claim", async () => {
  const kv = await Deno.openKv(":memory:");
  try {
    const idempotency = new Idempotency(kv, new Committer(kv), () => 0);
    const context = {
      committer: new Committer(kv),
      idempotency,
      creates: { enter: () => Promise.reject(new Error("the store is away")) },
      keyring: { open: () => Promise.resolve("key"), seal: () => Promise.resolve("sealed") },
      now: () => 0,
      retryWrite: async (write: () => Promise<unknown>) => void await write(),
      store: () => Promise.resolve(),
      clientFor: () => ({ client: {}, simulated: false }),
    } as unknown as Parameters<typeof createRun>[0];
    const input = { input: "x", processor: "lite" };
    const options = { source: "form", idempotencyKey: "key-12345" } as const;
    const owner = { id: "a", sealedKey: "sealed" };
    assertMatch(
      String(await assertRejects(() => createRun(context, owner, input, options))),
      /the store is away/,
    );
    const again = await idempotency.claim("a", "key-12345", JSON.stringify(input));
    assertStrictEquals(again.state, "first");
  } finally {
    kv.close();
  }
});
