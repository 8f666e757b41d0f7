/** Has the server draw again what stands beside a live list: its sums, and what an empty list says. */
import { drawing } from "../../../components/drawing.ts";

/** The parts of the page, by id. What somebody types is in none of them. */
const PARTS = ["figures", "taken", "empty"];
/** Changes that come together are one reason (ms). */
const PATIENCE_MS = 1_000;

/** Asks for the page again soon after each call, until the signal ends it. */
export function redrawing(signal: AbortSignal): () => void {
  const draw = drawing(signal, (page) => {
    for (const id of PARTS) {
      const drawn = page?.getElementById(id);
      if (drawn) document.getElementById(id)?.replaceChildren(...drawn.childNodes);
    }
  });
  let waiting: ReturnType<typeof setTimeout> | undefined;
  signal.addEventListener("abort", () => clearTimeout(waiting));
  return () => {
    waiting ??= setTimeout(() => {
      waiting = undefined;
      draw(location.href);
    }, PATIENCE_MS);
  };
}
