/** A tool and the field under it: the field holds the truth, the tool shows and changes it. */
import { type ComponentChild, render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { FILLED } from "../fill.ts";

/** A field that a tool can stand over. */
export type Field = HTMLTextAreaElement;

/** Draws a tool into its place, until the signal says that the page's island is gone. */
export function draw(place: HTMLElement, tool: ComponentChild, signal: AbortSignal) {
  place.replaceChildren();
  render(tool, place);
  signal.addEventListener("abort", () => render(null, place), { once: true });
}

/** The field that a place stands for, or `null`. */
export function fieldOf(place: HTMLElement, form: HTMLFormElement): Field | null {
  const field = form.elements.namedItem(place.dataset.field ?? "");
  return field instanceof HTMLTextAreaElement ? field : null;
}

/** The field's text, as it changes by whatever hand, and how to change it. */
export function useField(field: Field): [text: string, set: (text: string) => void] {
  const [text, setText] = useState(field.value);
  useEffect(() => {
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
    // As if it had been typed: drafts, code and messages listen to it.
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }];
}

/**
 * Shows the field itself, or the tool in its stead; its label leads to the tool's own field, if there
 * is one. Never to a button: the label would become the button's name.
 */
export function useStead(field: Field, inStead: boolean, controlId: string | null) {
  useEffect(() => {
    field.hidden = inStead;
    const label = field.form?.querySelector<HTMLLabelElement>(`label[data-of="${field.name}"]`) ??
      field.labels?.[0];
    if (!label) return;
    label.dataset.of = field.name;
    label.htmlFor = inStead ? controlId ?? "" : field.id;
  }, [field, inStead, controlId]);
}

/** Enter in a tool's own field is not the form's submit; with Ctrl or ⌘ it is. */
export function keepEnter(event: KeyboardEvent) {
  const plain = event.key === "Enter" && !event.ctrlKey && !event.metaKey;
  if (plain && event.target instanceof HTMLInputElement) event.preventDefault();
}
