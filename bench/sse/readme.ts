/** The part of lib/sse's README that says how fast it is, made of `bench/results.json`. */
import type { BenchRecord } from "../record.ts";

const SIZES = [[16384, "16 KiB"], [1024, "1 KiB"], [64, "64 B"]] as const;

/** What is compared: its label, and the names of the results and of the peer. */
const ROWS = [
  [
    "`SSEParser` to `eventsource-parser`'s `feed()`",
    "SSEParser, Task API, # B chunks",
    "eventsource-parser feed()",
  ],
  ["`parseSSE` to `EventSourceParserStream`", "parseSSE, # B chunks", "EventSourceParserStream"],
  [
    "`SSEParserStream` to `EventSourceParserStream`",
    "SSEParserStream, # B chunks",
    "EventSourceParserStream",
  ],
  [
    "`SSEParser` to `@microsoft/fetch-event-source`",
    "SSEParser, # B chunks, beside",
    "@microsoft/fetch-event-source",
  ],
  ["`parseSSE` to `parse-sse`", "parseSSE, # B chunks, beside", "parse-sse"],
  ["`parseSSE` to `fetch-event-stream`", "parseSSE, # B chunks, beside", "fetch-event-stream"],
  [
    "`parseSSE` to `parallel-web`'s decoder",
    "parseSSE, # B chunks, beside",
    "parallel-web's decoder",
  ],
] as const;

const BEGIN = "<!-- `deno task bench sse` writes this part. -->";
const END = "<!-- The end of that part. -->";

/** Returns the text, as `deno fmt` would not yet write it. Throws if a result is missing. */
export function speedText(record: BenchRecord): string {
  const sse = record["sse"];
  if (!sse) throw new Error("the benchmark sse was not run");
  const ratio = (name: string, peer: string) =>
    sse.results.find((result) => result.name === name && result.peer === peer)?.ratio;
  const cells = ROWS.map(([label, name, peer]) => [
    label,
    ...SIZES.map(([size]) => ratio(name.replace("#", String(size)), peer)?.toFixed(2) ?? ""),
  ]);
  const shapes = sse.results.flatMap(({ name, peer, ratio }) => {
    const [, shape, size] = /^SSEParser, ([^,\d][^,]*), (\d+) B chunks$/.exec(name) ?? [];
    return shape && peer === "eventsource-parser feed()"
      ? [{ shape, size: Number(size), ratio }]
      : [];
  });
  const range = (size: number) => {
    const all = shapes.flatMap((each) => each.size === size ? each.ratio ?? [] : []);
    if (!all.length) throw new Error(`no shape in chunks of ${size} B`);
    return `${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)}`;
  };
  const date = new Date(sse.measured).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
  return `Speed on 2,000 events like the Task API's, as events per second divided by the other's in the same
run (${sse.machine["cores"]} shared cores of a cloud machine, Deno ${
    sse.versions["deno"]
  }, ${date}; the median of three
processes):

| ${["chunks of", ...SIZES.map(([, name]) => name)].join(" | ")} |
| --- | --- | --- | --- |
${cells.map((row) => `| ${row.join(" | ")} |`).join("\n")}

Over ${
    new Set(shapes.map(({ shape }) => shape)).size
  } shapes of stream (short and long events, many \`data\` lines, ids, heartbeats, CRLF, text that is
not ASCII) \`SSEParser\` has ${
    range(16384)
  } times the speed of \`eventsource-parser\` from chunks of 16 KiB,
${range(1024)} times from 1 KiB and ${range(64)} times from 64 bytes.`;
}

/** Returns a README with the part replaced. Throws if it has none. */
export function withSpeed(readme: string, text: string): string {
  const begin = readme.indexOf(BEGIN), end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error("the README does not mark the part");
  return `${readme.slice(0, begin)}${BEGIN}\n\n${text}\n\n${readme.slice(end)}`;
}

/** The README of lib/sse. */
export const README = new URL("../../lib/sse/README.md", import.meta.url);

/** Writes the part. */
export async function writeSpeed(record: BenchRecord): Promise<void> {
  await Deno.writeTextFile(README, withSpeed(await Deno.readTextFile(README), speedText(record)));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", README.pathname] }).output();
}
