import { Header } from "../components/Header.tsx";
import { define } from "../lib/state.ts";

export default define.layout(function Layout({ Component, req, state, url }) {
  // A task that was refused comes back as the form, at the address it was posted to.
  const refused = req.method === "POST" && url.pathname === "/tasks";
  return (
    <>
      <a href="#main" class="skip">Skip to the content</a>
      <Header
        account={state.account ?? null}
        theme={state.theme ?? "system"}
        here={refused ? "/" : url.pathname + url.search}
      />
      <main id="main" class="page pt-6 pb-16" tabIndex={-1}>
        <Component />
      </main>
      <p id="announce" role="status" class="sr-only"></p>
    </>
  );
});
