/** A pasted request fills the form in place: nothing is sent, header values stay in this browser. */
import { useState } from "preact/hooks";
import type { Pasted } from "../../../lib/tasks/paste/mod.ts";
import { startAnew } from "../fill.ts";
import { lossText } from "../FormNote.tsx";
import { draw } from "./field.ts";

export function mount(place: HTMLElement, form: HTMLFormElement, signal: AbortSignal) {
  const field = form.elements.namedItem("paste");
  if (field instanceof HTMLTextAreaElement) {
    draw(place, <Paste form={form} field={field} />, signal);
  }
}

/** The readers are larger than the rest of the form: they come when there is something to read. */
async function readText(text: string): Promise<Pasted> {
  try {
    const { readPaste } = await import("../../../lib/tasks/paste/mod.ts");
    return readPaste(text, { keepHeaders: true });
  } catch {
    return { ok: false, why: "This could not be read: check the connection and try again" };
  }
}

function Paste({ form, field }: { form: HTMLFormElement; field: HTMLTextAreaElement }) {
  const [said, say] = useState("");
  const fill = async () => {
    const read = await readText(field.value);
    const problem = document.getElementById("paste-error");
    if (problem) {
      problem.hidden = read.ok;
      problem.textContent = read.ok ? "" : read.why;
    }
    field.ariaInvalid = read.ok ? null : "true";
    if (!read.ok) return say("");
    const { leftOut, notes } = read;
    const lost = lossText(leftOut, notes);
    const words = lost === ""
      ? "Filled from what you pasted."
      : `Filled from part of what you pasted. ${lost}`;
    // Clears the paste as well, which may have held a key.
    startAnew(form, read.values, words);
    say(words);
    document.getElementById("input")?.focus();
  };
  return (
    <>
      <button type="button" class="button quiet" onClick={fill}>Fill the form</button>
      <p class="about" role="status">{said}</p>
    </>
  );
}
