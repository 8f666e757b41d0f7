/** What a request gets while the store does not answer. */
import { isStoreAway } from "../kv/connection.ts";
import { apiError } from "../proxy/mod.ts";
import { SAFE_METHODS } from "./origin.ts";
import { plainPage } from "./plain_page.ts";

/** When to ask again (s): a store that restarts is back in a few seconds. */
const RETRY_AFTER_S = 5;

/** A 503 for a request that failed since the store is away; `null` where it failed otherwise. */
export function storeAwayResponse(error: unknown, request: Request, ref: string): Response | null {
  if (!isStoreAway(error)) return null;
  if (new URL(request.url).pathname.startsWith("/api/")) {
    const headers = { "retry-after": `${RETRY_AFTER_S}` };
    return apiError(503, `The database of this instance does not answer. ${KEPT}`, headers, ref);
  }
  return plainPage(request, {
    status: 503,
    title: "The database does not answer",
    words: `${KEPT} ${SAFE_METHODS.has(request.method) ? RELOADS : POSTED}`,
    retryAfterSeconds: RETRY_AFTER_S,
  });
}

const KEPT =
  "Runs in progress are still recorded: new events stay in memory until the database is back.";
const RELOADS = `This page tries again every ${RETRY_AFTER_S} seconds.`;
const POSTED =
  "What you sent may not have been saved. Go back in your browser and send it again in a moment.";
