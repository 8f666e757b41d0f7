/** Retention periods, and the cost of a sweep. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Accounts } from "../../../lib/accounts/accounts.ts";
import { retentionMs, Sweeper } from "../../../lib/runs/life/sweep.ts";
import { Process, RUN } from "../log_tools.ts";
import { keysOf, seedLargeRun, silentLog } from "../store_tools.ts";

const DAY_MS = 86_400_000;

const RULES: readonly [sandbox: boolean, days: number | null, kept: number | null][] = [
  [false, null, null],
  [false, 30, 30],
  [true, null, 7],
  [true, 30, 30],
  [true, 1, 1],
];
for (const [sandbox, days, kept] of RULES) {
  Deno.test(`${sandbox ? "sandbox" : "real"} runs with RETENTION_DAYS ${days} are kept ${kept ?? "for ever"}`, () => {
    assertStrictEquals(retentionMs(sandbox, days), kept === null ? null : kept * DAY_MS);
  });
}

async function withAccount(
  apiKey: string,
  test: (process: Process, account: string, accounts: Accounts) => Promise<void>,
): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  const process = new Process(kv, "one");
  const accounts = new Accounts(kv, process.committer, process.context.now);
  try {
    await test(process, (await accounts.forKey(apiKey)).id, accounts);
  } finally {
    process.relay.drain();
    kv.close();
  }
}

function sweeperOf(process: Process, accounts: Accounts, retentionDays: number | null): Sweeper {
  const { kv, committer, context } = process;
  return new Sweeper({
    onMerged: () => Promise.resolve(),
    kv,
    committer,
    accounts,
    retentionDays,
    now: context.now,
    leaseMs: context.leaseMs,
    log: silentLog,
    onPurge: () => Promise.resolve(),
  });
}

const OF_ACCOUNTS = new Set(["account", "key", "keys"]);
const runKeys = async (kv: Deno.Kv) =>
  (await keysOf(kv)).filter((key) => !OF_ACCOUNTS.has(String(key[0])));

Deno.test("a sandbox run is removed completely after its retention, including its tombstone", () =>
  withAccount("sandbox-a", async (process, account, accounts) => {
    await seedLargeRun(process.kv, process.context, account);
    const sweeper = sweeperOf(process, accounts, null);
    process.clock.now = 1000 + retentionMs(true, null)!;
    await sweeper.sweep();
    assert((await runKeys(process.kv)).length > 0, "to the day");
    process.clock.now++;
    await sweeper.sweep();
    assertEquals(await runKeys(process.kv), []);
  }));

Deno.test("a real run is kept forever unless RETENTION_DAYS is set", () =>
  withAccount("pk-real-key", async (process, account, accounts) => {
    await seedLargeRun(process.kv, process.context, account);
    process.clock.now = 10_000 * DAY_MS;
    const before = await runKeys(process.kv);
    await sweeperOf(process, accounts, null).sweep();
    assertEquals(await runKeys(process.kv), before);
    await sweeperOf(process, accounts, 30).sweep();
    assertEquals(await runKeys(process.kv), []);
  }));

Deno.test("an active run is kept until it ends, however old it is", () =>
  withAccount("sandbox-a", async (process, account, accounts) => {
    await seedLargeRun(process.kv, process.context, account, { ended: false });
    process.clock.now = 30 * DAY_MS;
    const sweeper = sweeperOf(process, accounts, null);
    await sweeper.sweep();
    const writer = (await process.acquire())!;
    await writer.end("error", JSON.stringify({ type: "error" }), null);
    await writer.release();
    await sweeper.sweep();
    assertEquals(await runKeys(process.kv), []);
  }));

Deno.test("each sweep handles a few hundred accounts in turn", () =>
  withAccount("sandbox-last", async (process, account, accounts) => {
    // Ids are in no order of creation: these are before and after the account's own.
    for (let n = 0; n < 450; n++) {
      const id = `${n % 2 === 0 ? "0" : "g"}${n}`;
      await process.kv.set(["account", id], { id, created_ms: 0, fingerprint: "", sandbox: true });
    }
    await seedLargeRun(process.kv, process.context, account);
    process.clock.now = 30 * DAY_MS;
    let reads = 0;
    const counting = {
      after: (id: string, limit: number) => {
        reads += limit;
        return accounts.after(id, limit);
      },
    };
    const sweeper = sweeperOf(process, counting as Accounts, null);
    let sweeps = 0;
    while ((await process.kv.get(["head", RUN])).value !== null) {
      await sweeper.sweep();
      assert(++sweeps <= 3, "451 accounts take three sweeps at most");
    }
    assert(reads <= 200 * sweeps);
  }));

Deno.test("two processes can sweep one store at the same time", async () => {
  const folder = await Deno.makeTempDir();
  const kvs = [await Deno.openKv(`${folder}/kv`), await Deno.openKv(`${folder}/kv`)] as const;
  try {
    const [one, two] = [new Process(kvs[0], "one"), new Process(kvs[1], "two")];
    const [here, there] = [one, two].map((process) =>
      new Accounts(process.kv, process.committer, process.context.now)
    ) as [Accounts, Accounts];
    const { id } = await here.forKey("sandbox-a");
    await seedLargeRun(one.kv, one.context, id);
    one.clock.now = two.clock.now = 30 * DAY_MS;
    const sweepers = [sweeperOf(one, here, null), sweeperOf(two, there, null)];
    for (let n = 0; n < 2; n++) await Promise.all(sweepers.map((sweeper) => sweeper.sweep()));
    assertEquals(await runKeys(one.kv), []);
  } finally {
    for (const kv of kvs) kv.close();
    await Deno.remove(folder, { recursive: true });
  }
});
