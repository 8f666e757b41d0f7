/**
 * Several accounts import one run at the same time, on processes that share a store, fail and die, while the
 * API reports the run. Each account uploads its own version of the run until it gets a response.
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Committer } from "../../lib/store/committer.ts";
import { displaceImport, isImport } from "../../lib/runs/life/displace.ts";
import { readHead } from "../../lib/runs/log/head.ts";
import { type ImportOutcome, importRun } from "../../lib/runs/life/import.ts";
import { readPage } from "../../lib/runs/life/page.ts";
import { versionOf } from "../history/valid_run.ts";
import { Chaos } from "./chaos.ts";
import { DigestWatch } from "./digests.ts";
import { KvHandle, MemoryStore } from "./memory_kv.ts";
import { Random } from "./random.ts";
import { VirtualTime } from "./virtual_time.ts";

const RUN = "trun_contested";
const ACCOUNTS = ["a", "bb", "ccc"];
const MAX_STEPS = 200_000;

/** The outcome of a seed. */
export interface ImportsReport {
  readonly faults: number;
  readonly outcomes: readonly ImportOutcome[];
}

/** Plays a seed. Throws if an account ends with part of a run, or with another account's version. */
export async function playImports(seed: number, faults: number): Promise<ImportsReport> {
  const random = new Random(seed);
  const chaos = new Chaos(random.fork(), faults);
  using digests = new DigestWatch();
  const time = new VirtualTime(() => digests.done());
  const store = new MemoryStore();
  const wait = (ms: number) => new Promise<void>((resolve) => void time.setTimeout(resolve, ms));
  const process = (isCalm = false) => {
    const handle = new KvHandle({
      store,
      time,
      random: random.fork(),
      fault: (operation) => {
        if (isCalm) return null;
        if (operation === "commit" && chaos.strikes("database locked", 0.02)) return "locked";
        if (!chaos.strikes(`${operation} fails`, 0.01)) return null;
        return random.chance(0.5) ? "failed" : "failed after commit";
      },
    });
    const committer = new Committer(handle.kv, { random: random.next, wait });
    return { handle, kv: handle.kv, committer, now: time.now, timers: time };
  };
  /** Repeats a request, on processes that may die in the middle, until there is a response. */
  const insist = async <T>(work: (on: ReturnType<typeof process>) => Promise<T>): Promise<T> => {
    for (;;) {
      const on = process();
      const died = Promise.withResolvers<never>();
      died.promise.catch(() => {});
      if (chaos.strikes("killed", 0.5)) {
        time.setTimeout(() => {
          on.handle.die();
          died.reject(new TypeError("connection reset"));
        }, random.between(1, 60));
      }
      try {
        return await Promise.race([work(on), died.promise]);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        await wait(random.pick([1, 50, 12_000]));
      }
    }
  };
  const runs = new Map(
    ACCOUNTS.map((account, at) => [account, versionOf(RUN, account, 12 + 7 * at)]),
  );
  const uploads = [...runs].flatMap(([account, run]) =>
    Array.from({ length: random.between(1, 2) }, async () => {
      await wait(random.pick([0, 5, 40, 3_000]));
      return { account, outcome: await insist((on) => importRun(on, account, run)) };
    })
  );
  const displaces = random.chance(0.4);
  const word = displaces
    ? wait(random.pick([5, 60, 5_000])).then(() =>
      insist(async (on) => {
        const found = await readHead(on.kv, RUN);
        if (found === null || !await isImport(on.kv, RUN, found.head)) return;
        await displaceImport({ ...on, onDisplaced: () => {} }, RUN, found.head);
      })
    )
    : Promise.resolve();
  const whole = Promise.all([Promise.all(uploads), word]).then(async ([answers]) => {
    // Dead processes left claims. Their leases expire.
    await wait(60_000);
    const { kv } = process(true);
    const owners: string[] = [];
    for (const [account, run] of runs) {
      const copyId = `${RUN}-${account}`;
      for (const id of [RUN, copyId]) {
        const page = await readPage(kv, account, id);
        if (page === null) continue;
        owners.push(id);
        assertStrictEquals(page.output_text, run.output_text, `${account}'s result`);
        assertEquals(page.events, run.events, `${account}'s trace`);
        assertEquals(page.run.input, run.run.input, `${account}'s input`);
      }
      const mine = answers.filter((answer) => answer.account === account);
      if (!displaces && mine.some(({ outcome }) => outcome === "imported" || outcome === "known")) {
        assert(
          await readPage(kv, account, RUN) !== null,
          `${account} got a response that it has it`,
        );
      }
    }
    assert(owners.filter((id) => id === RUN).length <= 1, "one account has the run's own id");
    if (!displaces) assertStrictEquals(owners.length, 1, "somebody has it");
    return answers.map(({ outcome }) => outcome);
  });
  const outcomes = await time.until(whole, MAX_STEPS);
  return { faults: [...chaos.counts.values()].reduce((sum, count) => sum + count, 0), outcomes };
}
