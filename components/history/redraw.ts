/** Has the server draw again what stands beside a live list: its sums, and what an empty list says. */

/** The parts of the page, by id. What somebody types is in none of them. */
const PARTS = ["figures", "taken", "empty"];
/** Changes that come together are one reason (ms). */
const PATIENCE_MS = 1_000;

/** Asks for the page again soon after each call, until the signal ends it. */
export function redrawing(signal: AbortSignal): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  signal.addEventListener("abort", () => clearTimeout(waiting));
  return () => {
    waiting ??= setTimeout(() => {
      waiting = undefined;
      // The page's policy lets no script turn text into elements; this asks for elements.
      const request = new XMLHttpRequest();
      request.responseType = "document";
      request.onload = () => {
        for (const id of PARTS) {
          const drawn = request.responseXML?.getElementById(id);
          if (drawn) document.getElementById(id)?.replaceChildren(...drawn.childNodes);
        }
      };
      signal.addEventListener("abort", () => request.abort());
      request.open("GET", location.href);
      request.send();
    }, PATIENCE_MS);
  };
}
