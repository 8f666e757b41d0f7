/** Runs as an archive: a folder each, with everything that a run's own page exports. */
import { Zip, ZipDeflate } from "fflate";
import { jsonPieces } from "../base/json_pieces.ts";
import { paced } from "../base/paced.ts";
import { reportMarkdown } from "../exports/report.ts";
import { resultJson } from "../exports/result_json.ts";
import { tableCsv } from "../exports/table.ts";
import { traceLines } from "../exports/trace_ndjson.ts";
import { utcDay } from "../parallel/dates.ts";
import type { RunPage } from "../runs/model.ts";

/** What an archive can hold. */
export interface ZipLimits {
  readonly files: number;
  readonly bytes: number;
}

/** What the format without ZIP64 can count (APPNOTE 4.4.21 and 4.4.24): past it nobody could open it. */
const ZIP_LIMITS: ZipLimits = { files: 0xffff, bytes: 0xffff_ffff };

const FILES_PER_RUN = 4;

/** Runs that an archive has room for. */
export const MAX_ZIPPED_RUNS = Math.floor(ZIP_LIMITS.files / FILES_PER_RUN);

/** The runs are more than an archive can hold. */
export class ZipLimitError extends Error {
  override name = "ZipLimitError";
}

/**
 * The archive's bytes, file by file. Throws {@linkcode ZipLimitError}: a download that fails is seen,
 * an archive that is damaged only when it is needed.
 */
export async function* runsZip(
  runs: AsyncIterable<RunPage>,
  limits: ZipLimits = ZIP_LIMITS,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let files = 0, bytes = 0;
  let ready: Uint8Array<ArrayBuffer>[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    failure = error ?? failure;
    if (chunk.length > 0) ready.push(new Uint8Array(chunk));
  });
  const flush = function* () {
    if (failure !== null) throw failure;
    for (const chunk of ready) bytes += chunk.length;
    if (bytes > limits.bytes) throw new ZipLimitError("The archive is too large");
    yield* ready;
    ready = [];
  };
  const encoder = new TextEncoder();
  for await (const run of runs) {
    for (const [name, content] of filesOf(run)) {
      if (++files > limits.files) throw new ZipLimitError("The archive has too many files");
      const file = new ZipDeflate(`${folderOf(run)}/${name}`);
      zip.add(file);
      for await (const text of paced(content)) {
        file.push(encoder.encode(text));
        yield* flush();
      }
      file.push(new Uint8Array(), true);
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

/** Each in pieces, that are made when it is their turn. */
function* filesOf(run: RunPage): Generator<[name: string, content: Iterable<string>]> {
  const { output } = run;
  yield ["report.md", reportMarkdown(run)];
  yield ["result.json", jsonFile(resultJson(run, null))];
  yield ["trace.ndjson", traceLines(run)];
  if (output !== null) yield ["table.csv", tableCsv(run, output)];
}

function* jsonFile(value: unknown): Generator<string> {
  yield* jsonPieces(value, 2);
  yield "\n";
}
