import { Head } from "fresh/runtime";
import { NotFoundPage } from "../components/NotFoundPage.tsx";
import { define } from "../lib/state.ts";

/** For addresses outside the middlewares; the rest is rendered by `_middleware.tsx`. */
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
