/** A pasted request fills the form in place: nothing is sent, header values stay in this browser. */
import { useState } from "preact/hooks";
import { readPaste } from "../../../lib/parallel/paste.ts";
import { startAnew } from "../fill.ts";
import { draw } from "./field.ts";

export function mount(place: HTMLElement, form: HTMLFormElement, signal: AbortSignal) {
  const field = form.elements.namedItem("paste");
  if (field instanceof HTMLTextAreaElement) {
    draw(place, <Paste form={form} field={field} />, signal);
  }
}

function Paste({ form, field }: { form: HTMLFormElement; field: HTMLTextAreaElement }) {
  const [said, say] = useState("");
  const fill = () => {
    const read = readPaste(field.value, { keepHeaders: true });
    const problem = document.getElementById("paste-error");
    if (problem) {
      problem.hidden = read.ok;
      problem.textContent = read.ok ? "" : read.why;
    }
    field.ariaInvalid = read.ok ? null : "true";
    if (!read.ok) return say("");
    // Clears the paste as well, which may have held a key.
    startAnew(form, read.values, "The form is filled from what you pasted.");
    const names = read.leftOut.join(", ");
    say(`The form is filled.${names === "" ? "" : ` It has no field for ${names}: left out.`}`);
    document.getElementById("input")?.focus();
  };
  return (
    <>
      <button type="button" class="button quiet" onClick={fill}>Fill the form</button>
      <p class="about" role="status">{said}</p>
    </>
  );
}
