import { define } from "../define.ts";

export const handler = define.handlers((ctx) => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const bytes = new TextEncoder();
  writer.write(bytes.encode("data: 1\n\n")).catch(() => {});
  ctx.req.signal.addEventListener("abort", () => writer.abort().catch(() => {}));
  writer.write(bytes.encode("data: 2\n\n")).then(() => writer.close()).catch(() => {});
  return new Response(readable, { headers: { "content-type": "text/event-stream" } });
});
