/** Fills the form in place, as the server would have rendered it. */
import { clearProblem } from "./check.ts";
import { valuesOf } from "./draft.ts";

/** Tells the tools over the fields that the fields have changed under them. */
export const FILLED = "taskform:filled";

/** The form becomes another task: it does not repeat the run that it was filled from any more. */
export function startAnew(
  form: HTMLFormElement,
  values: Readonly<Record<string, string>>,
  said: string,
) {
  change(form, said, () => {
    form.querySelector('[name="rerun_of"]')?.remove();
    fillForm(form, values);
  });
}

/** Changes the form by `work`, says so at its top, and offers the way back there, and forth again. */
export function change(form: HTMLFormElement, said: string, work: () => void) {
  const before = valuesOf(form);
  const rerun = form.querySelector('[name="rerun_of"]');
  work();
  const note = form.querySelector<HTMLElement>("[data-undo]");
  const [words, button] = note?.children ?? [];
  if (!note || !words || !(button instanceof HTMLButtonElement)) return;
  note.hidden = false;
  words.textContent = said;
  button.textContent = "Undo";
  button.onclick = () => {
    change(form, "Your previous form is back.", () => {
      if (rerun) form.prepend(rerun);
      fillForm(form, before);
    });
    button.textContent = "Redo";
    document.getElementById("input")?.focus();
  };
}

/** Sets every field to its value, or to nothing where `values` has none. */
export function fillForm(form: HTMLFormElement, values: Readonly<Record<string, string>>) {
  for (const field of form.elements) {
    // A tool's own control has no name.
    if (!(field instanceof HTMLElement) || !field.getAttribute("name")) continue;
    if (field instanceof HTMLTextAreaElement) field.value = values[field.name] ?? "";
    else if (field instanceof HTMLInputElement) setInput(field, values[field.name] ?? "");
    clearProblem(field.getAttribute("name") ?? "");
  }
  for (const fold of form.querySelectorAll("details")) {
    const fields = [...fold.querySelectorAll("[name]")];
    // What has no fields of the task is no group of them.
    if (!fields.some(isText) || fold.querySelector("[name=paste]")) continue;
    fold.open = fields.some((field) => isText(field) && field.value !== "");
  }
  form.dispatchEvent(new Event(FILLED));
}

function isText(field: Element): field is HTMLTextAreaElement | HTMLInputElement {
  return field instanceof HTMLTextAreaElement ||
    field instanceof HTMLInputElement && field.type !== "checkbox";
}

function setInput(field: HTMLInputElement, value: string) {
  // The idempotency key stays.
  if (field.type === "hidden") return;
  if (field.type === "radio") field.checked = field.value === value;
  else if (field.type === "checkbox") field.checked = value !== "";
  else field.value = value;
}
