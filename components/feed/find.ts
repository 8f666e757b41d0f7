/**
 * Searches a live run's trace as the reader types, and the rows that arrive later. It is loaded on the first
 * search. Until then, the box's form asks the server.
 */

/** Hides the rows that do not contain the text in the box, until the signal aborts. */
export function findInTrace(signal: AbortSignal): void {
  const box = document.querySelector<HTMLInputElement>("#find");
  const trace = document.getElementById("trace");
  const result = document.getElementById("found");
  if (box === null || trace === null || result === null) return;
  // The server has searched: the page has only the rows that it found. Search only those that arrive.
  const isPart = box.defaultValue !== "";
  const known = Number(result.dataset.of);
  const filter = (rows: Iterable<Node>) => {
    const wanted = (isPart ? box.defaultValue : box.value).trim().toLowerCase();
    for (const row of rows) {
      if (!(row instanceof HTMLElement) || (isPart && Number(row.id.slice(1)) <= known)) continue;
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    }
    if (isPart) return;
    const found = trace.querySelectorAll(":scope > :not([hidden])").length;
    result.textContent = wanted && `${found} of ${trace.childElementCount}`;
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
    // The clear button in the box ends the search.
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
