import { Header } from "../components/Header.tsx";
import { define } from "../lib/state.ts";

export default define.layout(function Layout({ Component, state, url }) {
  return (
    <>
      <a href="#main" class="skip">Skip to the content</a>
      <Header
        account={state.account ?? null}
        theme={state.theme ?? "system"}
        here={url.pathname + url.search}
      />
      <main id="main" class="page pt-6 pb-16" tabIndex={-1}>
        <Component />
      </main>
      <p id="announce" role="status" class="sr-only"></p>
    </>
  );
});
