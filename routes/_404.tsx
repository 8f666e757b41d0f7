import { page } from "fresh";
import { Head } from "fresh/runtime";
import { NotFoundPage } from "../components/NotFoundPage.tsx";
import { define } from "../lib/state.ts";

/**
 * Without a handler that says so, Fresh 2.3.3 answers 200 (src/segments.ts, renderRoute): it renders
 * this page for every 404 thrown below a nested segment. Those above are rendered by `_middleware.tsx`.
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
