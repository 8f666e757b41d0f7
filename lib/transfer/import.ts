/** Takes a file in, line by line: what is wrong with one line loses none of the others. */
import type { KeyHolder, Runs } from "../runs/mod.ts";
import type { ImportedRun, ImportOutcome } from "../runs/import.ts";
import { ArrivalError } from "./arrival.ts";
import { readCookbookTask } from "./cookbook.ts";
import { readLine } from "./format.ts";
import { LongLineError, textLines } from "./lines.ts";

/** What became of a file. */
export interface ImportReport {
  readonly imported: number;
  /** Here already: nothing of them was changed. */
  readonly known: number;
  /** Deleted here before: they stay so. */
  readonly deleted: number;
  /** An id that another account's run has here. */
  readonly taken: number;
  /** Not over yet when they were exported, and the API does not show them to this account. */
  readonly active: number;
  /** What could not be read, the first of them. */
  readonly wrong: readonly { readonly line: number; readonly why: string }[];
  readonly wrongCount: number;
  /** Why the file as a whole is no history, or not all of one. */
  readonly problem: string | null;
}

/** What importing works with. */
export interface ImportTools {
  readonly runs: Pick<Runs, "adopt" | "has" | "import">;
  readonly account: string;
  /** Whose key the API is asked with. */
  readonly holder: KeyHolder;
  /** Longest line, and longest JSON of the cookbook (bytes). */
  readonly maxBytes?: number;
}

const MAX_BYTES = 64 * 1024 * 1024;
const SHOWN_WRONG = 20;

/**
 * Reads a history, of Taskstream or of the cookbook's app. A body that ends with an `ArrivalError` is
 * part of the report; any other error of its own, or of our store, is thrown.
 */
export async function importHistory(
  body: ReadableStream<Uint8Array>,
  tools: ImportTools,
): Promise<ImportReport> {
  const tally = new Tally();
  const { maxBytes = MAX_BYTES } = tools;
  let line = 0, hasHead = false, end: number | null = null, runs = 0;
  try {
    for await (const text of textLines(body, maxBytes)) {
      line++;
      if (text.trim() === "") continue;
      if (!hasHead && text.trimStart().startsWith("[")) {
        return await importCookbook(text, tools, tally);
      }
      const read = readLine(text);
      if (!hasHead && read.kind !== "head") {
        const why = read.kind === "wrong" && read.why.includes("version") ? `: ${read.why}` : "";
        return tally.report(`This is no history that Taskstream wrote${why}.`);
      }
      if (read.kind === "head") hasHead = true;
      else if (read.kind === "end") end = read.runs;
      else {
        runs++;
        if (read.kind === "wrong") tally.wrong(line, read.why);
        else if (read.kind === "run") tally.count(await tools.runs.import(tools.account, read.run));
        else await adopt(read.runId, null, tools, tally);
      }
    }
  } catch (error) {
    if (error instanceof LongLineError) {
      return tally.report(
        `Line ${line + 1} is longer than ${maxBytes} bytes. What came before it is here.`,
      );
    }
    if (error instanceof ArrivalError) {
      return tally.report(
        `${error.message}. What came of it is here; import it whole for the rest.`,
      );
    }
    throw error;
  }
  if (!hasHead) return tally.report("The file is empty.");
  const whole = end === runs;
  return tally.report(
    whole
      ? null
      : "The file was cut short: its end is missing. What it held is here; import it whole for the rest.",
  );
}

async function importCookbook(
  text: string,
  tools: ImportTools,
  tally: Tally,
): Promise<ImportReport> {
  let tasks: unknown;
  try {
    tasks = JSON.parse(text);
  } catch {
    return tally.report("This begins like the cookbook's parallel_tasks and is no JSON.");
  }
  if (!Array.isArray(tasks)) return tally.report("This is no list of tasks.");
  for (const [index, task] of tasks.entries()) {
    const read = readCookbookTask(task);
    if (read.ok) await adopt(read.runId, read.run, tools, tally);
    else tally.wrong(index + 1, read.why);
  }
  return tally.report(null);
}

/** The API has more of a run than the file; where it does not show it, `otherwise` is what there is. */
async function adopt(
  runId: string,
  otherwise: ImportedRun | null,
  { runs, account, holder }: ImportTools,
  tally: Tally,
): Promise<void> {
  if (await runs.has(account, runId)) return tally.count("known");
  if (await runs.adopt(holder, runId)) return tally.count("imported");
  if (otherwise === null) tally.active++;
  else tally.count(await runs.import(account, otherwise));
}

class Tally {
  readonly #counts: Record<ImportOutcome, number> = { imported: 0, known: 0, deleted: 0, taken: 0 };
  readonly #wrong: { line: number; why: string }[] = [];
  #wrongCount = 0;
  active = 0;

  count(outcome: ImportOutcome): void {
    this.#counts[outcome]++;
  }

  wrong(line: number, why: string): void {
    this.#wrongCount++;
    if (this.#wrong.length < SHOWN_WRONG) this.#wrong.push({ line, why });
  }

  report(problem: string | null): ImportReport {
    return {
      ...this.#counts,
      active: this.active,
      wrong: this.#wrong,
      wrongCount: this.#wrongCount,
      problem,
    };
  }
}
