/** Fills the form from a pasted request: nothing is sent, and header values stay in this browser. */
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

/** Loads the readers on demand: they are larger than the rest of the form. */
async function readText(text: string): Promise<Pasted> {
  try {
    const { readPasteInTurns } = await import("../../../lib/tasks/paste/mod.ts");
    return await readPasteInTurns(text, { keepHeaders: true });
  } catch {
    return { ok: false, why: "The reader could not be loaded. Check the connection and try again" };
  }
}

function Paste({ form, field }: { form: HTMLFormElement; field: HTMLTextAreaElement }) {
  const [status, setStatus] = useState("");
  const fill = async () => {
    const read = await readText(field.value);
    const problem = document.getElementById("paste-error");
    if (problem) {
      problem.hidden = read.ok;
      problem.textContent = read.ok ? "" : read.why;
    }
    field.ariaInvalid = read.ok ? null : "true";
    if (!read.ok) return setStatus("");
    const { leftOut, notes } = read;
    const lost = lossText(leftOut, notes);
    const words = lost === ""
      ? "Filled from what you pasted."
      : `Filled from part of what you pasted. ${lost}`;
    // This clears the pasted text too, which may contain a key.
    startAnew(form, read.values, words);
    setStatus(words);
    document.getElementById("input")?.focus();
  };
  return (
    <>
      <button type="button" class="button" onClick={fill}>Fill the form</button>
      <p class="about" role="status">{status}</p>
    </>
  );
}
