/** How long a processor's run takes in the sandbox, and how much it does. */

/** The scale of a run. */
export interface Pace {
  /** Seconds at speed 1. */
  readonly seconds: number;
  /** Rounds of search and reading. */
  readonly rounds: number;
  /** Sources considered by the end. */
  readonly considered: number;
  /** Pages to read. Each is an event, so even the largest run reads 48. */
  readonly read: number;
}

const PACES: Readonly<Record<string, Pace>> = {
  lite: { seconds: 5, rounds: 1, considered: 11, read: 3 },
  base: { seconds: 8, rounds: 1, considered: 24, read: 5 },
  core: { seconds: 12, rounds: 2, considered: 61, read: 9 },
  core2x: { seconds: 18, rounds: 3, considered: 94, read: 14 },
  pro: { seconds: 25, rounds: 4, considered: 223, read: 22 },
  ultra: { seconds: 40, rounds: 6, considered: 512, read: 41 },
  ultra2x: { seconds: 55, rounds: 8, considered: 840, read: 48 },
  ultra4x: { seconds: 75, rounds: 10, considered: 1390, read: 48 },
  ultra8x: { seconds: 100, rounds: 12, considered: 2260, read: 48 },
};

/** Returns the pace of a processor. A `-fast` one takes half the time. */
export function paceOf(processor: string): Pace {
  const name = processor.replace(/-fast$/, "");
  const pace = Object.hasOwn(PACES, name) ? PACES[name]! : PACES.base!;
  return processor.endsWith("-fast") ? { ...pace, seconds: pace.seconds / 2 } : pace;
}

/** Returns whether the processor does deep research: `pro` and above. */
export function isDeep(processor: string): boolean {
  return /^(?:pro|ultra)/.test(processor);
}
