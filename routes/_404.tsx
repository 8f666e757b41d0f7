import { page } from "fresh";
import { Head } from "fresh/runtime";
import { NotFoundPage } from "../components/NotFoundPage.tsx";
import { define } from "../lib/state.ts";

/**
 * Without a handler that sets the status, Fresh 2.3.3 responds with 200 (src/segments.ts, renderRoute) when
 * it renders this page for a 404 thrown below a nested segment. `_middleware.tsx` renders those above.
 */
export const handler = () => page(undefined, { status: 404 });

export default define.page(function NotFound({ url, state }) {
  return (
    <>
      <Head>
        <title>Not found · Taskstream</title>
      </Head>
      <NotFoundPage path={url.pathname} signedIn={(state.account ?? null) !== null} />
    </>
  );
});
