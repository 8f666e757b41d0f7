import { asset } from "fresh/runtime";
import { define } from "../define.ts";

export default define.page(function App({ Component, state, url }) {
  return (
    <html lang="en" data-path={url.pathname} data-steps={state.steps?.join()}>
      <head>
        <meta charset="utf-8" />
        <title>Site</title>
        <link rel="stylesheet" href={asset("/style.css")} />
        <script type="module" src={asset("/page.js")}></script>
      </head>
      <body>
        <Component />
      </body>
    </html>
  );
});
