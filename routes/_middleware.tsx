/** Around every route: turns errors into pages and rejects cross-origin posts. */
import { type Context, HttpError } from "fresh";
import { Head } from "fresh/runtime";
import { ErrorPage } from "../components/ErrorPage.tsx";
import { NotFoundPage } from "../components/NotFoundPage.tsx";
import { ViewsBusyError } from "../lib/limits/mod.ts";
import { isStoreAway } from "../lib/store/mod.ts";
import { reasonOf } from "../lib/base/mod.ts";
import { acceptedKey, ownOrigin, TooManyRequests } from "../lib/middleware/mod.ts";
import { define, type State } from "../lib/state.ts";
import { SessionEndedError } from "../lib/form_body.ts";
import { signInAgain } from "./(_parts)/session_ended.ts";

/**
 * Turns errors into pages inside the app's middlewares, so that error pages carry the security headers and
 * the log records their status. `_error` and `_404` handle errors outside.
 */
const errorPages = define.middleware(async (ctx) => {
  try {
    return await ctx.next();
  } catch (error) {
    // An outer middleware responds, without rendering.
    if (isStoreAway(error)) throw error;
    if (error instanceof SessionEndedError) return signInAgain(pageBefore(ctx));
    const isBusy = error instanceof ViewsBusyError;
    const status = error instanceof HttpError ? error.status : isBusy ? 503 : 500;
    const { account, requestId, services } = ctx.state;
    if (status >= 500 && !isBusy) {
      const stack = error instanceof Error ? error.stack : undefined;
      services.log("error", "request failed", { id: requestId, reason: reasonOf(error), stack });
      // In development the framework shows the error itself.
      if (ctx.config.mode === "development") throw error;
    }
    const missing = status === 404;
    return await ctx.render(
      <>
        <Head>
          <title>{missing ? "Not found · Taskstream" : `Error ${status} · Taskstream`}</title>
        </Head>
        {missing ? <NotFoundPage path={ctx.url.pathname} signedIn={account !== null} /> : (
          <ErrorPage
            status={status}
            message={error instanceof HttpError || isBusy ? error.message : ""}
            reference={requestId}
          />
        )}
      </>,
      {
        status,
        headers: error instanceof TooManyRequests || isBusy
          ? { "retry-after": `${error.retryAfterSeconds}` }
          : {},
      },
    );
  }
});

/** The page whose form was sent, or the front page. */
function pageBefore({ req, url }: Pick<Context<State>, "req" | "url">): URL {
  const from = URL.parse(req.headers.get("referer") ?? "");
  return new URL(from?.origin === url.origin ? from.pathname + from.search : "/", url);
}

export default define.middleware([errorPages, ownOrigin, acceptedKey]);
