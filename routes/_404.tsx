import { Head } from "fresh/runtime";
import { define } from "../lib/state.ts";

export default define.page(function NotFound({ url, state }) {
  return (
    <>
      <Head>
        <title>Not found · Taskstream</title>
      </Head>
      <h1>There is nothing at this address</h1>
      <p class="mt-2 max-w-[60ch]">
        <code>{url.pathname}</code>{" "}
        is no page, or no run of the account you are signed in with. A run can be seen by the
        account that created it.
      </p>
      <p class="mt-4">
        {state.account
          ? <a href="/tasks">Your tasks</a>
          : <a href={`/?${new URLSearchParams({ next: url.pathname })}`}>Sign in</a>} or{" "}
        <a href="/">the front page</a>.
      </p>
    </>
  );
});
