/**
 * Two instances on a distant store, with faults that a seed decides: lost and cut responses, silence,
 * rejections, outages. Each task is created once, appears in the history once, and keeps its trace or
 * reports what is missing.
 */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { FORM, type TestApp } from "../app/test_app.ts";
import { type Faults, type KvConnectServer, NO_FAULTS } from "./connect/server.ts";
import { leaky, scriptedApi, until, withApps } from "./far_apps.ts";

/** Those of a group run at the same time: most of their time is waiting. */
const SEEDS = [[1, 2, 3, 4], [5, 6, 7, 8]];
const RUNS = 4, STEPS = 12;
const LEASE_TIMES = { leaseMs: 1_500, graceMs: 1_500 };

const FAULTS: readonly Partial<Faults>[] = [
  { dropEvery: 4 },
  { dropAfterCommitEvery: 2 },
  { hangEvery: 5 },
  { refuseWrites: true },
  { refuseWrites: true, refuseAs: 429 },
  { refuseAll: true, refuseAs: 503 },
  { latencyMs: 20, jitterMs: 60 },
];

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let mixed = Math.imul(seed ^ seed >>> 15, 1 | seed);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 4_294_967_296;
  };
}

/** Turns one fault after the other on, until the signal aborts; then none is left. */
async function harm(store: KvConnectServer, random: () => number, signal: AbortSignal) {
  while (!signal.aborted) {
    const fault = FAULTS[Math.floor(random() * (FAULTS.length + 1))];
    if (fault === undefined) store.down();
    else store.change(fault);
    await new Promise((resolve) => setTimeout(resolve, 100 + 900 * random()));
    store.up();
    store.change(NO_FAULTS);
    await new Promise((resolve) => setTimeout(resolve, 300 * random()));
  }
}

/** Resends a form until it is accepted, like a user during a store outage. */
async function create(app: TestApp, input: string): Promise<string> {
  const key = crypto.randomUUID();
  const browser = app.browser();
  await until(() => browser.enterKey().then(() => true, () => false));
  for (;;) {
    const response = await browser.post("/tasks", { ...FORM, input, idempotency_key: key });
    await response.body?.cancel();
    if (response.status === 303) return response.headers.get("location")!.slice("/tasks/".length);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function withSeed(seed: number): Promise<void> {
  const random = randomOf(seed), script = scriptedApi();
  let creates = 0;
  const api = (request: Request) => {
    if (request.method === "POST") creates++;
    return script.api(request);
  };
  await withApps(2, async (store, ...apps) => {
    const over = new AbortController();
    const harmed = harm(store, random, over.signal);
    const pick = () => apps[Math.floor(random() * apps.length)]!;
    const ids = await Promise.all(
      Array.from({ length: RUNS }, (_, n) => create(pick(), `Question ${n}`)),
    );
    const said = new Map(ids.map((id): [string, string[]] => [id, []]));
    for (let step = 0; step < STEPS; step++) {
      for (const id of ids) {
        if (random() < 0.3) continue;
        said.get(id)!.push(`step ${step}`);
        script.say(id, `step ${step}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 150 * random()));
    }
    // Half of the runs end while the store has faults, the others afterwards.
    for (const id of ids.slice(0, RUNS / 2)) script.end(id);
    over.abort();
    await harmed;
    for (const id of ids.slice(RUNS / 2)) script.end(id);
    await Promise.all(
      apps.map((app) => until(async () => (await app.browser().fetch("/readyz")).status === 200)),
    );
    for (const { services } of apps) {
      await until(() => services.pickUp().then(() => true, () => false));
    }
    const browser = await apps[0]!.browser().enterKey();
    for (const id of ids) {
      const result = async () => {
        const response = await browser.fetch(`/tasks/${id}/result.json`);
        return response.status === 200 ? await response.json() : null;
      };
      let last: Awaited<ReturnType<typeof result>> = null;
      await until(async () => {
        last = await result();
        return last?.run?.status === "completed";
      });
      const seen = last.events.map(({ event }: { event: { message?: string } }) => event.message)
        .filter(Boolean);
      if (last.run.recording_gaps.length === 0) assertEquals(seen, said.get(id), id);
      else assertEquals(seen, said.get(id)!.filter((word) => seen.includes(word)), id);
    }
    assertStrictEquals(creates, RUNS, "each task is created once");
    const list = await browser.text("/tasks");
    const listed = list.match(/href="\/tasks\/trun_[0-9a-f]{32}"/g) ?? [];
    assertStrictEquals(new Set(listed).size, RUNS);
  }, { config: { api, leaseTimes: LEASE_TIMES } });
}

for (const seeds of SEEDS) {
  Deno.test(
    `nothing is lost or doubled on a store with faults (seeds ${seeds.join(", ")})`,
    leaky,
    async () => {
      const results = await Promise.allSettled(seeds.map(withSeed));
      const failed = results.flatMap((result, at) =>
        result.status === "rejected" ? [`seed ${seeds[at]}: ${result.reason}`] : []
      );
      assertEquals(failed, []);
    },
  );
}
