/**
 * `deno task coverage`: runs the libraries' own tests with coverage, prints the result, and fails if a
 * library covers fewer branches than promised.
 */
import { join, relative } from "node:path";

const ROOT = join(import.meta.dirname!, "..", "..");

/** The libraries, their tests, and the least share of branches that these take. */
const LIBRARIES = [
  { name: "lib/sse", tests: "tests/sse", branches: 0.9 },
  { name: "lib/fresh", tests: "tests/lib/fresh", branches: 0.9 },
  { name: "lib/std", tests: "tests/lib/std", branches: 0.9 },
] as const;

interface Count {
  branches: number;
  branchesTaken: number;
  lines: number;
  linesRun: number;
}

const print = (text: string) => void Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

async function deno(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const out = new TextDecoder().decode(stdout);
  if (code === 0) return out;
  print(out + new TextDecoder().decode(stderr));
  Deno.exit(1);
}

/** Counts of an lcov report by source file. */
function readLcov(report: string): Map<string, Count> {
  const counts = new Map<string, Count>();
  let count: Count | undefined;
  for (const line of report.split("\n")) {
    const [key = "", value = ""] = line.split(/:(.*)/);
    if (key === "SF") {
      count = { branches: 0, branchesTaken: 0, lines: 0, linesRun: 0 };
      counts.set(relative(ROOT, value), count);
    } else if (count !== undefined) {
      if (key === "BRF") count.branches = Number(value);
      if (key === "BRH") count.branchesTaken = Number(value);
      if (key === "LF") count.lines = Number(value);
      if (key === "LH") count.linesRun = Number(value);
    }
  }
  return counts;
}

const percent = (part: number, whole: number) =>
  whole === 0 ? "–" : `${(100 * part / whole).toFixed(1)} %`;

let failed = false;
for (const { name, tests, branches: promised } of LIBRARIES) {
  const profile = await Deno.makeTempDir();
  await deno([
    "test",
    "-A",
    "--quiet",
    "--parallel",
    "--no-check",
    "--preload=tests/deadline.ts",
    // They start processes, in which nothing is counted.
    "--ignore=**/*_slow_test.*",
    `--coverage=${profile}`,
    tests,
  ]);
  const counts = readLcov(await deno(["coverage", "--lcov", profile]));
  await Deno.remove(profile, { recursive: true });
  const files = [...counts].filter(([path]) => path.startsWith(`${name}/`));
  const sum = (key: keyof Count) => files.reduce((all, [, count]) => all + count[key], 0);
  const taken = sum("branchesTaken") / sum("branches");
  print(
    `${name}: ${percent(sum("branchesTaken"), sum("branches"))} of branches, ` +
      `${percent(sum("linesRun"), sum("lines"))} of lines in ${files.length} files ` +
      `(promised: ${promised * 100} % of branches)`,
  );
  const worst = files.map(([path, count]) => ({
    path,
    missed: count.branches - count.branchesTaken,
  }))
    .filter(({ missed }) => missed > 0).sort((a, b) => b.missed - a.missed).slice(0, 5);
  for (const { path, missed } of worst) print(`  ${path}: ${missed} branches not taken`);
  if (files.length === 0 || taken < promised) failed = true;
}
if (failed) Deno.exit(1);
