import { Header } from "../components/Header.tsx";
import { KeyNotice, RefusedNotice } from "./(_parts)/Notices.tsx";
import { define } from "../lib/state.ts";

export default define.layout(function Layout({ Component, req, state, url }) {
  // A rejected task is shown in the form, at the URL it was posted to.
  const refused = req.method === "POST" && url.pathname === "/tasks";
  // A callback's URL contains its response, so do not return to it.
  const callback = url.pathname.startsWith("/auth/");
  const account = state.account ?? null;
  const refusedMs = account?.refusedMs ?? null;
  const now = Date.now();
  return (
    <>
      <a href="#main" class="skip">Skip to the content</a>
      <Header
        account={account}
        theme={state.theme ?? "system"}
        here={refused || callback ? "/" : url.pathname + url.search}
      />
      <main id="main" class="page" tabIndex={-1}>
        {refusedMs !== null && <RefusedNotice since={refusedMs} now={now} />}
        {account !== null && state.keyNotice && <KeyNotice keys={state.keyNotice} now={now} />}
        <Component />
      </main>
      <p id="announce" role="status" class="sr-only"></p>
    </>
  );
});
