/** A seed decides the trace, the processes, the viewers and all faults. */
import { Chaos } from "./chaos.ts";
import { badNetwork, GOOD, type NetworkPlan } from "./network.ts";
import { Random } from "./random.ts";
import { makeTrace } from "./trace.ts";
import { live, type Outcome } from "./world.ts";

/** The outcome of a seed. */
export interface Report extends Outcome {
  readonly seed: number;
  /** Faults by kind. */
  readonly faults: ReadonlyMap<string, number>;
}

/**
 * Plays a seed with a maximum number of faults, on a file or on a distant store. Throws if a viewer got anything
 * but the trace.
 */
export async function play(seed: number, faults: number, far = false): Promise<Report> {
  const random = new Random(seed);
  const chaos = new Chaos(random.fork(), faults);
  const networks = random.fork();
  const impatient = random.chance(0.25);
  const trace = makeTrace(random.fork(), {
    messages: random.between(3, 30),
    ...random.chance(0.02) ? { hugeBytes: 2 << 20 } : {},
    ...random.chance(0.2) ? { resultBytes: 200_000 } : {},
  });
  const outcome = await live({
    random: random.fork(),
    chaos,
    trace,
    far,
    servers: random.pick([["one"], ["one", "two"]]),
    viewers: random.between(1, 4),
    lists: random.between(0, 2),
    impatient,
    upstreamNetwork: (size) =>
      chaos.strikes("upstream's network", 0.6) ? badNetwork(networks, size) : GOOD,
    viewerNetwork: (size) =>
      chaos.strikes("viewer's network", 0.5) ? badNetwork(networks, size) : GOOD,
  });
  return { ...outcome, seed, faults: chaos.counts };
}

/** The place of a cut. */
export interface Cut {
  readonly where: "upstream" | "viewer";
  readonly how: NetworkPlan["how"];
  /** The bytes of the first connection that arrive. */
  readonly offset: number;
}

/**
 * Cuts the first connection of a small run at one byte offset. Resolves with whether it was that long.
 * Throws if a viewer got anything but the trace.
 */
export async function cutOnce({ where, how, offset }: Cut): Promise<boolean> {
  const random = new Random(1);
  let cut = false;
  const once = (): NetworkPlan => {
    const onCut = () => {
      cut = true;
    };
    return cut ? GOOD : { ...GOOD, cutAt: offset, how, onCut };
  };
  await live({
    random: random.fork(),
    chaos: new Chaos(random.fork(), 0),
    trace: makeTrace(random.fork(), { messages: 5 }),
    far: false,
    servers: ["one"],
    viewers: 1,
    lists: 0,
    impatient: false,
    upstreamNetwork: where === "upstream" ? once : () => GOOD,
    viewerNetwork: where === "viewer" ? once : () => GOOD,
  });
  return cut;
}
