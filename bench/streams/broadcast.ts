/** The fan-out's peer: a bare `Deno.serve` that reads one upstream and sends every chunk to all viewers. */
const [upstream = ""] = Deno.args;
const viewers = new Set<ReadableStreamDefaultController<Uint8Array>>();
const response = await fetch(upstream);

Deno.serve({
  port: 0,
  hostname: "127.0.0.1",
  onListen: ({ port }) => {
    Deno.stdout.writeSync(new TextEncoder().encode(`http://127.0.0.1:${port}\n`));
  },
}, () => {
  let own: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => void viewers.add(own = controller),
    cancel: () => void (own && viewers.delete(own)),
  });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    },
  });
});

for await (const chunk of response.body ?? []) {
  for (const viewer of viewers) viewer.enqueue(chunk);
}
