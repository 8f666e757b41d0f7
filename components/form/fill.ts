/** Fills the form in place, as the server would have rendered it. */
import { clearProblem } from "./check.ts";

/** Sets every field to its value, or to nothing where `values` has none. */
export function fillForm(form: HTMLFormElement, values: Readonly<Record<string, string>>) {
  for (const field of form.elements) {
    if (field instanceof HTMLTextAreaElement) field.value = values[field.name] ?? "";
    else if (field instanceof HTMLInputElement) setInput(field, values[field.name] ?? "");
    if (field instanceof HTMLElement) clearProblem(field);
  }
  for (const fold of form.querySelectorAll("details")) {
    fold.open = [...fold.querySelectorAll("input, textarea")].some((field) =>
      (field instanceof HTMLTextAreaElement ||
        field instanceof HTMLInputElement && field.type !== "checkbox") && field.value !== ""
    );
  }
}

function setInput(field: HTMLInputElement, value: string) {
  // The idempotency key stays, and so does what is no field of the task.
  if (field.type === "hidden" || field.name === "") return;
  if (field.type === "radio") field.checked = field.value === value;
  else if (field.type === "checkbox") field.checked = value !== "";
  else field.value = value;
}
