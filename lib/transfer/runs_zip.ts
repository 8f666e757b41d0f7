/** Runs as an archive: a folder each, with everything that a run's own page exports. */
import { Zip, ZipDeflate } from "fflate";
import { reportMarkdown } from "../exports/report.ts";
import { resultJson } from "../exports/result_json.ts";
import { tableCsv } from "../exports/table.ts";
import { traceLines } from "../exports/trace_ndjson.ts";
import { utcDay } from "../parallel/dates.ts";
import type { RunPage } from "../runs/model.ts";

/** The archive's bytes, file by file. */
export async function* runsZip(
  runs: AsyncIterable<RunPage>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let ready: Uint8Array<ArrayBuffer>[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    failure = error ?? failure;
    if (chunk.length > 0) ready.push(new Uint8Array(chunk));
  });
  const flush = function* () {
    if (failure !== null) throw failure;
    yield* ready;
    ready = [];
  };
  const encoder = new TextEncoder();
  for await (const run of runs) {
    for (const [name, text] of filesOf(run)) {
      const file = new ZipDeflate(`${folderOf(run)}/${name}`);
      zip.add(file);
      file.push(encoder.encode(text), true);
      yield* flush();
    }
  }
  zip.end();
  yield* flush();
}

/** Sorts by time, and is a name on every system. */
function folderOf({ run }: RunPage): string {
  return [utcDay(run.created_ms), run.simulated && "simulated", run.run_id].filter(Boolean).join(
    " ",
  );
}

function filesOf(run: RunPage): [name: string, text: string][] {
  return [
    ["report.md", reportMarkdown(run)],
    ["result.json", `${JSON.stringify(resultJson(run, null), null, 2)}\n`],
    ["trace.ndjson", [...traceLines(run)].join("")],
    ...run.output === null ? [] : [["table.csv", tableCsv(run, run.output)] as [string, string]],
  ];
}
