import { HttpError } from "fresh";
import { Head } from "fresh/runtime";
import { ErrorPage } from "../components/ErrorPage.tsx";
import { define } from "../lib/state.ts";

/** For what goes wrong outside the middlewares; the rest is rendered by `_middleware.tsx`. */
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
