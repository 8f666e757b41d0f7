/** A form that is sent once, however often its button is pressed. */

/**
 * Reports when the form is being sent, and when the browser has stopped sending it. Drops the second click of
 * a double click; a later one is sent, because its idempotency key returns the task that the first one created.
 */
export function watchSending(
  form: HTMLFormElement,
  tell: (isSending: boolean) => void,
  signal: AbortSignal,
) {
  let isSending = false;
  const set = (next: boolean) => tell(isSending = next);
  form.addEventListener("click", (event) => {
    const isSubmit = event.target instanceof Element &&
      event.target.closest("button")?.type === "submit";
    if (isSubmit && isSending && event.detail > 1) event.preventDefault();
  }, { signal });
  form.addEventListener("submit", () => set(true), { signal });
  whenStopped(() => set(false), signal);
}

/** Calls `work` when the browser stops loading the next page, or comes back from it. */
function whenStopped(work: () => void, signal: AbortSignal) {
  addEventListener("pageshow", work, { signal });
  // Escape stops loading in every browser.
  addEventListener("keydown", ({ key }) => key === "Escape" && work(), { signal });
  // This signal aborts with the browser's Stop button (Chromium 102, Safari 26.2, Firefox 147).
  const { navigation } = globalThis as { readonly navigation?: EventTarget };
  navigation?.addEventListener("navigate", (event) => {
    if ("signal" in event && event.signal instanceof AbortSignal) {
      event.signal.addEventListener("abort", work, { once: true, signal });
    }
  }, { signal });
}
