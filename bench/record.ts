/** The results of each suite, with date, machine and versions, as JSON and as a table in Markdown. */
import type { BenchResult } from "./types.ts";

/** One suite's last run. */
export interface Measured {
  /** When it ended (ISO 8601). */
  readonly measured: string;
  /** How long it took. */
  readonly seconds?: number;
  readonly machine: Readonly<Record<string, string | number>>;
  /** Of Deno, V8, and the packages that the suite measures or is measured against. */
  readonly versions: Readonly<Record<string, string>>;
  readonly results: readonly BenchResult[];
}

/** Suites in the order they were run first. */
export type BenchRecord = Readonly<Record<string, Measured>>;

/**
 * Versions of packages: by their names in `imports` of deno.json, or as `npm:name@version` themselves.
 * Throws for what is neither.
 */
export function versionsOf(
  packages: readonly string[],
  imports: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(packages.map((name) => {
    const found = /^npm:((?:@[^/]+\/)?[^@/]+)@([^/]+)/.exec(imports[name] ?? name);
    if (found === null) throw new Error(`${name} is no package of deno.json`);
    return [found[1] ?? name, found[2] ?? ""];
  }));
}

/** A number that a run changed by more than its spread. */
export interface Move {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** `null` if the row does not say which way is better. */
  readonly isBetter: boolean | null;
  /** When it was measured before (ISO 8601). */
  readonly since: string;
}

/**
 * Returns the numbers that differ from the last results by more than their spread: the wider one of the two
 * runs. The ratio is compared where there is one. Numbers without an earlier one of the same name, or with
 * another peer, are left out.
 */
export function movesOf(before: Measured | undefined, results: readonly BenchResult[]): Move[] {
  // A suite may measure one thing against several peers.
  const nameOf = ({ name, peer }: BenchResult) => `${name}, ${peer}`;
  const earlier = new Map(before?.results.map((result) => [nameOf(result), result]));
  return results.flatMap((result) => {
    const last = earlier.get(nameOf(result));
    // Results from before 29 November 2026 have no spread.
    if (before === undefined || last?.spread === undefined) return [];
    const [from, to] = [numberOf(last), numberOf(result)];
    if (!(Math.abs(to - from) > Math.max(widthOf(last), widthOf(result)))) return [];
    const more = isMoreBetter(result);
    return [{
      name: result.name,
      before: figure(last),
      after: figure(result),
      isBetter: more === null ? null : to > from === more,
      since: before.measured,
    }];
  });
}

function numberOf({ ratio, value }: BenchResult): number {
  return ratio ?? value;
}

function widthOf({ spread: [low, high] }: BenchResult): number {
  return high - low;
}

/** By the target, or else by the unit: a rate should be high. Ratios of times and sizes should be low. */
function isMoreBetter({ target = "", unit }: BenchResult): boolean | null {
  if (/^>=|or more/.test(target)) return true;
  if (/^(ratio )?<|^under|^at most/.test(target)) return false;
  if (unit.endsWith("/s")) return true;
  return /^(ms|s|kB|KiB|MB|MiB)\b/.test(unit) ? false : null;
}

/** A result as text: its ratio and peer, or its value. */
function figure({ ratio, peer, value, unit }: BenchResult): string {
  return ratio === undefined ? `${digits(value)} ${unit}` : `${digits(ratio)} of ${peer}`;
}

function digits(value: number): string {
  const maximumFractionDigits = Math.abs(value) < 10 ? 2 : 1;
  return value.toLocaleString("en", { maximumFractionDigits });
}

/** The record as Markdown, a table a suite. */
export function toMarkdown(record: BenchRecord): string {
  const suites = Object.entries(record).map(
    ([name, { measured, seconds, machine, versions, results }]) => {
      const on = `${
        measured.slice(0, 16).replace("T", " ")
      } UTC, ${machine.cores} cores, ${machine.os}`;
      const versionsRead = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
        .join(", ");
      const rows = results.map((result) => `| ${cells(result).map(escaped).join(" | ")} |`);
      const took = seconds === undefined ? "" : ` In ${seconds} s.`;
      return [
        `## ${name}`,
        `${on}; ${versionsRead}.${took}`,
        [
          "| measured | value | to the peer | spread | promised | more |",
          "| --- | ---: | --- | --- | --- | --- |",
          ...rows,
        ].join("\n"),
      ].join("\n\n");
    },
  );
  return [
    "# The last results",
    "`deno task bench` writes this table and `results.json`. [README.md](README.md) says what each suite " +
    "measures, and how. Each suite has the date of its own last run.",
    ...suites,
  ].join("\n\n") + "\n";
}

function cells({ name, value, unit, peer, ratio, spread, target, note }: BenchResult): string[] {
  return [
    name,
    `${digits(value)} ${unit}`,
    ratio === undefined ? "" : `${ratio.toFixed(2)} of ${peer ?? ""}`,
    spread === undefined ? "" : `${digits(spread[0])} to ${digits(spread[1])}`,
    target ?? "",
    note ?? "",
  ];
}

const escaped = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
