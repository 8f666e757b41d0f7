/**
 * Plays seeds of the fault campaign from the command line:
 * `deno run -A bench/campaign/main.ts --seed N [--seeds COUNT] [--faults K] [--far]`, or with real processes
 * that are killed, `--seed N --kills K`.
 */
import { parseArgs } from "node:util";
import { playKills } from "../../tests/campaign/kills.ts";
import { play } from "../../tests/campaign/seeds.ts";

const print = (text: string) => void Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

const { values } = parseArgs({
  args: Deno.args,
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    faults: { type: "string", default: "30" },
    kills: { type: "string", default: "0" },
    far: { type: "boolean", default: false },
  },
});
const [first = NaN, count = NaN, faults = NaN, kills = NaN] = [
  values.seed,
  values.seeds,
  values.faults,
  values.kills,
].map((value) => /^\d{1,9}$/.test(value) ? Number(value) : NaN);
if (Number.isNaN(first + count + faults + kills) || count === 0) {
  print("Usage: main.ts --seed N [--seeds COUNT] [--faults K [--far] | --kills K], whole numbers");
  Deno.exit(2);
}

for (let seed = first; seed < first + count; seed++) {
  if (kills > 0) {
    const report = await playKills(seed, kills);
    print(`seed ${seed}: ${report.events} events, ${kills} kills, ${report.faults} more faults`);
    continue;
  }
  const { events, connections, tookMs, faults: kinds } = await play(seed, faults, values.far);
  const struck = [...kinds].map(([kind, times]) => `${kind} ${times}`).join(", ");
  const took = `${Math.round(tookMs / 1000)} s of its own time`;
  print(`seed ${seed}: ${events} events, ${connections} upstream connections, ${took}: ${struck}`);
}
