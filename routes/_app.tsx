import { asset } from "fresh/runtime";
import { define } from "../lib/state.ts";

export default define.page(function App({ Component, state }) {
  // Error pages may render before any middleware has set the state.
  const theme = state.theme ?? "system";
  return (
    <html lang="en" data-theme={theme === "system" ? undefined : theme}>
      <head>
        {/* Before anything is painted, so that what only a script can use does not move the page. */}
        {/* deno-lint-ignore react-no-danger */}
        <script
          dangerouslySetInnerHTML={{ __html: "document.documentElement.dataset.script=''" }}
        />
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content={theme === "system" ? "light dark" : theme} />
        <title>Taskstream</title>
        {/* For search engines, which have no account. */}
        {!state.account && <meta name="description" content={DESCRIPTION} />}
        <link rel="icon" href={asset("/favicon.svg")} />
        {/* Paint when what follows the content is there: toolbars and rows in pieces would move. */}
        <link rel="expect" href="#announce" {...BLOCKING} />
        <link rel="stylesheet" href={asset("/styles.css")} />
        <link rel="stylesheet" href={asset("/print.css")} media="print" />
        <script type="module" src={asset("/page.js")}></script>
      </head>
      <body>
        <Component />
      </body>
    </html>
  );
});

const DESCRIPTION =
  "Create web-research tasks on Parallel's Task API, watch them live, and keep every " +
  "trace and cited result.";

/** An attribute that Preact's types of `<link>` leave out. */
const BLOCKING = { blocking: "render" };
