/**
 * Searches a live run's trace while one types, and what comes later too. Loaded when somebody searches;
 * without it the box's form asks the server.
 */

/** Shows the rows that say what is in the box, until the signal ends it. */
export function findInTrace(signal: AbortSignal): void {
  const box = document.querySelector<HTMLInputElement>("#find");
  const trace = document.getElementById("trace");
  const said = document.getElementById("found");
  if (box === null || trace === null || said === null) return;
  // Searched by the server: what it did not find is not here, and what it found need not be looked at.
  const isPart = box.defaultValue !== "";
  const known = Number(said.dataset.of);
  const filter = (rows: Iterable<Node>) => {
    const wanted = (isPart ? box.defaultValue : box.value).trim().toLowerCase();
    for (const row of rows) {
      if (!(row instanceof HTMLElement) || (isPart && Number(row.id.slice(1)) <= known)) continue;
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    }
    if (isPart) return;
    const found = trace.querySelectorAll(":scope > :not([hidden])").length;
    said.textContent = wanted && `${found} of ${trace.childElementCount}`;
  };
  const later = new MutationObserver((changes) => {
    if (isPart || box.value !== "") {
      filter(changes.flatMap(({ addedNodes }) => [...addedNodes]));
    }
  });
  later.observe(trace, { childList: true });
  signal.addEventListener("abort", () => later.disconnect(), { once: true });
  const all = () => filter(trace.children);
  all();
  if (isPart) {
    // The cross in the box takes the search back.
    box.addEventListener("search", () => {
      if (box.value === "") location.assign(`${location.pathname}#trace`);
    }, { signal });
    return;
  }
  box.addEventListener("input", all, { signal });
  box.form?.addEventListener("submit", (event) => {
    event.preventDefault();
    all();
  }, { signal });
}
