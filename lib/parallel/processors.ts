/**
 * The processors of the Task API: price, latency, size and strengths.
 * From the API's processor guide and price list of October 2026. Pure: runs in a browser.
 */

/** One processor. */
export interface Processor {
  readonly name: string;
  /** US dollars per run, independent of the number of fields. Failed runs are free. */
  readonly price: number;
  /** US dollars per 1,000 runs, the unit of the price list. */
  readonly pricePerThousand: number;
  /** The usual duration of a run, in words. */
  readonly latency: string;
  /** The same in seconds. */
  readonly seconds: { readonly min: number; readonly max: number };
  /** The approximate number of output fields it fills well. */
  readonly fields: number;
  readonly strengths: string;
  /** The default of `enable_events`: true for pro and above. */
  readonly eventsByDefault: boolean;
  /** A `-fast` variant: two to five times faster, with less fresh data, at the same price. */
  readonly fast: boolean;
  /** How a form offers it to people who do not compare processors; `null` for most. */
  readonly choice: ProcessorChoice | null;
}

/** One of the few plain choices among the processors. */
export interface ProcessorChoice {
  readonly title: string;
  /** Its purpose, in a few words. */
  readonly about: string;
}

const FAST = "-fast";

type Range = readonly [min: number, max: number];

const row = (
  name: string,
  pricePerThousand: number,
  fields: number,
  [min, max]: Range,
  [fastMin, fastMax]: Range,
  eventsByDefault: boolean,
  strengths: string,
  choice: ProcessorChoice | null = null,
) => {
  const shared = {
    price: pricePerThousand / 1000,
    pricePerThousand,
    fields,
    strengths,
    eventsByDefault,
  };
  return {
    standard: { name, ...shared, ...latency(min, max), fast: false, choice },
    quick: { name: name + FAST, ...shared, ...latency(fastMin, fastMax), fast: true, choice: null },
  };
};

const minutes = (count: number) => count * 60;
const HOUR = minutes(60);

const TABLE = [
  row("lite", 5, 2, [10, minutes(2)], [10, 20], false, "basic facts, at once"),
  row("base", 10, 5, [15, minutes(3)], [15, 50], false, "reliable standard enrichments", {
    title: "Quick",
    about: "A few facts that are easy to find",
  }),
  row(
    "core",
    25,
    10,
    [60, minutes(5)],
    [15, 100],
    false,
    "cross-referenced, fairly complex output",
  ),
  row(
    "core2x",
    50,
    10,
    [60, minutes(10)],
    [15, minutes(3)],
    false,
    "complex cross-referenced output",
  ),
  row(
    "pro",
    100,
    20,
    [minutes(2), minutes(10)],
    [30, minutes(5)],
    true,
    "exploratory web research",
    { title: "Standard", about: "Web research, cross-checked" },
  ),
  row(
    "ultra",
    300,
    20,
    [minutes(3), minutes(25)],
    [60, minutes(10)],
    true,
    "deep research across many sources",
    { title: "Deep", about: "Many sources, long answers" },
  ),
  row(
    "ultra2x",
    600,
    25,
    [minutes(5), minutes(50)],
    [60, minutes(20)],
    true,
    "difficult deep research",
  ),
  row(
    "ultra4x",
    1200,
    25,
    [minutes(5), minutes(90)],
    [60, minutes(40)],
    true,
    "very difficult deep research",
  ),
  row(
    "ultra8x",
    2400,
    25,
    [minutes(5), 2 * HOUR],
    [60, HOUR],
    true,
    "the most difficult deep research",
  ),
];

/** Every processor: the nine standard ones by price, then their fast variants. */
export const PROCESSORS: readonly Processor[] = [
  ...TABLE.map(({ standard }) => standard),
  ...TABLE.map(({ quick }) => quick),
];

/** Returns the processor with that name, or `null`: the API may have newer ones. */
export function processor(name: string): Processor | null {
  return PROCESSORS.find((each) => each.name === name) ?? null;
}

/** Returns the `-fast` variant of a processor, or `null` if there is none. */
export function fastOf(name: string): Processor | null {
  return processor(name + FAST);
}

/** Returns the name of a processor without its `-fast`. */
export function standardOf(name: string): string {
  return processor(name)?.fast ? name.slice(0, -FAST.length) : name;
}

/** Returns US dollars per run, or `null` for a processor that is not in the table. Never a guess. */
export function priceOf(name: string): number | null {
  return processor(name)?.price ?? null;
}

function latency(min: number, max: number) {
  const [from, fromUnit] = amount(min);
  const [to, toUnit] = amount(max);
  const text = fromUnit === toUnit
    ? `${from} to ${to} ${toUnit}`
    : `${from} ${fromUnit} to ${to} ${toUnit}`;
  return { latency: text, seconds: { min, max } };
}

function amount(seconds: number): readonly [count: number, unit: string] {
  if (seconds > minutes(90)) return [seconds / HOUR, "h"];
  return seconds % 60 === 0 ? [seconds / 60, "min"] : [seconds, "s"];
}
