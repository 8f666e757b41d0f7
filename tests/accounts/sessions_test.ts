import { assert, assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { Accounts, randomSandboxKey } from "../../lib/accounts/accounts.ts";
import { Keyring } from "../../lib/accounts/keyring.ts";
import { ABSOLUTE_MS, IDLE_MS, Sessions } from "../../lib/accounts/sessions.ts";
import { Committer } from "../../lib/store/committer.ts";

const ACCOUNT = {
  account: "acc",
  fingerprint: "a1b2",
  sandbox: false,
  key_fingerprint: "a1b2",
  sealed_key: "sealed",
  device: null,
};

async function withSessions(
  test: (
    tools: { sessions: Sessions; accounts: Accounts; clock: { now: number }; kv: Deno.Kv },
  ) => Promise<void>,
) {
  using kv = await Deno.openKv(":memory:");
  const committer = new Committer(kv);
  // From the real time on: KV expires entries by its own clock.
  const clock = { now: Date.now() };
  const now = () => clock.now;
  const keyring = await Keyring.from(["s".repeat(32)]);
  const sessions = new Sessions(kv, committer, keyring, now);
  await test({ sessions, accounts: new Accounts(kv, committer, now), clock, kv });
}

Deno.test("a session is found by its cookie until it ends", () =>
  withSessions(async ({ sessions }) => {
    const { cookie, session } = await sessions.start(ACCOUNT);
    assertStrictEquals((await sessions.find(cookie))?.account, "acc");
    await sessions.end(session);
    assertStrictEquals(await sessions.find(cookie), null);
  }));

Deno.test("nothing in the database allows signing in", () =>
  withSessions(async ({ sessions, kv }) => {
    const { cookie } = await sessions.start(ACCOUNT);
    const token = cookie.split(".")[0]!;
    for await (const { key, value } of kv.list({ prefix: [] })) {
      assert(!JSON.stringify([key, value]).includes(token));
    }
  }));

Deno.test("a session expires after seven days without use", () =>
  withSessions(async ({ sessions, clock }) => {
    const { cookie } = await sessions.start(ACCOUNT);
    clock.now += IDLE_MS - 1;
    assertNotEquals(await sessions.find(cookie), null);
    clock.now += IDLE_MS + 1;
    assertStrictEquals(await sessions.find(cookie), null);
  }));

Deno.test("a session in daily use ends after thirty days", () =>
  withSessions(async ({ sessions, clock }) => {
    const { cookie } = await sessions.start(ACCOUNT);
    const end = clock.now + ABSOLUTE_MS;
    while (clock.now + 86_400_000 <= end) {
      clock.now += 86_400_000;
      assertNotEquals(await sessions.find(cookie), null);
    }
    clock.now = end + 1;
    assertStrictEquals(await sessions.find(cookie), null);
  }));

Deno.test("last use is written at most once an hour", () =>
  withSessions(async ({ sessions, clock, kv }) => {
    const { cookie, session } = await sessions.start(ACCOUNT);
    const stamp = async () => (await kv.get(["session", session.id])).versionstamp;
    const first = await stamp();
    clock.now += 60_000;
    await sessions.find(cookie);
    assertStrictEquals(await stamp(), first);
    clock.now += 3_600_000;
    await sessions.find(cookie);
    assertNotEquals(await stamp(), first);
  }));

Deno.test("a page that is loading does not undo a sign-out", () =>
  withSessions(async ({ sessions, clock, kv }) => {
    const { cookie, session } = await sessions.start(ACCOUNT);
    const read = Promise.withResolvers<void>();
    const signedOut = Promise.withResolvers<void>();
    const slow = new Proxy(kv, {
      get: (target, name) => {
        if (name === "atomic") return () => target.atomic();
        return async (key: Deno.KvKey) => {
          const found = await target.get(key);
          read.resolve();
          await signedOut.promise;
          return found;
        };
      },
    });
    const keyring = await Keyring.from(["s".repeat(32)]);
    clock.now += 3_700_000;
    const loading = new Sessions(slow, new Committer(slow), keyring, () => clock.now).find(cookie);
    await read.promise;
    await sessions.end(session);
    signedOut.resolve();
    await loading;
    assertStrictEquals(await sessions.find(cookie), null);
  }));

Deno.test("the same key opens the same account on any device, even at the same moment", () =>
  withSessions(async ({ accounts }) => {
    const [one, two] = await Promise.all([
      accounts.forKey("pk-12345678"),
      accounts.forKey("pk-12345678"),
    ]);
    assertStrictEquals(one.id, two.id);
    assertNotEquals((await accounts.forKey("pk-other-key")).id, one.id);
  }));

Deno.test("signing in with another key never merges accounts", () =>
  withSessions(async ({ accounts }) => {
    const first = await accounts.forKey("pk-first-key");
    const second = await accounts.forKey("pk-second-key");
    assertNotEquals(second.id, first.id);
    assertStrictEquals((await accounts.keys(first.id)).length, 1);
  }));

Deno.test("simulated and real runs never share an account", () =>
  withSessions(async ({ accounts }) => {
    const real = await accounts.forKey("pk-real-key");
    const added = await accounts.add(real.id, randomSandboxKey());
    assertEquals(added, { ok: false, problem: "mixed" });
    assertStrictEquals((await accounts.forKey(randomSandboxKey())).sandbox, true);
  }));
