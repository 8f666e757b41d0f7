/** What was measured, by suite: when, on what, with which versions; as JSON and as a table to read. */
import type { BenchResult } from "./types.ts";

/** One suite's last run. */
export interface Measured {
  /** When it ended (ISO 8601). */
  readonly measured: string;
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

/** The record as Markdown, a table a suite. */
export function toMarkdown(record: BenchRecord): string {
  const suites = Object.entries(record).map(([name, { measured, machine, versions, results }]) => {
    const on = `${
      measured.slice(0, 16).replace("T", " ")
    } UTC, ${machine.cores} cores, ${machine.os}`;
    const versionsRead = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
      .join(", ");
    const rows = results.map((result) => `| ${cells(result).map(escaped).join(" | ")} |`);
    return [
      `## ${name}`,
      `${on}; ${versionsRead}.`,
      [
        "| measured | value | to the peer | promised | spread, and more |",
        "| --- | ---: | --- | --- | --- |",
        ...rows,
      ].join("\n"),
    ].join("\n\n");
  });
  return [
    "# The last results",
    "Written by `deno task bench` beside `results.json`; what the suites measure, and how, is in " +
    "[README.md](README.md). A suite that was run by itself has a date of its own.",
    ...suites,
  ].join("\n\n") + "\n";
}

function cells({ name, value, unit, peer, ratio, target, note }: BenchResult): string[] {
  const digits = { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 1 };
  return [
    name,
    `${value.toLocaleString("en", digits)} ${unit}`,
    ratio === undefined ? "" : `${ratio.toFixed(2)} of ${peer ?? ""}`,
    target ?? "",
    note ?? "",
  ];
}

const escaped = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
