import { HttpError } from "fresh";
import { Head } from "fresh/runtime";
import { ErrorPage } from "../components/ErrorPage.tsx";
import { define } from "../lib/state.ts";

/** For errors outside the middlewares. `_middleware.tsx` renders the others. */
export default define.page(function ServerError({ error, state }) {
  const known = error instanceof HttpError ? error : null;
  const status = known?.status ?? 500;
  return (
    <>
      <Head>
        <title>{`Error ${status} · Taskstream`}</title>
      </Head>
      <ErrorPage
        status={status}
        message={known?.message ?? ""}
        reference={state.requestId ?? null}
      />
    </>
  );
});
