/** Handles posted forms that do not create a task. */
import { formLink, parseTaskForm } from "../../lib/tasks/fields/mod.ts";
import { readPaste } from "../../lib/tasks/paste/mod.ts";
import type { TaskRunInput } from "../../lib/parallel/mod.ts";
import type { Runs } from "../../lib/runs/mod.ts";
import type { FormContent } from "./form_page.ts";

/** The form filled from the pasted text, or unchanged with the problem, and the page's status. */
export function pasted(form: FormData): [content: FormContent, init: { status: number }] {
  const text = form.get("paste");
  const read = readPaste(typeof text === "string" ? text : "", { keepHeaders: false });
  const { values, asksAgain } = parseTaskForm(form);
  if (read.ok) {
    const { leftOut, notes } = read;
    const filled = { by: "paste", leftOut, notes, before: formLink(values) } as const;
    return [{ values: read.values, rerunOf: null, filled, several: false }, { status: 200 }];
  }
  // Pasted text may contain keys: do not send it back.
  return [{ values, problems: asksAgain, pasteProblem: `${read.why}. Paste it again.` }, {
    status: 422,
  }];
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
