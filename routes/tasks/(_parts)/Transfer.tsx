/** The page that exports and imports histories. */
import type { ImportReport } from "../../../lib/transfer/mod.ts";
import { KeptNote } from "../../(_parts)/KeptNote.tsx";
import { count } from "../../../lib/base/mod.ts";

export interface TransferProps {
  /** The outcome of the import. */
  readonly report: ImportReport | null;
  /** Why the file could not be read. */
  readonly problem: string | null;
  /** The text that was entered before signing in again. */
  readonly text?: string;
  /** About that text. */
  readonly note?: string | null;
}

export function Transfer({ report, problem, text = "", note = null }: TransferProps) {
  return (
    <>
      <h1 class="mb-4">Export and import</h1>
      {problem !== null && <p class="notice mb-4" role="alert">{problem}</p>}
      <KeptNote note={note} />
      {report !== null && <Report report={report} />}
      <div class="settings max-w-[60rem]">
        <section>
          <h2>Export</h2>
          <p>
            All of your tasks with their input, trace and result, as lines of JSON that another
            Taskstream can import. API keys, share links and MCP header values are left out.
          </p>
          <p class="mt-2">
            <a href="/tasks/export" class="button" download>Export everything</a>
          </p>
          <p class="mt-2">
            For other programs (these cannot be imported):{" "}
            <a href="/tasks/export?format=csv&bom=1" download>a table (CSV)</a>, or{" "}
            <a href="/tasks/export?format=zip" download>
              a folder for each task with report, table, trace and result (ZIP)
            </a>.
          </p>
        </section>
        <section>
          <h2>Import</h2>
          <p id="import-hint">
            A file that Taskstream exported, or the <code>parallel_tasks</code>{" "}
            that the cookbook’s app keeps in your browser. Existing tasks are never changed, so you
            can import a file twice.
          </p>
          <p class="mt-2">
            To copy <code>parallel_tasks</code>, open that app, enter{" "}
            <code>copy(localStorage.parallel_tasks)</code>{" "}
            in its console (F12), and paste it as text below.
          </p>
          <form method="post" action="/tasks/transfer" encType="multipart/form-data" class="mt-2">
            <p>
              <label for="file">File</label>
              <input
                id="file"
                type="file"
                name="file"
                accept=".ndjson,.json,application/x-ndjson,application/json"
                aria-describedby="import-hint"
                class="block mt-1"
              />
            </p>
            <p class="mt-2">
              <label for="text">Or its text</label>
              <textarea id="text" name="text" rows={4} class="font-mono text-sm mt-1">
                {text}
              </textarea>
            </p>
            <button type="submit" class="button mt-2">Import</button>
          </form>
        </section>
      </div>
    </>
  );
}

function Report({ report }: { report: ImportReport }) {
  const { imported, expiring, known, deleted, taken, active, wrong, wrongCount, problem } = report;
  const isBad = problem !== null || wrongCount + expiring > 0;
  const lines: [number, one: string, several: string][] = [
    [
      expiring,
      "of them is older than this account keeps runs, and is removed in a few minutes",
      "of them are older than this account keeps runs, and are removed in a few minutes",
    ],
    [known, "already exists and was not changed", "already exist and were not changed"],
    [deleted, "was deleted here and was not restored", "were deleted here and were not restored"],
    [
      active,
      "was still active when the file was made: export it again once it has ended",
      "were still active when the file was made: export them again once they have ended",
    ],
    [taken, "has an id that is in use here", "have ids that are in use here"],
    [wrongCount, "could not be read", "could not be read"],
  ];
  return (
    <div class={isBad ? "notice mb-4" : "notice calm mb-4"} role="status">
      {problem !== null && <p>{problem}</p>}
      <p>
        <strong>{count(imported)} imported.</strong> <a href="/tasks">See all tasks</a>
      </p>
      <ul>
        {lines.filter(([number]) => number > 0).map(([number, one, several]) => (
          <li key={several}>
            {count(number)} {number === 1 ? one : several}
          </li>
        ))}
      </ul>
      {wrong.length > 0 && (
        <ul class="text-sm">
          {wrong.map(({ line, why }) => <li key={line}>Line {count(line)}: {why}</li>)}
          {wrongCount > wrong.length && <li>and {count(wrongCount - wrong.length)} more</li>}
        </ul>
      )}
    </div>
  );
}
