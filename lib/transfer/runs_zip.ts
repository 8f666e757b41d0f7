/** Exports runs as an archive: one folder per run, with all exports of its page. */
import { utcDay } from "../base/mod.ts";
import {
  EXPORT_FORMATS,
  ZIP_LIMITS,
  type ZipLimits,
  zipped,
  type ZippedFile,
} from "../exports/mod.ts";
import type { RunPage } from "../runs/model/mod.ts";

const FILES_PER_RUN = EXPORT_FORMATS.length;

/** The most runs in an archive. */
export const MAX_ZIPPED_RUNS = Math.floor(ZIP_LIMITS.files / FILES_PER_RUN);

/** Yields the archive's bytes, file by file. Throws {@linkcode ZipLimitError}. */
export function runsZip(
  runs: AsyncIterable<RunPage>,
  limits: ZipLimits = ZIP_LIMITS,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  return zipped(filesOfAll(runs), limits);
}

async function* filesOfAll(runs: AsyncIterable<RunPage>): AsyncGenerator<ZippedFile> {
  for await (const run of runs) {
    for (const [name, text] of filesOf(run)) yield [`${folderOf(run)}/${name}`, text];
  }
}

/** Sorts by time, and is a valid name on every system. */
function folderOf({ run }: RunPage): string {
  return [utcDay(run.created_ms), run.simulated && "simulated", run.run_id].filter(Boolean).join(
    " ",
  );
}

/** Each file in pieces, generated on demand. */
function* filesOf(run: RunPage): Generator<[name: string, content: Iterable<string>]> {
  for (const { file, pieces } of EXPORT_FORMATS) {
    const content = pieces(run, { indent: true });
    if (content !== null) yield [file, content];
  }
}
