/** The outcome of a submit in one line, for the page's title and its first heading. */
import { type ApiFailure, mayHaveCreated } from "../../lib/parallel/mod.ts";
import { FORM_FIELDS, type FormField } from "../../lib/tasks/fields/mod.ts";
import type { FormState } from "./Field.tsx";
import type { FormFilled } from "./FormNote.tsx";

/** A form that was sent, and the result. */
interface Submit {
  readonly form: FormState;
  readonly pasteProblem: string | null;
  readonly failure: ApiFailure | null;
  readonly overBudget?: unknown;
  readonly filled: FormFilled | null;
}

/**
 * The start of the page's title, which a screen reader reads first; `null` where nothing happened. (GOV.UK
 * Design System, “Recover from validation errors”: “Error: ” first.)
 */
export function headlineOf(
  { form, pasteProblem, failure, overBudget, filled }: Submit,
): string | null {
  if (failure?.kind === "pending") return failureHeadline(failure);
  if (failure) return `Error: ${failureHeadline(failure)}`;
  if (overBudget) return "Not sent: over your monthly budget";
  const count = wrongFields(form).length + (pasteProblem === null ? 0 : 1);
  if (count > 0) return `Error: ${changesNeeded(count)}`;
  switch (filled?.by) {
    case "paste":
      return filled.leftOut.length + filled.notes.length === 0
        ? "Filled from what you pasted"
        : "Filled in part from what you pasted";
    case "suggestion":
      return "Fields suggested";
    case "code":
      return "Code of this form";
    case "unknown":
      return "No such run";
    default:
      return null;
  }
}

/** The fields with a problem, in the order of the page. */
export function wrongFields({ problems }: FormState): FormField[] {
  return FORM_FIELDS.filter((name) => problems[name] !== undefined);
}

/** The number of fields to fix, in words. */
export function changesNeeded(count: number): string {
  return count === 1 ? "Fix one field" : `Fix ${count} fields`;
}

/** Why the API made no run. */
export function failureHeadline(failure: ApiFailure): string {
  switch (failure.kind) {
    case "refused":
      return mayHaveCreated(failure)
        ? `A gateway gave up (${failure.status}): the task may have been created`
        : `Parallel rejected the request (${failure.status})`;
    case "pending":
      return "This task is already being created";
    case "limited":
      return "Too many tasks in a minute";
    case "unreachable":
      return mayHaveCreated(failure)
        ? "The connection broke: the task may have been created"
        : "The Task API cannot be reached";
    case "timeout":
      return "The response was lost: the task may have been created";
    case "malformed":
      return mayHaveCreated(failure)
        ? "Unreadable response: the task may have been created"
        : "The Task API sent an unreadable response";
  }
}
