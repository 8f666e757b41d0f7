/** Lets a page load itself anew without taking its reader back from a link that they have just followed. */

/** How long another page may take to come (ms). After a download the reader is still here. */
const LEAVING_MS = 10_000;

/** Returns a function that loads the page anew with `load`: now, or if the reader stays after all. */
export function watchDeparture(signal: AbortSignal): (load: () => void) => void {
  let leftMs = -LEAVING_MS;
  addEventListener("beforeunload", () => leftMs = performance.now(), { signal });
  return function reload(load) {
    const waitMs = leftMs + LEAVING_MS - performance.now();
    if (waitMs <= 0) load();
    else setTimeout(reload, waitMs, load);
  };
}
