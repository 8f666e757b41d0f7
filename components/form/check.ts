/** Messages at a field in the browser, in the place where the server writes its own. */

/** Says where the text stops being JSON; the server judges what the JSON means. */
export function checkJson(field: HTMLTextAreaElement) {
  const text = field.value.trim();
  if (text === "") return clearProblem(field);
  try {
    JSON.parse(text);
    clearProblem(field);
  } catch (error) {
    const place = document.getElementById(`${field.name}-error`);
    if (!place) return;
    place.textContent = `Not JSON yet: ${error instanceof Error ? error.message : error}`;
    place.hidden = false;
    field.setAttribute("aria-invalid", "true");
    describe(field, place.id, true);
  }
}

/** Takes the message away: what it was about has changed. */
export function clearProblem(field: HTMLElement) {
  const name = field.getAttribute("name") ?? "";
  const place = document.getElementById(`${name}-error`);
  if (!place) return;
  place.hidden = true;
  const marked = field.closest("fieldset[aria-invalid]") ?? field;
  marked.removeAttribute("aria-invalid");
  describe(marked, place.id, false);
}

/**
 * Runs `work` at once, or after the click where a pointer is down: a message that comes or goes
 * moves what is below it, and a button that moves under the pointer loses its click.
 */
export function afterPress(work: () => void, signal: AbortSignal) {
  if (!document.querySelector(":active")) return work();
  const later = () => setTimeout(() => signal.aborted || work());
  const once = new AbortController();
  const options = { signal: AbortSignal.any([signal, once.signal]) };
  const up = () => {
    once.abort();
    later();
  };
  addEventListener("pointerup", up, options);
  addEventListener("pointercancel", up, options);
}

function describe(element: Element, id: string, on: boolean) {
  const ids = new Set((element.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (on) ids.add(id);
  else ids.delete(id);
  if (ids.size > 0) element.setAttribute("aria-describedby", [...ids].join(" "));
  else element.removeAttribute("aria-describedby");
}
