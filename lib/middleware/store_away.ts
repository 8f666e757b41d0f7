/** What a request gets while the store does not answer. */
import { StoreAwayError } from "../kv/connection.ts";
import { apiError } from "../proxy/mod.ts";
import { plainPage } from "./plain_page.ts";

/** When to ask again (s): a store that restarts is back in a few seconds. */
const RETRY_AFTER_S = 5;

/** A 503 for a request that failed since the store is away; `null` where it failed otherwise. */
export function storeAwayResponse(error: unknown, pathname: string, ref: string): Response | null {
  if (!isStoreAway(error)) return null;
  const headers = { "retry-after": `${RETRY_AFTER_S}` };
  if (pathname.startsWith("/api/")) {
    return apiError(503, `The store of this instance does not answer. ${KEPT}`, headers, ref);
  }
  return plainPage(
    "The database does not answer",
    `${KEPT} Nothing is lost by waiting: load this page again in a few seconds.`,
    { status: 503, headers },
  );
}

const KEPT =
  "Runs that are under way are still recorded: what arrives is kept in memory and written when the " +
  "database is back.";

/** Whether an error, or what caused it, is that the store is away. */
export function isStoreAway(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof StoreAwayError) return true;
  }
  return false;
}
