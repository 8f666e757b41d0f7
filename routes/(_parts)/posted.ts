/** Handles posted forms that do not create a task. */
import type { Changed } from "../../components/form/FormNote.tsx";
import { ownMember, parseJson, REQUEST_BOUNDS } from "../../lib/base/mod.ts";
import {
  eachField,
  FORM_FIELDS,
  parseTaskForm,
  type TaskFormValues,
} from "../../lib/tasks/fields/mod.ts";
import { readPasteInTurns } from "../../lib/tasks/paste/mod.ts";
import type { TaskRunInput } from "../../lib/parallel/mod.ts";
import type { Runs } from "../../lib/runs/mod.ts";
import type { FormContent } from "./form_page.ts";

/** Longer texts would make other requests wait (characters). A browser with JavaScript reads more by itself. */
const PASTE_CHARS = 60_000;

/** The form filled from the pasted text, or unchanged with the problem, and the page's status. */
export async function pasted(
  form: FormData,
): Promise<[content: FormContent, init: { status: number }]> {
  const text = form.get("paste");
  const read = await readPasteInTurns(typeof text === "string" ? text : "", {
    keepHeaders: false,
    maxChars: PASTE_CHARS,
  });
  const { values, asksAgain } = parseTaskForm(form);
  if (read.ok) {
    const { leftOut, notes } = read;
    const before = { ...beside(form), ...changed(values, read.values) };
    const filled = { by: "paste", leftOut, notes, before } as const;
    return [{ values: read.values, rerunOf: null, filled, several: false }, { status: 200 }];
  }
  // Pasted text may contain keys: do not send it back.
  return [{ values, problems: asksAgain, pasteProblem: `${read.why}. Paste it again.` }, {
    status: 422,
  }];
}

/** What the form holds beside the task, and a paste removes. */
const BESIDE = ["rerun_of", "several"];

/** What a posted form holds beside the task. */
function beside(form: FormData): Changed {
  return Object.fromEntries(BESIDE.map((name) => [name, String(form.get(name) ?? "")]));
}

/** The fields that a change of the form changes, as they were. */
export function changed(before: TaskFormValues, after: TaskFormValues): Changed {
  return Object.fromEntries(
    FORM_FIELDS.filter((name) => before[name] !== after[name]).map((name) => [name, before[name]]),
  );
}

/** The form with the fields of a paste or a suggestion as they were before; the others as they are typed now. */
export function undone(form: FormData, values: TaskFormValues): FormContent & { rerun: string } {
  const read = parseJson(String(form.get("before") ?? ""), REQUEST_BOUNDS);
  const before = read.ok ? read.value : null;
  const textOf = (name: string, now: string) => {
    const text = ownMember(before, name);
    return typeof text === "string" ? text : now;
  };
  const now = beside(form);
  const [rerun = "", several = ""] = BESIDE.map((name) => textOf(name, now[name] ?? ""));
  const back = eachField((name) => textOf(name, values[name]));
  return {
    values: back,
    several: several !== "",
    filled: { by: "undo", before: { ...now, ...changed(values, back) } },
    rerun,
  };
}

/** Follow our run by its interaction ID, which the API does not promise to equal the run ID. */
export async function followed(
  runs: Pick<Runs, "request">,
  account: string,
  input: TaskRunInput,
): Promise<TaskRunInput> {
  const id = input.previous_interaction_id;
  const found = id ? await runs.request(account, id) : null;
  return found === null ? input : { ...input, previous_interaction_id: found.run.interaction_id };
}

/** Returns the ID of the account's own run, or `null` for anything else. */
export async function ownRun(
  runs: Pick<Runs, "request">,
  account: string,
  id: FormDataEntryValue | null,
): Promise<string | null> {
  if (typeof id !== "string" || id === "") return null;
  return await runs.request(account, id) === null ? null : id;
}
