/** The latency's peer: a bare pass-through proxy, one upstream connection a viewer. */
const [upstream = ""] = Deno.args;

Deno.serve({
  port: 0,
  hostname: "127.0.0.1",
  onListen: ({ port }) => {
    Deno.stdout.writeSync(new TextEncoder().encode(`http://127.0.0.1:${port}\n`));
  },
}, async (request) => {
  const { body } = await fetch(upstream + new URL(request.url).pathname);
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
});
