/** Imports a file line by line. A bad line does not affect the others. */
import {
  inTurns,
  joinedPieces,
  JsonBoundsError,
  jsonPieces,
  type Log,
  pauses,
  readingVerbatim,
  reasonOf,
} from "../base/mod.ts";
import type { ImportedRun, ImportOutcome, KeyHolder, Runs } from "../runs/mod.ts";
import { readingCookbookTask } from "./cookbook.ts";
import { type Line, LINE_BYTES, readingLine } from "./format.ts";
import { LongLineError, textLines } from "./lines.ts";

/** The outcome of an import. */
export interface ImportReport {
  readonly imported: number;
  /** How many imported runs exceed the account's retention. The next sweep removes them. */
  readonly expiring: number;
  /** Already here; left unchanged. */
  readonly known: number;
  /** Deleted here before; not restored. */
  readonly deleted: number;
  /** Runs whose ID another account here has. */
  readonly taken: number;
  /** Runs that were active when exported and that the API does not show to this account. */
  readonly active: number;
  /** The first lines that could not be read. */
  readonly wrong: readonly { readonly line: number; readonly why: string }[];
  readonly wrongCount: number;
  /** Why the file as a whole is not a history, or is incomplete. */
  readonly problem: string | null;
}

/** The dependencies for importing. */
export interface ImportTools {
  readonly runs: Pick<Runs, "adopt" | "has" | "import">;
  readonly account: string;
  /** The owner whose key is used to ask the API. */
  readonly holder: KeyHolder;
  readonly log: Log;
  /** Limits the stored data of all accounts of a kind. `null` if there is no limit. */
  readonly room?: {
    readonly has: () => Promise<boolean>;
    readonly took: (runId: string, bytes: number) => Promise<void>;
  } | null;
  /** The maximum age of the account's runs (ms). No limit by default. */
  readonly keptMs?: number | null;
  /** The longest line, and the largest cookbook JSON (bytes). */
  readonly maxBytes?: number;
  /** The most lines, and the most cookbook tasks. */
  readonly maxLines?: number;
  /** The clock of pauses (ms). */
  readonly now?: () => number;
}

/** Ten times the longest known history. Bad lines cost time too. */
const MAX_LINES = 100_000;
const SHOWN_WRONG = 20;
/** After this many consecutive failures to store a run, the store itself is considered broken. */
const FAILURES = 3;

/**
 * Reads a history from Taskstream or the cookbook's app. A file may contain several exports in a row.
 * Rejects if the body or the store fails.
 */
export async function importHistory(
  body: ReadableStream<Uint8Array>,
  tools: ImportTools,
): Promise<ImportReport> {
  const tally = new Tally();
  const { maxBytes = LINE_BYTES, maxLines = MAX_LINES } = tools;
  let line = 0, hasHead = false, isOpen = false, isWhole = true, runs = 0;
  try {
    for await (const text of textLines(body, maxBytes, tools.now)) {
      if (++line > maxLines) {
        return tally.report(
          `There are more than ${maxLines} lines. Everything before was imported.`,
        );
      }
      if (text?.trim() === "") continue;
      if (!hasHead && text?.trimStart().startsWith("[")) {
        return await importCookbook(text, tools, tally);
      }
      const read = text === null ? tooLong(maxBytes) : await inTurns(readingLine(text));
      if (!hasHead && read.kind !== "head") {
        const packed = text === null ? null : packedAs(text);
        if (packed !== null) return tally.report(packed);
        const why = read.kind === "wrong" && read.isHead ? `: ${read.why}` : "";
        return tally.report(`This is not a history exported by Taskstream${why}.`);
      }
      if (read.kind === "wrong" && read.isHead) {
        return tally.report(`Line ${line}: ${read.why}. Everything before was imported.`);
      }
      if (read.kind === "head") {
        // Another export may follow. If the previous one has no last line, it was truncated.
        if (isOpen) isWhole = false;
        [hasHead, isOpen, runs] = [true, true, 0];
      } else if (read.kind === "batch") {
        continue;
      } else if (read.kind === "end") {
        if (!isOpen || read.runs !== runs) isWhole = false;
        [isOpen, runs] = [false, 0];
      } else {
        runs++;
        if (!isOpen) isWhole = false;
        if (read.kind === "wrong") tally.wrong(line, read.why);
        else if (await tools.room?.has() === false) return tally.report(NO_ROOM);
        else {
          await tally.attempt(
            line,
            () =>
              read.kind === "run"
                ? store(read.run, text?.length ?? 0, tools)
                : adopt(read.runId, null, tools),
            tools.log,
          );
        }
      }
    }
  } catch (error) {
    if (error instanceof LongLineError) {
      return tally.report(`The file is longer than ${maxBytes} bytes. Nothing was imported.`);
    }
    throw error;
  }
  if (!hasHead) return tally.report("The file is empty.");
  return tally.report(
    isWhole && !isOpen
      ? null
      : "The file is incomplete: its end is missing. What could be read was imported; import the complete file for the rest.",
  );
}

