/** Decides when something fails, and stops after a number of faults so that everything can recover. */
import type { Random } from "./random.ts";

/** The faults of one seed. */
export class Chaos {
  readonly random: Random;
  #left: number;
  readonly #counts = new Map<string, number>();

  constructor(random: Random, budget: number) {
    this.random = random;
    this.#left = budget;
  }

  /** Whether this operation fails now. */
  strikes(kind: string, probability: number): boolean {
    if (this.#left <= 0 || !this.random.chance(probability)) return false;
    this.#left--;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    return true;
  }

  /** Whether there are no more faults. */
  get over(): boolean {
    return this.#left <= 0;
  }

  /** The count of each fault. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}
