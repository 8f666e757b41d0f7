/**
 * Plays seeds of the fault campaign from the command line:
 * `deno run -A bench/campaign/main.ts --seed N [--seeds COUNT] [--faults K]`.
 */
import { parseArgs } from "node:util";
import { play } from "../../tests/campaign/seeds.ts";

const print = (text: string) => void Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

const { values } = parseArgs({
  args: Deno.args,
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    faults: { type: "string", default: "30" },
  },
});
const [first, count, faults] = [values.seed, values.seeds, values.faults].map((value) =>
  /^\d{1,9}$/.test(value) ? Number(value) : NaN
);
if (first === undefined || !count || faults === undefined || Number.isNaN(first + count + faults)) {
  print("Usage: main.ts --seed N [--seeds COUNT] [--faults K], whole numbers");
  Deno.exit(2);
}

for (let seed = first; seed < first + count; seed++) {
  const { events, connections, tookMs, faults: kinds } = await play(seed, faults);
  const struck = [...kinds].map(([kind, times]) => `${kind} ${times}`).join(", ");
  const took = `${Math.round(tookMs / 1000)} s of its own time`;
  print(`seed ${seed}: ${events} events, ${connections} upstream connections, ${took}: ${struck}`);
}
