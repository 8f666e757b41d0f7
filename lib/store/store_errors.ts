/** What the errors of a store that is far away mean. */

/** The store did not answer in time, or does not serve for now. */
export class StoreAwayError extends Error {
  override name = "StoreAwayError";
}

/** Whether an error, or what caused it, is that the store is away. */
export function isStoreAway(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof StoreAwayError) return true;
  }
  return false;
}

/** The store answers a look, and takes no writes for now. */
export class RefusedError extends Error {
  override name = "RefusedError";
}

/** Whether the client's error says that the store is there and does not serve for now. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error &&
    /(?:Reads|Writes) are disabled|\(status=(?:408|425|429|5\d\d)\b/.test(error.message);
}

/** Whether the store gives the connection no token any more. */
export function isDisowned(error: unknown): boolean {
  return error instanceof Error && error.message.includes("Failed to fetch metadata");
}

/** The first line of an error. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}
