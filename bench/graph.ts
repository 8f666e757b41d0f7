/**
 * Draws the graph of the docs from `results.json`: how fast the parser is by shape of stream, how long an
 * event takes to its viewer, and what a long history costs. `deno task bench` writes it after each suite;
 * `deno run -A bench/graph.ts` draws it again.
 */
import { join } from "node:path";
import type { BenchRecord } from "./record.ts";
import type { BenchResult } from "./types.ts";

/** Where the graph is. */
export const GRAPH = join(import.meta.dirname!, "..", "docs", "images", "bench.svg");

const WIDTH = 960, MARGIN = 28, GAP = 36;
/** Of one bar and of the space after a group of bars (px). */
const BAR = 13, GROUP_GAP = 9;
/** Of the labels before the bars, and of the values after them (px). */
const LABEL = 118, VALUE = 92;

/** Colours have 3:1 against their background, text 4.5:1 and more. */
const STYLE = `
  .card { fill: #ffffff; stroke: #d8d8e0; }
  text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #3d3d4a; }
  .title { font-size: 14px; font-weight: 600; fill: #16161d; }
  .value { font-variant-numeric: tabular-nums; }
  .first { fill: #3b5bdb; } .second { fill: #6f86e6; } .third { fill: #8d93a8; }
  .line { stroke: #16161d; stroke-dasharray: 3 3; }
  @media (prefers-color-scheme: dark) {
    .card { fill: #16161d; stroke: #3d3d4a; }
    text { fill: #c4c4d0; } .title { fill: #f4f4f8; }
    .first { fill: #8ea2ff; } .second { fill: #6478d8; } .third { fill: #80859a; }
    .line { stroke: #f4f4f8; }
  }`;

type Tone = "first" | "second" | "third";

/** One bar. */
interface Bar {
  readonly value: number;
  readonly text: string;
  readonly tone: Tone;
}

/** Bars that share a label. Their lengths are in proportion to `full`. */
interface Group {
  readonly label: string;
  readonly bars: readonly Bar[];
  readonly full: number;
}

/** A part of the graph. */
interface Panel {
  readonly title: string;
  readonly lines: readonly string[];
  readonly groups: readonly Group[];
  /** A value of the first group's scale that a line marks. */
  readonly mark?: number;
}

