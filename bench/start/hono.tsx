/**
 * The peer: a page of Hono and preact-render-to-string and nothing else, in its own process.
 */
import { Hono } from "hono";
import { renderToString } from "preact-render-to-string";

const app = new Hono();
app.get("/", (c) =>
  c.html(
    "<!DOCTYPE html>" + renderToString(
      <html lang="en">
        <head>
          <title>Tasks</title>
        </head>
        <body>
          <h1>Tasks</h1>
        </body>
      </html>,
    ),
  ));

Deno.serve({
  port: Number(Deno.env.get("PORT") ?? 0),
  hostname: "127.0.0.1",
  onListen: ({ port }) => {
    Deno.stdout.writeSync(new TextEncoder().encode(`http://127.0.0.1:${port}\n`));
  },
}, app.fetch);
