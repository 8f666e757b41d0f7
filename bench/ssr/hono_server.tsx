/**
 * The peer, in its own process: Hono and preact-render-to-string and nothing else, giving the
 * same HTML from the same components, the document included.
 */
import { Hono } from "hono";
import { Fragment, h } from "preact";
import { renderToString } from "preact-render-to-string";
import Filter from "./app/islands/Filter.tsx";
import { ROWS } from "./rows.ts";
import { Table } from "./table.tsx";

/** What a page with an island needs besides: chunks to preload, boot script, the island's data. */
const [preloads = "", script = "", data = ""] = Deno.args;

function comment(text: string) {
  const props: Record<string, string> = { UNSTABLE_comment: text, key: "" };
  return h(Fragment, props);
}

/** The island between the comments that a browser would find it by. */
function Island() {
  return h(Fragment, null, [comment("i:0"), h(Filter, { total: ROWS.length }), comment("/i")]);
}

function Document() {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>Tasks</title>
        <link rel="stylesheet" href="/style.css" />
        {preloads.split(" ").map((url) => <link key={url} rel="modulepreload" href={url} />)}
        <script type="module" src={script}></script>
      </head>
      <body>
        <main>
          <h1>Tasks</h1>
          <Island />
          <Table rows={ROWS} />
        </main>
        {/* deno-lint-ignore react-no-danger */}
        <script type="application/json" id="__FRSH" dangerouslySetInnerHTML={{ __html: data }} />
      </body>
    </html>
  );
}

const hono = new Hono();
hono.get("/", (c) => c.html("<!DOCTYPE html>" + renderToString(<Document />)));

Deno.serve({
  port: 0,
  hostname: "127.0.0.1",
  onListen: ({ port }) => void Deno.stdout.writeSync(new TextEncoder().encode(`${port}\n`)),
}, hono.fetch);