/** Returns the graph as SVG. What was not measured is left out. */
export function drawGraph(record: BenchRecord): string {
  const parser = parserPanel(record),
    latency = latencyPanel(record),
    history = historyPanel(record);
  const column = (WIDTH - 2 * MARGIN - GAP) / 2;
  const right = MARGIN + column + GAP;
  const below = MARGIN + heightOf(latency) + GAP;
  const height = Math.max(heightOf(parser), heightOf(latency) + GAP + heightOf(history)) +
    2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped([parser, latency, history].map(described).join(" "))}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="10"/>`,
    ...drawn(parser, { x: MARGIN, y: MARGIN, width: column }),
    ...drawn(latency, { x: right, y: MARGIN, width: column }),
    ...drawn(history, { x: right, y: below, width: column }),
    "</svg>\n",
  ].join("\n");
}

const SIZES = [["16384 B", "16 KiB", "first"], ["1024 B", "1 KiB", "second"], [
  "64 B",
  "64 B",
  "third",
]] as const;

function parserPanel(record: BenchRecord): Panel {
  const results = resultsOf(record, "sse").filter(({ peer }) =>
    /eventsource-parser feed/.test(peer)
  );
  const shapes = [
    ...new Set(
      results.flatMap(({ name }) =>
        /^SSEParser, ([^,\d][^,]*), \d+ B chunks$/.exec(name)?.[1] ?? []
      ),
    ),
  ];
  const groups = shapes.map((label) => ({
    label,
    bars: SIZES.flatMap(([size, , tone]): Bar[] => {
      const found = results.find(({ name }) => name === `SSEParser, ${label}, ${size} chunks`);
      if (found?.ratio === undefined) return [];
      const text = `${found.ratio.toFixed(2)}× ${short(found.value)}/s`;
      return [{ value: found.ratio, text, tone }];
    }),
  }));
  const full = Math.max(1, ...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  return {
    title: "Parsing events, by shape of the stream",
    lines: [
      `The line is eventsource-parser in the same run${dated(record, "sse")}.`,
      `Chunks of ${SIZES.map(([, name]) => name).join(", ")}, from top to bottom.`,
    ],
    groups: groups.map((group) => ({ ...group, full })),
    mark: 1,
  };
}

function latencyPanel(record: BenchRecord): Panel {
  const results = resultsOf(record, "latency");
  const groups = ["p50", "p99"].map((p) => {
    const find = (where: string) => results.find(({ name }) => name.endsWith(`runs${where}: ${p}`));
    const ours = find(""), other = find(" of another process");
    const peer = ours?.ratio === undefined ? undefined : ours.value / ours.ratio;
    const bar = (value: number | undefined, tone: Tone, name: string): Bar[] =>
      value === undefined ? [] : [{ value, tone, text: `${value.toFixed(1)} ms ${name}` }];
    return {
      label: p,
      bars: [
        ...bar(ours?.value, "first", "here"),
        ...bar(other?.value, "second", "other"),
        ...bar(peer, "third", "bare"),
      ],
    };
  });
  const full = Math.max(1, ...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  return {
    title: "From the upstream's write to the viewer's read",
    lines: [
      `100 viewers on 10 runs${dated(record, "latency")}: on the recording process, on`,
      "another, and for a bare pass-through proxy plus one commit.",
    ],
    groups: groups.map((group) => ({ ...group, full })),
  };
}

const COUNTS = [["100", "first"], ["10,000", "second"], ["200,000", "third"]] as const;

function historyPanel(record: BenchRecord): Panel {
  const results = resultsOf(record, "history");
  const measured = [
    ["first page", "history: first page of 25 at "],
    ["search, p95", "history: search's first 25 at "],
    ["create", "history: create at "],
  ] as const;
  const groups = measured.map(([label, start]): Group => {
    const bars = COUNTS.flatMap(([count, tone]): Bar[] => {
      const found = results.find(({ name }) =>
        name === `${start}${count}` || name === `${start}${count}, p95`
      );
      if (found === undefined) return [];
      const ms = found.value.toFixed(found.value < 10 ? 2 : 0);
      return [{ value: found.value, tone, text: `${ms} ms` }];
    });
    return { label, bars, full: Math.max(...bars.map(({ value }) => value)) };
  });
  return {
    title: "A history of 100, 10,000 and 200,000 runs",
    lines: [`From top to bottom, each row on its own scale${dated(record, "history")}.`],
    groups,
  };
}

function resultsOf(record: BenchRecord, suite: string): readonly BenchResult[] {
  return record[suite]?.results ?? [];
}

function dated(record: BenchRecord, suite: string): string {
  const date = record[suite]?.measured.slice(0, 10);
  return date === undefined ? "" : `, ${date}`;
}

function short(value: number): string {
  return value >= 1e6 ? `${(value / 1e6).toFixed(1)}M` : `${Math.round(value / 1e3)}k`;
}

const HEAD = 22, LINE = 17;

function headOf({ lines }: Panel): number {
  return HEAD + LINE * lines.length + 10;
}

function heightOf(panel: Panel): number {
  return headOf(panel) +
    panel.groups.reduce((sum, { bars }) => sum + BAR * bars.length + GROUP_GAP, 0);
}

function drawn(
  panel: Panel,
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
): string[] {
  const parts = [`<text class="title" x="${x}" y="${y + 12}">${escaped(panel.title)}</text>`];
  for (const [at, line] of panel.lines.entries()) {
    parts.push(`<text x="${x}" y="${y + 12 + HEAD + LINE * at}">${escaped(line)}</text>`);
  }
  const left = x + LABEL, length = width - LABEL - VALUE;
  const top = y + headOf(panel);
  let down = top;
  for (const { label, bars, full } of panel.groups) {
    const middle = down + BAR * bars.length / 2 + 4;
    parts.push(`<text x="${x}" y="${middle}">${escaped(label)}</text>`);
    for (const { value, text, tone } of bars) {
      const long = rounded(Math.max(1, length * value / full));
      parts.push(
        `<rect class="${tone}" x="${left}" y="${down + 1}" width="${long}" height="${
          BAR - 2
        }" rx="2"/>`,
        `<text class="value" x="${rounded(left + long + 6)}" y="${down + 11}">${
          escaped(text)
        }</text>`,
      );
      down += BAR;
    }
    down += GROUP_GAP;
  }
  const full = panel.groups[0]?.full;
  if (panel.mark !== undefined && full !== undefined) {
    const at = rounded(left + length * panel.mark / full);
    parts.push(
      `<line class="line" x1="${at}" x2="${at}" y1="${top - 4}" y2="${down - GROUP_GAP + 4}"/>`,
    );
  }
  return parts;
}

/** What the picture says, for those who do not see it. */
function described({ title, groups }: Panel): string {
  const rows = groups.map(({ label, bars }) =>
    `${label} ${bars.map(({ text }) => text).join(", ")}`
  );
  return `${title}: ${rows.join("; ")}.`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Writes the graph, formatted as the project's files are. */
export async function writeGraph(record: BenchRecord, path = GRAPH): Promise<void> {
  await Deno.writeTextFile(path, drawGraph(record));
  const config = join(import.meta.dirname!, "..", "deno.json");
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", "--config", config, path] })
    .output();
}

if (import.meta.main) {
  const results = join(import.meta.dirname!, "results.json");
  await writeGraph(JSON.parse(await Deno.readTextFile(results)));
}
