/** Shows messages at a field in the browser, in the element that the server uses for its own. */

/** Shows a message at the field of that name. */
export function showProblem(name: string, message: string) {
  const place = document.getElementById(`${name}-error`);
  const field = document.getElementById(name);
  if (!place || !field) return;
  if (place.textContent !== message) place.textContent = message;
  place.hidden = false;
  field.setAttribute("aria-invalid", "true");
  describe(field, place.id, true);
}

/** Removes the message of a field. */
export function clearProblem(name: string) {
  const place = document.getElementById(`${name}-error`);
  const field = document.getElementById(name);
  if (!place || !field) return;
  place.hidden = true;
  field.removeAttribute("aria-invalid");
  describe(field, place.id, false);
}

/**
 * Runs `work` now, or after the click if a pointer is down. Showing or hiding a message moves the elements
 * below it, and a button that moves under the pointer loses its click.
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

/** Adds an element to a field's description for screen readers, or removes it. */
export function describe(element: Element, id: string, on: boolean) {
  const ids = new Set((element.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (on) ids.add(id);
  else ids.delete(id);
  if (ids.size > 0) element.setAttribute("aria-describedby", [...ids].join(" "));
  else element.removeAttribute("aria-describedby");
}
