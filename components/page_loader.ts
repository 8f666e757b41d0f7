/** Re-renders pages on the server, for scripts that update a part of one. */

/**
 * Creates a function that requests a page, and aborts an earlier request in progress. `onLoaded` gets the
 * page, or `null` if it is unavailable. After the signal nothing is requested or reported.
 */
export function pageLoader(
  signal: AbortSignal,
  onLoaded: (page: Document | null) => void,
): (url: string) => void {
  // The page's policy forbids scripts to turn text into elements. This requests elements.
  const request = new XMLHttpRequest();
  request.responseType = "document";
  request.onloadend = () => {
    if (!signal.aborted) onLoaded(request.responseXML);
  };
  signal.addEventListener("abort", () => request.abort(), { once: true });
  return (url) => {
    request.open("GET", url);
    request.send();
  };
}
