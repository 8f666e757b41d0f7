/** Re-renders on the server the surroundings of a live list, and its batches, which its stream does not report. */
import { pageLoader } from "../../../components/page_loader.ts";
import type { BatchSummary } from "../../../lib/batches/mod.ts";

/** The parts of the page, by ID. None of them contains a text field. */
const PARTS = ["presets", "sums-line", "figures", "taken", "empty"];
/** Changes within this time cause one redraw (ms). */
const PATIENCE_MS = 1_000;

/** Requests the page again soon after each call, until the signal aborts. `onBatches` gets its batches. */
export function createRedraw(
  signal: AbortSignal,
  onBatches: (batches: readonly BatchSummary[]) => void,
): () => void {
  const load = pageLoader(signal, (page) => {
    for (const id of PARTS) {
      const loaded = page?.getElementById(id);
      if (loaded) document.getElementById(id)?.replaceChildren(...loaded.childNodes);
    }
    const batches = page?.getElementById("batches")?.dataset.batches;
    if (batches !== undefined) onBatches(JSON.parse(batches));
  });
  let waiting: ReturnType<typeof setTimeout> | undefined;
  signal.addEventListener("abort", () => clearTimeout(waiting));
  return () => {
    waiting ??= setTimeout(() => {
      waiting = undefined;
      load(location.href);
    }, PATIENCE_MS);
  };
}
