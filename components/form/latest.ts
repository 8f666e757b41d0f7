/** Refreshes the latest runs beside the form while one of them is in progress. */
import { pageLoader } from "../page_loader.ts";

/** Interval between requests (ms). The page of a run shows every step; this list need not. */
const LOOK_MS = 5_000;

/**
 * Asks the server for the list again while a run is in progress and the page is visible, until the signal
 * aborts. A stream would be faster, but it would hold one of the few connections that a browser opens to a
 * host, and cost 7 KB of script.
 */
export function followLatest(signal: AbortSignal): void {
  const place = document.getElementById("latest-runs");
  let asking = false;
  const load = pageLoader(signal, (page) => {
    asking = false;
    const loaded = page?.getElementById("latest-runs");
    if (loaded) place?.replaceChildren(...loaded.childNodes);
    else place?.querySelector("[data-lost]")?.removeAttribute("hidden");
  });
  const look = () => {
    const isActive = place?.querySelector("[data-active]");
    // Do not replace a link that has the focus.
    if (!isActive || asking || document.hidden || place?.contains(document.activeElement)) return;
    asking = true;
    load("/");
  };
  const looking = setInterval(look, LOOK_MS);
  signal.addEventListener("abort", () => clearInterval(looking), { once: true });
  document.addEventListener("visibilitychange", look, { signal });
  if (place) place.dataset.followed = "";
}
