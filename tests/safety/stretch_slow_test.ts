/**
 * No request delays the others, however much it reads. `bench/large` measures the longest block; here it
 * only has to be far below what people notice.
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { jsonPieces } from "../../lib/base/json_pieces.ts";
import { inTurns, nextTurn, paced } from "../../lib/base/paced.ts";
import { EXPORT_FORMATS } from "../../lib/exports/formats.ts";
import { reportMarkdown } from "../../lib/exports/report.ts";
import { resultJson } from "../../lib/exports/result_json.ts";
import { tableCsv } from "../../lib/exports/table.ts";
import { traceLines } from "../../lib/exports/trace_ndjson.ts";
import { holderOf } from "../../lib/runs/life/adopt.ts";
import { readingCookbookTask } from "../../lib/transfer/cookbook.ts";
import { importHistory } from "../../lib/transfer/import.ts";
import { readingLine, readLine, runLine } from "../../lib/transfer/format.ts";
import { withApp } from "../app/test_app.ts";
import { runPage } from "../pages/fixtures.ts";
import {
  readingInputText,
  readingOutputText,
  readOutputText,
  readRunInput,
} from "../../lib/parallel/read.ts";
import { creating, HOSTILE_RUNS, hostileFile, importing, readingRequests } from "./hostile_runs.ts";
import { longestStretch } from "../cpu_time.ts";

/** The most that a request may take in one stretch, on a machine half as fast as usual, with room (ms). */
const LIMIT_MS = 1_000;
/** The largest page of a run, however large the run is (bytes, uncompressed). */
const PAGE_LIMIT = 250_000;
/** A piece is about 64 KiB of text, of which every character may be escaped (characters). */
const PIECE = 6 * 70_000;

/** Counts the turns that everything else has until `work` is over. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0, isOver = false;
  const end = () => isOver = true;
  work.then(end, end);
  for (; !isOver; turns++) await nextTurn();
  return turns;
}

Deno.test("text is sent in chunks, and other work gets a turn when they take long", async () => {
  const chunks: number[] = [];
  let now = 0;
  const read = async () => {
    const pieces = Array<string>(200).fill("x".repeat(1_000));
    for await (const chunk of paced(pieces, () => now)) chunks.push(chunk.length), now += 10;
  };
  assert(await turnsDuring(read()) >= 3);
  assertEquals(chunks, [66_000, 66_000, 66_000, 2_000]);
});

Deno.test("work without output yields regularly", async () => {
  for (const [msEach, most] of [[0, 3], [4, 36], [20, 103]] as const) {
    let now = 0;
    const work = function* () {
      for (let n = 0; n < 100; n++) {
        now += msEach;
        yield "";
      }
      return "result";
    };
    const clock = () => now;
    const due = msEach === 0 ? 0 : Math.floor(100 / Math.ceil(10 / msEach));
    for (const run of [() => inTurns(work(), clock), () => Array.fromAsync(paced(work(), clock))]) {
      const turns = await turnsDuring(run());
      assert(turns >= due && turns <= most, `${turns} turns at ${msEach} ms each, not ${due}`);
    }
    assertStrictEquals(await inTurns(work(), clock), "result");
  }
});

Deno.test("an import yields between short lines and between the cookbook's tasks", async () => {
  const files = {
    lines: `{"taskstream":"history","version":1}${"\n{".repeat(50)}`,
    tasks: `[${"1,".repeat(50)}1]`,
  };
  for (const [name, file] of Object.entries(files)) {
    let now = 0;
    const imported = importHistory(new Blob([file]).stream(), {
      runs: {
        adopt: () => Promise.resolve(false),
        has: () => Promise.resolve(false),
        import: () => Promise.resolve("imported"),
      },
      account: "a",
      holder: holderOf({ id: "a", sealedKey: "" }, () => Promise.resolve("key")),
      log: () => {},
      now: () => now += 10,
    });
    const turns = await turnsDuring(imported);
    assert(turns >= 50, `${name}: ${turns}`);
    assert((await imported).wrongCount >= 50, name);
  }
});

Deno.test("a cookbook's task of any size is read in steps", () => {
  const other = Array(1_000_000).fill(1);
  const task = { run_id: "trun_a", processor: "lite", status: "completed", input: "a", other };
  const created_at = "2026-05-01T10:00:00Z";
  assert([...readingCookbookTask({ ...task, created_at })].length >= 5);
});

Deno.test("a long line is read in steps, each of them one pass over its text", () => {
  for (const name of ["a text of quotes, 15 MB", "20,000 states that cannot be read"]) {
    const [, line = ""] = hostileFile(name, "trun_a").split("\n");
    assert([...readingLine(line)].length >= 5, name);
  }
});

Deno.test("a stored result and request are read in steps, each of them of about 64 KiB", () => {
  const content = JSON.stringify({ a: Array.from({ length: 80_000 }, (_, n) => n / 8), b: "1.0" });
  const output = `{"type":"json","basis":[],"content":${content.replace("0.125", "0.1250")}}`;
  const least = content.length / 100_000;
  assert(least >= 5);
  assert([...readingOutputText(output)].length >= least);
  assert([...readingInputText(`{"processor":"core","input":${content}}`, "core")].length >= least);
});

for (const name of Object.keys(HOSTILE_RUNS)) {
  Deno.test(`${name}: every export is made in pieces`, () => {
    const [, line = ""] = hostileFile(name, "trun_a").split("\n");
    const read = readLine(line);
    assert(read.kind === "run", JSON.stringify(read).slice(0, 200));
    const { run, events, output_text } = read.run;
    const output = output_text === null ? null : readOutputText(output_text);
    const input = readRunInput(run.input);
    assert(input !== null);
    const made = runPage(events, { output, ended: true });
    const page = { ...made, output_text, run: { ...made.run, input } };
    const exports = {
      report: reportMarkdown(page),
      json: jsonPieces(resultJson(page, null)),
      line: runLine(page),
      trace: traceLines(page),
      ...output === null ? {} : { table: tableCsv(page, output) },
    };
    for (const [kind, pieces] of Object.entries(exports)) {
      let longest = 0;
      for (const piece of pieces) longest = Math.max(longest, piece.length);
      assert(longest <= PIECE, `${kind}: a piece of ${longest}`);
    }
  });
}

for (const [at, name] of Object.keys(HOSTILE_RUNS).entries()) {
  Deno.test(`${name}: no request delays the others, and pages stay small`, () =>
    withApp(async (app) => {
      const browser = await app.browser().enterSandbox();
      const requests = new Map([
        ["import", importing(hostileFile(name, "trun_a"))],
        ...readingRequests("trun_a"),
      ]);
      // The ZIP has the same files, made by the same functions, whose pieces are tested above for every run.
      if (at > 0) { for (const { file } of EXPORT_FORMATS) requests.delete(`/${file}`); }
      for (const [what, ask] of requests) {
        let size = 0;
        const ms = await longestStretch(async () => size = await ask(browser));
        assert(ms < LIMIT_MS, `${what}: ${ms.toFixed(0)} ms in one stretch`);
        const isPage = what === "page" || what === "compare" || what.startsWith("?");
        assert(!isPage || size <= PAGE_LIMIT, `${what}: ${size} bytes`);
      }
    }));
}

Deno.test("creating a task of the largest size does not delay other requests", () =>
  withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const ms = await longestStretch(() => creating(browser));
    assert(ms < LIMIT_MS, `${ms.toFixed(0)} ms in one stretch`);
  }));
