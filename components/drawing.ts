/** Pages drawn again by the server, for scripts that change a part of one. */

/**
 * Makes a function that asks the server for a page; one that is still on its way is given up. `onDrawn`
 * gets the page, or `null` where there is none to be had. Nothing is asked or told after the signal.
 */
export function drawing(
  signal: AbortSignal,
  onDrawn: (page: Document | null) => void,
): (url: string) => void {
  // The page's policy lets no script turn text into elements; this asks for elements.
  const request = new XMLHttpRequest();
  request.responseType = "document";
  request.onloadend = () => {
    if (!signal.aborted) onDrawn(request.responseXML);
  };
  signal.addEventListener("abort", () => request.abort(), { once: true });
  return (url) => {
    request.open("GET", url);
    request.send();
  };
}
