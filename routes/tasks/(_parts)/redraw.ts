/** Re-renders on the server what surrounds a live list: its figures, and the message of an empty list. */
import { drawing } from "../../../components/drawing.ts";

/** The parts of the page, by ID. None of them contains a text field. */
const PARTS = ["figures", "taken", "empty"];
/** Changes within this time cause one redraw (ms). */
const PATIENCE_MS = 1_000;

/** Requests the page again soon after each call, until the signal aborts. */
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
