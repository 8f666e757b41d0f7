/** Fills the form from an example. Loaded with the first click on one: the page has only their names. */
import { EXAMPLES, formValuesFrom } from "../../../lib/tasks/fields/mod.ts";
import { startAnew } from "../fill.ts";

/** Fills the form from the example that a link names. Throws a `RangeError` if there is no such example. */
export function fillFrom(form: HTMLFormElement, { dataset }: HTMLElement): void {
  const example = EXAMPLES.find(({ id }) => id === dataset.example);
  if (example === undefined) throw new RangeError(`There is no example "${dataset.example}"`);
  const values = Object.entries(formValuesFrom(example.input)).filter(([, value]) => value !== "");
  startAnew(form, Object.fromEntries(values), `Filled from “${example.title}”.`);
  document.getElementById("input")?.focus();
}
