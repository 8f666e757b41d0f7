/** The latest runs beside the form, while one of them is under way. */
import { drawing } from "../drawing.ts";

/** How often the server is asked; who wants every step is on the run's own page (ms). */
const LOOK_MS = 5_000;

/**
 * Has the server draw them again while one is under way and the page is looked at, until the signal ends
 * it. A stream would tell sooner, but hold one of the few connections that a browser opens to a host for
 * a margin, and cost the page 7 KB of script.
 */
export function followLatest(signal: AbortSignal): void {
  const place = document.getElementById("latest-runs");
  let asking = false;
  const draw = drawing(signal, (page) => {
    asking = false;
    const drawn = page?.getElementById("latest-runs");
    if (drawn) place?.replaceChildren(...drawn.childNodes);
    else place?.querySelector("[data-lost]")?.removeAttribute("hidden");
  });
  const look = () => {
    const isActive = place?.querySelector("[data-active]");
    // Whoever stands on one of its links stays there.
    if (!isActive || asking || document.hidden || place?.contains(document.activeElement)) return;
    asking = true;
    draw("/");
  };
  const looking = setInterval(look, LOOK_MS);
  signal.addEventListener("abort", () => clearInterval(looking), { once: true });
  document.addEventListener("visibilitychange", look, { signal });
}
