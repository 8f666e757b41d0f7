/**
 * Our side of the comparison, in its own process: builds in memory, prints its port.
 */
import { Builder } from "fresh/dev";
import { app } from "./app/main.ts";

const attach = await new Builder({ root: `${import.meta.dirname}/app` }).build({
  snapshot: "memory",
});
attach(app);
Deno.serve({
  port: 0,
  hostname: "127.0.0.1",
  onListen: ({ port }) => void Deno.stdout.writeSync(new TextEncoder().encode(`${port}\n`)),
}, app.handler());
