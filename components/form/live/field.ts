/** What tools share: the field holds the text, the tool above it shows and changes it. */
import { type ComponentChild, render } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import type { FormField } from "../../../lib/tasks/fields/mod.ts";
import { FILLED } from "../fill.ts";
import { valuesOf } from "../values.ts";

/** A field that can have a tool above it. */
export type Field = HTMLTextAreaElement;

/** Renders a tool into its place until the signal aborts. */
export function draw(place: HTMLElement, tool: ComponentChild, signal: AbortSignal) {
  place.replaceChildren();
  render(tool, place);
  signal.addEventListener("abort", () => render(null, place), { once: true });
}

/** The field of a tool's place, or `null`. */
export function fieldOf(place: HTMLElement, form: HTMLFormElement): Field | null {
  const field = form.elements.namedItem(place.dataset.field ?? "");
  return field instanceof HTMLTextAreaElement ? field : null;
}

/**
 * The field's text as it changes, and a function that changes it. Listens in a layout effect, as all tools
 * do: a press right after the tool is drawn must not be lost.
 */
export function useField(field: Field): [text: string, set: (text: string) => void] {
  const [text, setText] = useState(field.value);
  useLayoutEffect(() => {
    const read = () => setText(field.value);
    const { form } = field;
    field.addEventListener("input", read);
    form?.addEventListener(FILLED, read);
    return () => {
      field.removeEventListener("input", read);
      form?.removeEventListener(FILLED, read);
    };
  }, [field]);
  return [text, (next) => {
    field.value = next;
    // The same events as typing: drafts, code and messages listen for them.
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }];
}

/**
 * Shows the field, or hides it while the tool replaces it. The label then points to the tool's own input,
 * if it has one; never to a button, whose name the label would become.
 */
export function useReplacement(field: Field, replaces: boolean, controlId: string | null) {
  useLayoutEffect(() => {
    field.hidden = replaces;
    const label = field.form?.querySelector<HTMLLabelElement>(`label[data-of="${field.name}"]`) ??
      field.labels?.[0];
    if (!label) return;
    label.dataset.of = field.name;
    label.htmlFor = replaces ? controlId ?? "" : field.id;
  }, [field, replaces, controlId]);
}

/** Keeps Enter in a tool's input from submitting the form; with Ctrl or ⌘ it does submit. */
export function keepEnter(event: KeyboardEvent) {
  const plain = event.key === "Enter" && !event.ctrlKey && !event.metaKey;
  if (plain && event.target instanceof HTMLInputElement) event.preventDefault();
}

/** The values of all fields, as they change. */
export function useValues(form: HTMLFormElement) {
  return useForm(form, valuesOf);
}

/** The value of one field: changes of other fields do not render the tool again. */
export function useValue(form: HTMLFormElement, name: FormField): string {
  return useForm(form, (whole) => valuesOf(whole)[name]);
}

function useForm<T>(form: HTMLFormElement, readForm: (form: HTMLFormElement) => T): T {
  const [values, setValues] = useState(() => readForm(form));
  useLayoutEffect(() => {
    const read = () => setValues(() => readForm(form));
    for (const event of CHANGES) form.addEventListener(event, read);
    return () => {
      for (const event of CHANGES) form.removeEventListener(event, read);
    };
  }, [form]);
  return values;
}

const CHANGES = ["input", "change", FILLED];
