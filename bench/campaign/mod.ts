/**
 * The fault campaign, longer than in the tests: seeds that these do not play, and cuts, resets and
 * stalls at every byte offset. A wrong byte at any viewer throws, and names the seed.
 */
import { playKills } from "../../tests/campaign/kills.ts";
import { cutOnce, play } from "../../tests/campaign/seeds.ts";
import { type BenchResult, PROMISE } from "../types.ts";

const FIRST_SEED = 10_000, SEEDS = 600, FAR_SEEDS = 300, FAULTS = 30, KILLS = 5;

/** Runs the campaign, some 100 s. */
export async function run(): Promise<BenchResult[]> {
  const kinds = new Map<string, number>();
  let events = 0, tookMs = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const report = await play(seed, FAULTS).catch((cause) => {
      throw new Error(`Seed ${seed}`, { cause });
    });
    events += report.events;
    tookMs += report.tookMs;
    for (const [kind, times] of report.faults) kinds.set(kind, (kinds.get(kind) ?? 0) + times);
  }
  let farFaults = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + FAR_SEEDS; seed++) {
    const report = await play(seed, FAULTS, true).catch((cause) => {
      throw new Error(`Seed ${seed}, far`, { cause });
    });
    for (const times of report.faults.values()) farFaults += times;
  }
  let offsets = 0;
  for (const where of ["upstream", "viewer"] as const) {
    for (const how of ["end", "reset", "stall"] as const) {
      for (let offset = 0; await cutOnce({ where, how, offset }); offset++) offsets++;
    }
  }
  const killed = await playKills(FIRST_SEED, KILLS);
  const faults = [...kinds.values()].reduce((sum, times) => sum + times, 0);
  const listed = [...kinds].map(([kind, times]) => `${kind} ${times}`).join(", ");
  const worlds = `${SEEDS} seeds from ${FIRST_SEED}, ${events} events, ${
    Math.round(tookMs / 3_600_000)
  } h of simulated time`;
  const counted: readonly Omit<BenchResult, "spread">[] = [
    {
      name: "campaign: faults, every viewer got the trace",
      value: faults,
      unit: "faults",
      peer: PROMISE,
      target: ">= 1,000, none lost, twice or out of order",
      note: `${worlds}: ${listed}`,
    },
    {
      name: "campaign: the same on a store that is far away",
      value: farFaults,
      unit: "faults",
      peer: PROMISE,
      target: "none lost, twice or out of order",
      note:
        `${FAR_SEEDS} seeds from ${FIRST_SEED}, with outages, silence, refusals and lost answers`,
    },
    {
      name: "campaign: byte offsets cut, every one",
      value: offsets,
      unit: "cuts",
      peer: PROMISE,
      target: "all",
      note: "clean end, reset and stall, upstream's and viewer's connection",
    },
    {
      name: "campaign: SIGKILLs of two servers on one database",
      value: killed.kills,
      unit: "kills",
      peer: PROMISE,
      target: "every viewer got the trace",
      note: `real processes and sockets; ${killed.events} events, ${killed.faults} more faults`,
    },
  ];
  return counted.map((row) => ({ ...row, spread: [row.value, row.value] }));
}
