/** Checks the fields of a form as they change, with the server's rules, which load when they are needed. */
import { TASK_SPEC_AND_INPUT_CHARS } from "../../lib/parallel/mod.ts";
import { afterPress, clearProblem } from "./field_messages.ts";
import { FILLED } from "./fill.ts";
import { charsOf, valuesOf } from "./values.ts";

/** Reports broken JSON and a text that is too long, and clears each message once its field is right. */
export function watchFields(form: HTMLFormElement, signal: AbortSignal) {
  form.addEventListener(FILLED, () => checkChanged(form, null), { signal });
  form.addEventListener("change", ({ target }) => {
    afterPress(() => checkChanged(form, nameOf(target)), signal);
  }, { signal });
  form.addEventListener("input", ({ target }) => {
    // Clear the message as soon as the text is right.
    if (isMarked(target) || isTooLong(form)) checkChanged(form, nameOf(target));
  }, { signal });
}

/** Whether question and schema are longer than the API allows. */
export function isTooLong(form: HTMLFormElement): boolean {
  return charsOf(valuesOf(form)) > TASK_SPEC_AND_INPUT_CHARS;
}

const nameOf = (target: EventTarget | null) =>
  target instanceof Element ? target.getAttribute("name") : null;

const isMarked = (target: EventTarget | null) =>
  target instanceof Element && target.closest("[aria-invalid=true]") !== null;

function checkChanged(form: HTMLFormElement, name: string | null) {
  const field = name === null ? null : form.elements.namedItem(name);
  const isJson = field instanceof HTMLElement && field.dataset.json !== undefined;
  const isInput = name?.startsWith("input") &&
    (valuesOf(form).input_format === "json" || isTooLong(form));
  const wrong = form.querySelector("#errors, [aria-invalid=true]");
  if (!isJson && !isInput && wrong === null) return;
  import("./live/check_fields.ts").then(({ checkFields }) => checkFields(form, name), () => {
    // The rules could not be loaded: clear the message, because the change may have fixed it.
    if (name !== null) clearProblem(name);
  });
}
