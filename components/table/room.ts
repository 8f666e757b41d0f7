/** Room for figures that grow while one watches: what stands beside them must not move. Pure. */

/** A tenth of a cent (US dollars): with it, dollars are as long as they may be. */
export const MILL = 0.001;

/**
 * As many spaces as the figure lacks to be as wide as `most`: spaces as wide as a digit, or as a comma. They
 * belong into one text with the figure, which then begins at the same place however long it is.
 */
export function room(isLive: boolean, figure: string, most: string): string {
  return isLive
    ? most.slice(0, -figure.length).replace(/[^,]/g, "\u2007").replace(/,/g, "\u2008")
    : "";
}
