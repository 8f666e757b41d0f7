/** Classifies errors of a remote store. */

/** The store did not respond in time, or is temporarily unavailable. */
export class StoreAwayError extends Error {
  override name = "StoreAwayError";
}

/** Returns whether an error, or its cause, means that the store is unavailable. */
export function isStoreAway(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof StoreAwayError) return true;
  }
  return false;
}

/** The store responds to a check but does not accept writes. */
export class RefusedError extends Error {
  override name = "RefusedError";
}

/** Returns whether the client's error means that the store is up but temporarily does not serve. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error &&
    /(?:Reads|Writes) are disabled|\(status=(?:408|425|429|5\d\d)\b/.test(error.message);
}

/** Returns whether the client cannot fetch its metadata, which has the connection's token. */
export function isMetadataError(error: unknown): boolean {
  return error instanceof Error && error.message.includes("Failed to fetch metadata");
}

/** The first line of an error. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}