/** The beginnings of gzip, ZIP, bzip2, xz and zstd files, read as UTF-8. */
const COMPRESSED = ["\u001f\ufffd", "PK\u0003\u0004", "BZh", "\ufffd7zXZ", "(\ufffd/\ufffd"];

/** Explains, from its first line, how a compressed or non-UTF-8 file is packed; `null` if it is not. */
function packedAs(text: string): string | null {
  if (COMPRESSED.some((start) => text.startsWith(start))) {
    return "The file is compressed. Unpack it, and import the history inside.";
  }
  return text.startsWith("\ufffd\ufffd") || text.slice(0, 2).includes("\0")
    ? "The file is in UTF-16. Save it as UTF-8, and import it again."
    : null;
}

function tooLong(maxBytes: number): Line {
  return { kind: "wrong", why: `it is longer than ${maxBytes} bytes` };
}

const NO_ROOM =
  "The sandbox’s storage on this instance is full. Everything before was imported. Delete tasks, or try again later.";

async function store(
  run: ImportedRun,
  bytes: number,
  { runs, account, room, keptMs = null }: ImportTools,
): Promise<ImportOutcome | "expiring"> {
  const outcome = await runs.import(account, run);
  if (outcome !== "imported") return outcome;
  await room?.took(run.run.run_id, bytes);
  return keptMs !== null && run.run.created_ms < Date.now() - keptMs ? "expiring" : outcome;
}

async function importCookbook(
  text: string,
  tools: ImportTools,
  tally: Tally,
): Promise<ImportReport> {
  let tasks: unknown;
  try {
    tasks = await inTurns(readingVerbatim(text));
  } catch (error) {
    const why = error instanceof JsonBoundsError ? `: ${error.message}` : " but is not valid JSON";
    return tally.report(`This starts like the cookbook's parallel_tasks${why}.`);
  }
  if (!Array.isArray(tasks)) return tally.report("This is not a list of tasks.");
  const { maxLines = MAX_LINES } = tools;
  const pause = pauses(tools.now);
  for (const [index, task] of tasks.slice(0, maxLines).entries()) {
    await pause();
    const read = await inTurns(readingCookbookTask(task));
    if (await tools.room?.has() === false) return tally.report(NO_ROOM);
    if (!read.ok) tally.wrong(index + 1, read.why);
    else await tally.attempt(index + 1, () => adopt(read.runId, read.run, tools), tools.log);
  }
  return tally.report(
    tasks.length <= maxLines
      ? null
      : `There are more than ${maxLines} tasks. The first ones were imported.`,
  );
}

/** The API has more about a run than the file. If it does not show the run, store `otherwise`. */
async function adopt(
  runId: string,
  otherwise: ImportedRun | null,
  tools: ImportTools,
): Promise<Outcome> {
  const { runs, account, holder } = tools;
  if (await runs.has(account, runId)) return "known";
  if (await runs.adopt(holder, runId)) return "imported";
  if (otherwise === null) return "active";
  const input = await inTurns(joinedPieces(jsonPieces(otherwise.run.input)));
  return await store(otherwise, input.length, tools);
}

type Outcome = ImportOutcome | "active" | "expiring";

class Tally {
  readonly #counts = { imported: 0, expiring: 0, known: 0, deleted: 0, taken: 0, active: 0 };
  readonly #wrong: { line: number; why: string }[] = [];
  #wrongCount = 0;
  #failures = 0;

  /** Counts a run's outcome. A run that cannot be stored does not block the others. */
  async attempt(
    line: number,
    take: () => Promise<Outcome>,
    log: Log,
  ): Promise<void> {
    try {
      this.#counts[await take()]++;
      this.#failures = 0;
    } catch (error) {
      if (++this.#failures === FAILURES) throw error;
      log("error", "a run could not be imported", { line, reason: reasonOf(error) });
      this.wrong(line, "it could not be stored; see the server's log");
    }
  }

  wrong(line: number, why: string): void {
    this.#wrongCount++;
    if (this.#wrong.length < SHOWN_WRONG) this.#wrong.push({ line, why });
  }

  report(problem: string | null): ImportReport {
    return {
      ...this.#counts,
      imported: this.#counts.imported + this.#counts.expiring,
      wrong: this.#wrong,
      wrongCount: this.#wrongCount,
      problem,
    };
  }
}
