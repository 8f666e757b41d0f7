/**
 * Catches errors outside of pages: in a middleware, in the store while a session is looked up, or in an
 * error page. Security headers and the request's log line still apply.
 */
import { HttpError } from "fresh";
import { reasonOf } from "../base/mod.ts";
import { apiError, isForPrograms } from "../proxy/mod.ts";
import { define } from "../state.ts";
import { plainPage, storeAwayResponse } from "./plain_page.ts";

/** Logs the whole error. The client gets a reference to the log line. */
export const lastResort = define.middleware(async (ctx) => {
  try {
    return await ctx.next();
  } catch (error) {
    const { requestId, services } = ctx.state;
    const away = storeAwayResponse(error, ctx.req, requestId);
    if (away !== null) return away;
    const status = error instanceof HttpError ? error.status : 500;
    if (status >= 500) {
      const stack = error instanceof Error ? error.stack : undefined;
      services.log("error", "request failed", { id: requestId, reason: reasonOf(error), stack });
      // In development the framework shows the error itself.
      if (ctx.config.mode === "development") throw error;
    }
    if (isForPrograms(ctx.url.pathname)) {
      return apiError(
        status,
        "Internal error: Taskstream’s log has an entry with this ref_id",
        {},
        requestId,
      );
    }
    return plainPage(ctx.req, {
      status,
      title: "Something went wrong",
      // The store may have failed, so the page must not promise that runs are recorded.
      words: status >= 500
        ? `The error is on our side. Reload the page. If it happens again, look for reference ${requestId} in the log.`
        : `The server responded with status ${status}.`,
    });
  }
});
