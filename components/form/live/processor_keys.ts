/** Typing a processor's name in the group of processors chooses it, as in a list of options. */

/** Two keys within this time belong to one name (ms). */
const SAME_NAME_MS = 1_000;

export function mount(place: HTMLElement, _form: HTMLFormElement, signal: AbortSignal) {
  let typed = "", at = 0;
  place.addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey, timeStamp }) => {
    if (!/^\w$/.test(key) || ctrlKey || metaKey || altKey) return;
    typed = (timeStamp - at > SAME_NAME_MS ? "" : typed) + key.toLowerCase();
    at = timeStamp;
    const radio = place.querySelector<HTMLInputElement>(`[name=processor][value^="${typed}"]`);
    if (radio === null) return;
    const table = radio.closest("details");
    if (table !== null) table.open = true;
    radio.click();
    radio.focus();
  }, { signal });
}
