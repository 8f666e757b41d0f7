/**
 * The peer, in a process of its own: Hono and preact-render-to-string and nothing else, giving the
 * HTML that it is handed (the tags of our build around the same components).
 */
import { Hono } from "hono";
import { Fragment, h } from "preact";
import { renderToString } from "preact-render-to-string";
import Filter from "./app/islands/Filter.tsx";
import { ROWS } from "./rows.ts";
import { Table } from "./table.tsx";

/** What our framework adds: preloads and boot script for the head, the island's data for the body. */
const [head = "", data = ""] = Deno.args;

function comment(text: string) {
  const props: Record<string, string> = { UNSTABLE_comment: text, key: "" };
  return h(Fragment, props);
}

/** The island between the comments that a browser would find it by. */
function Island() {
  return h(Fragment, null, [comment("i:0"), h(Filter, { total: ROWS.length }), comment("/i")]);
}

function Page() {
  return (
    <main>
      <h1>Tasks</h1>
      <Island />
      <Table rows={ROWS} />
    </main>
  );
}

const START = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"/>' +
  '<meta name="viewport" content="width=device-width"/><title>Tasks</title>' +
  `<link rel="stylesheet" href="/style.css"/>${head}</head><body>`;
const END = `${data}</body></html>`;

const hono = new Hono();
hono.get("/", (c) => c.html(START + renderToString(<Page />) + END));

Deno.serve({
  port: 0,
  hostname: "127.0.0.1",
  onListen: ({ port }) => void Deno.stdout.writeSync(new TextEncoder().encode(`${port}\n`)),
}, hono.fetch);
