/** What became of a form that was sent, in a line: for the page's title and its first heading. */
import { type ApiFailure, mayHaveCreated } from "../../lib/parallel/mod.ts";
import type { FormField } from "../../lib/tasks/fields/mod.ts";
import type { FormState } from "./Field.tsx";
import type { FormFilled } from "./FormNote.tsx";
import { FIELD_LABELS } from "./labels.ts";

/** A form that was sent, and what became of it. */
interface Sent {
  readonly form: FormState;
  readonly pasteProblem: string | null;
  readonly failure: ApiFailure | null;
  readonly overBudget?: unknown;
  readonly filled: FormFilled | null;
}

/**
 * How the page's title begins, which a screen reader reads before anything else of it; `null` where
 * nothing happened. (GOV.UK Design System, “Recover from validation errors”: “Error: ” first.)
 */
export function headlineOf(
  { form, pasteProblem, failure, overBudget, filled }: Sent,
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
  return Object.keys(FIELD_LABELS).filter((name): name is FormField =>
    problems[name as FormField] !== undefined
  );
}

/**
 * Whether the summary leaves what is wrong to the field's own message: a schema can have many mistakes,
 * and the editor over it lists them by line.
 */
export function isToldAtField(name: string): boolean {
  return name === "json_schema" || name === "input_schema";
}

/** How many fields, in words. */
export function changesNeeded(count: number): string {
  return count === 1 ? "Fix one field" : `Fix ${count} fields`;
}

/** Why there is no run of it. */
export function failureHeadline(failure: ApiFailure): string {
  switch (failure.kind) {
    case "refused":
      return mayHaveCreated(failure)
        ? `A gateway gave up (${failure.status}): the task may have been created`
        : `Parallel refused the request (${failure.status})`;
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
