/**
 * Searches a live run's trace while one types, and what comes later too. Loaded when somebody searches;
 * without it the box's form asks the server.
 */

/**
 * Shows the rows of `trace` that say what is in `box`, until the signal ends it. The first `known` of them
 * the server rendered.
 */
export function findInTrace(
  box: HTMLInputElement,
  trace: HTMLElement,
  known: number,
  signal: AbortSignal,
) {
  // Searched by the server: what it did not find is not here, and what it found need not be looked at.
  const isPart = box.defaultValue !== "";
  const filter = (rows: Iterable<Node>) => {
    const wanted = (isPart ? box.defaultValue : box.value).trim().toLowerCase();
    for (const row of rows) {
      if (row instanceof HTMLElement) {
        row.hidden = !row.textContent.toLowerCase().includes(wanted);
      }
    }
    const said = document.getElementById("found");
    if (isPart || said === null) return;
    const found = trace.querySelectorAll(":scope > :not([hidden])").length;
    said.textContent = wanted && `${found} of ${trace.childElementCount}`;
  };
  const later = new MutationObserver((changes) => {
    if (isPart || box.value !== "") filter(changes.flatMap(({ addedNodes }) => [...addedNodes]));
  });
  later.observe(trace, { childList: true });
  signal.addEventListener("abort", () => later.disconnect(), { once: true });
  if (isPart) {
    filter([...trace.children].slice(known));
    // The cross in the box takes the search back.
    box.addEventListener("search", () => {
      if (box.value === "") location.assign(`${location.pathname}#trace`);
    }, { signal });
    return;
  }
  const all = () => filter(trace.children);
  box.addEventListener("input", all, { signal });
  box.form?.addEventListener("submit", (event) => {
    event.preventDefault();
    all();
  }, { signal });
  all();
}
