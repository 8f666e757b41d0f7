/** The largest runs that an import accepts, each expensive in its own way, and the requests for them. */
import type { TestBrowser } from "../app/test_app.ts";
import { VALID_RUN } from "../history/valid_run.ts";

const MILLION = 1_000_000;

const many = <Item>(length: number, make: (n: number) => Item): Item[] =>
  Array.from({ length }, (_, n) => make(n));
const text = (content: string, basis: unknown[] = []) => ({
  output: { type: "text", content, basis },
});
const json = (content: unknown, basis: unknown[] = []) => ({
  output: { type: "json", content, basis },
});
const asked = (input: unknown) => ({ input: { input, processor: "lite" } });
const said = (message: string, n = 0) => ({
  id: n + 1,
  received_ms: 1,
  type: "task_run.progress_msg.plan",
  data: JSON.stringify({ message, timestamp: "2026-01-01T00:00:00Z" }),
});
const entry = (n: number) => ({ field: `f${n}`, reasoning: "" });
const source = (n: number) => ({ url: `https://site-${n}.example/` });

/** What differs from a valid run. Made when asked for: together they would be hundreds of megabytes. */
export const HOSTILE_RUNS: Readonly<Record<string, () => Record<string, unknown>>> = {
  "a cell of formulas and quotes, 10 MB": () => json({ a: ';=x\n"+y '.repeat(MILLION) }),
  "a cell of words, 12 MB": () => json({ a: "word ".repeat(2.4 * MILLION) }),
  "a text of quotes, 15 MB": () => text('"'.repeat(7.5 * MILLION)),
  "a list of 100,000 texts": () => json({ a: many(100_000, () => "w".repeat(100)) }),
  "20,000 rows": () => json({ rows: many(20_000, (id) => ({ id, a: "A", b: id * 2, c: true })) }),
  "one row of 100,000 fields": () =>
    json(Object.fromEntries(many(100_000, (n) => [`name ${n}`, "v".repeat(50)]))),
  "a table of Markdown, 6 MB": () =>
    text(`|a|b|c|d|e|f|g|h|\n|-|-|-|-|-|-|-|-|\n${"|1|2|3|4|5|6|7|8|\n".repeat(MILLION / 3)}`),
  "a table of Markdown, 299 KB": () =>
    text(`|a|b|c|d|e|f|g|h|\n|-|-|-|-|-|-|-|-|\n${"|1|2|3|4|5|6|7|8|\n".repeat(16_600)}`),
  "marks of Markdown, 11 MB": () => text("[a](http://b.c) **x** `y` <z> [1] ".repeat(MILLION / 3)),
  "marks of Markdown, 299 KB": () => text("[a](http://b.c) **x** `y` <z> [1] ".repeat(8_700)),
  "39,000 entries of a basis": () => json({ a: 1 }, many(39_000, entry)),
  "50,000 citations": () => json({ a: 1 }, [{ ...entry(0), citations: many(50_000, source) }]),
  "a citation of 12 MB": () =>
    json({ a: 1 }, [{
      ...entry(0),
      reasoning: "[a] | \n".repeat(MILLION / 2),
      citations: [
        { url: `https://a.example/${" (".repeat(MILLION)}`, title: "[a] ".repeat(MILLION / 2) },
        { url: "https://b.example/", excerpts: ["[a] \n".repeat(MILLION / 2)] },
      ],
    }]),
  "20,000 events": () => ({ events: many(20_000, (n) => said("x".repeat(500), n)) }),
  "an event of 12 MB": () => ({ events: [said("x".repeat(12 * MILLION))] }),
  "an event of quotes, 7 MB": () => ({ events: [said('"\n'.repeat(1.7 * MILLION))] }),
  "20,000 states that cannot be read": () => ({
    events: many(
      20_000,
      (n) => ({ ...said("", n), type: "task_run.state", data: "[".repeat(300) }),
    ),
  }),
  "an input of 12 MB": () => asked("some words; =a|b* ".repeat(0.7 * MILLION)),
  "an input of 90,000 fields": () =>
    asked(Object.fromEntries(many(90_000, (n) => [`k${n}`, "v".repeat(100)]))),
  "an input of one field, 12 MB": () => asked({ a: "some words; =a|b* ".repeat(0.7 * MILLION) }),
  "an input of lists in lists": () =>
    asked({ a: many(80, () => many(200, (n) => ({ n, list: [[n], "v".repeat(50)] }))) }),
  "a schema of 30,000 fields": () => {
    const properties = Object.fromEntries(many(30_000, (n) => [`k${n}`, { type: "string" }]));
    const json_schema = { type: "object", properties, required: Object.keys(properties) };
    const { input } = asked("a");
    return { input: { ...input, task_spec: { output_schema: { type: "json", json_schema } } } };
  },
};

/** The file of one such run. A server with a sweep soon removes what a sandbox account created long ago. */
export function hostileFile(
  name: string,
  runId: string,
  created_ms = VALID_RUN.created_ms,
): string {
  const ended_ms = created_ms + 1;
  const run = { ...VALID_RUN, run_id: runId, created_ms, ended_ms, ...HOSTILE_RUNS[name]?.() };
  return [{ taskstream: "history", version: 1 }, { run }, { end: { runs: 1 } }]
    .map((line) => JSON.stringify(line)).join("\n");
}

/** Sends a request and reads its answer; resolves with the bytes that came. */
export type Ask = (browser: TestBrowser) => Promise<number>;

/** Every request that reads a whole run. */
export function readingRequests(runId: string): ReadonlyMap<string, Ask> {
  const paths = ["", "?find=zzz", "/result.json", "/report.md", "/table.csv", "/trace.ndjson"];
  return new Map<string, Ask>([
    ...paths.map((path): [string, Ask] => [
      path || "page",
      async (browser) => await bytesOf(await browser.fetch(`/tasks/${runId}${path}`)),
    ]),
    [
      "compare",
      async (browser) => await bytesOf(await browser.fetch(`/compare?ids=${runId}`)),
    ],
    ...["csv", "ndjson", "zip"].map((action): [string, Ask] => [
      `several ${action}`,
      async (browser) =>
        await bytesOf(await browser.post("/tasks/selected", { id: runId, action })),
    ]),
  ]);
}

/** Imports a file, sent as a browser sends it. */
export function importing(file: string): Ask {
  const bytes = new TextEncoder().encode(file);
  return async (browser) => {
    const body = new Blob([bytes]).stream();
    const headers = { "content-type": "application/x-ndjson" };
    const response = await browser.fetch("/tasks/transfer", { method: "POST", body, headers });
    const report = await response.text();
    if (!/\b1 imported/.test(report)) throw new Error(`Nothing was imported: ${response.status}`);
    return bytes.byteLength;
  };
}

/** Creates a task with a body as large as one may be. */
export const creating: Ask = async (browser) => {
  const names = (list: number) => many(5_000, (n) => [`name ${list} ${n}`, `=${"v".repeat(18)};`]);
  const input = { a: many(4, (n) => Object.fromEntries(names(n))) };
  const response = await browser.fetch("/api/v1/tasks/runs", {
    method: "POST",
    body: JSON.stringify({ input, processor: "lite" }),
    headers: { "content-type": "application/json" },
  });
  return await bytesOf(response);
};

async function bytesOf(response: Response): Promise<number> {
  if (response.status >= 500) throw new Error(`Answered ${response.status}`);
  let bytes = 0;
  for await (const chunk of response.body ?? []) bytes += chunk.byteLength;
  return bytes;
}
