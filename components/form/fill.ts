/** Fills the form in place, as the server would render it. */
import { clearProblem } from "./field_messages.ts";
import { processor, standardOf } from "../../lib/parallel/mod.ts";
import { valuesOf } from "./values.ts";

/** The event that tells the tools that their fields have changed. */
export const FILLED = "taskform:filled";

/** The run that the form repeats. */
const RERUN = '[name="rerun_of"]';

/** Fills the form with another task: it no longer repeats the run that it was filled from. */
export function startAnew(
  form: HTMLFormElement,
  values: Readonly<Record<string, string>>,
  note: string,
) {
  change(form, note, () => {
    form.querySelector(RERUN)?.remove();
    fillForm(form, values);
  });
}

/**
 * Changes the form by `work`, and shows a note at the top of it with Undo, then Redo. Both leave the fields alone that
 * `work` did not change: what was typed there since stays.
 */
export function change(form: HTMLFormElement, text: string, work: () => void) {
  const before = valuesOf(form);
  const rerun = form.querySelector(RERUN);
  work();
  const after = valuesOf(form);
  const note = form.querySelector<HTMLElement>("[data-undo]");
  const [words, button] = note?.children ?? [];
  if (!note || !words || !(button instanceof HTMLButtonElement)) return;
  note.hidden = false;
  words.textContent = text;
  button.textContent = "Undo";
  button.onclick = () => {
    change(form, "Your previous form is back.", () => {
      form.querySelector(RERUN)?.remove();
      if (rerun) form.prepend(rerun);
      const values: Record<string, string> = valuesOf(form);
      for (const [name, value] of Object.entries(before)) {
        if (value !== after[name as keyof typeof after]) values[name] = value;
      }
      fillForm(form, values);
    });
    button.textContent = "Redo";
    document.getElementById("input")?.focus();
  };
}

/** Sets every field to its value; a field without one becomes empty. */
export function fillForm(form: HTMLFormElement, given: Readonly<Record<string, string>>) {
  const { processor: name = "" } = given;
  const values: Readonly<Record<string, string>> = {
    ...given,
    processor: standardOf(name),
    fast: processor(name)?.fast ? "on" : "",
  };
  for (const field of form.elements) {
    // The inputs of tools have no name.
    if (!(field instanceof HTMLElement) || !field.getAttribute("name")) continue;
    if (field instanceof HTMLTextAreaElement) field.value = values[field.name] ?? "";
    else if (field instanceof HTMLInputElement) setInput(field, values[field.name] ?? "");
    clearProblem(field.getAttribute("name") ?? "");
  }
  for (const fold of form.querySelectorAll("details")) {
    const fields = [...fold.querySelectorAll("[name]")];
    // Only groups of fields open and close, not the code, nor a processor that is chosen.
    if (fields.some(isText)) {
      fold.open = fields.some((field) => isText(field) && field.value !== "");
    }
    if (fold.querySelector("[name=processor]:checked")) fold.open = true;
  }
  form.dispatchEvent(new Event(FILLED));
}

function isText(field: Element): field is HTMLTextAreaElement | HTMLInputElement {
  return field instanceof HTMLTextAreaElement ||
    field instanceof HTMLInputElement && !["checkbox", "radio"].includes(field.type);
}

function setInput(field: HTMLInputElement, value: string) {
  // The idempotency key is kept, and whether there are several inputs.
  if (field.type === "hidden") return;
  if (field.type === "radio") field.checked = field.value === value;
  else if (field.type === "checkbox") field.checked = value !== "";
  else field.value = value;
}
