/** Answers requests while the store does not answer. */
import { isStoreAway } from "../store/mod.ts";
import { apiError } from "../proxy/mod.ts";
import { STORE_AWAY, STORE_AWAY_NOTICE } from "../runs/mod.ts";
import { SAFE_METHODS } from "../base/mod.ts";
import { plainPage } from "./plain_page.ts";

/** When to try again (s): a store that restarts is back in a few seconds. */
const RETRY_AFTER_S = 5;

/** A 503 for a request that failed because the store is unavailable; `null` if it failed otherwise. */
export function storeAwayResponse(error: unknown, request: Request, ref: string): Response | null {
  if (!isStoreAway(error)) return null;
  if (new URL(request.url).pathname.startsWith("/api/")) {
    const headers = { "retry-after": `${RETRY_AFTER_S}` };
    return apiError(503, STORE_AWAY_NOTICE, headers, ref);
  }
  return plainPage(request, {
    status: 503,
    title: STORE_AWAY.title,
    words: `${STORE_AWAY.kept} ${SAFE_METHODS.has(request.method) ? RELOADS : POSTED}`,
    retryAfterSeconds: RETRY_AFTER_S,
  });
}

const RELOADS = `This page tries again every ${RETRY_AFTER_S} seconds.`;
const POSTED =
  "What you sent may not have been saved. Go back in your browser and send it again in a moment.";
