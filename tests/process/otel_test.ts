/** OpenTelemetry through Deno's own exporter, as an operator would switch it on. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Server } from "./server.ts";

Deno.test("with OTEL_DENO traces have routes, and metrics show the process's work", async () => {
  const paths = new Map<string, string>();
  const seen = Promise.withResolvers<void>();
  const WANTED = [
    "taskstream.recordings",
    "taskstream.viewers",
    "taskstream.requests",
    "taskstream.upstream.calls",
    "taskstream.log.appends",
    "taskstream.append.lag",
    "taskstream.kv.commits",
    "taskstream.kv.commit.duration",
    "GET /healthz",
    "POST /auth/sandbox",
  ];
  const collector = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (r) => {
      const { pathname } = new URL(r.url);
      paths.set(pathname, (paths.get(pathname) ?? "") + await r.text());
      const text = [...paths.values()].join();
      const missing = WANTED.filter((name) => !text.includes(`"${name}"`));
      if (missing.length === 0) seen.resolve();
      // On a busy machine the exporter gives up a batch of spans, so they are asked for until they arrive.
      else if (pathname === "/v1/metrics") await visit(missing);
      return Response.json({});
    },
  );
  const origin = Promise.withResolvers<string>();
  const visit = async (spans: readonly string[]) => {
    const url = await origin.promise;
    if (spans.includes("GET /healthz")) await (await fetch(`${url}/healthz`)).body?.cancel();
    if (!spans.includes("POST /auth/sandbox")) return;
    const response = await fetch(`${url}/auth/sandbox`, {
      method: "POST",
      headers: { "sec-fetch-site": "same-origin" },
      body: new URLSearchParams({ next: "/" }),
      redirect: "manual",
    });
    await response.body?.cancel();
  };
  try {
    await using server = await Server.start({
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_METRIC_EXPORT_INTERVAL: "200",
      OTEL_BSP_SCHEDULE_DELAY: "100",
      SANDBOX_SPEED: "20",
    });
    origin.resolve(server.url);
    const created = await fetch(`${server.url}/api/v1/tasks/runs`, {
      method: "POST",
      headers: { "x-api-key": "sandbox-otel", "content-type": "application/json" },
      body: JSON.stringify({ input: "x", processor: "lite" }),
    });
    assertStrictEquals(created.status, 202);
    await created.body?.cancel();
    await seen.promise;
    assertEquals([...paths.keys()].sort(), ["/v1/metrics", "/v1/traces"].sort());
    const everything = [...paths.values()].join();
    assert(!everything.includes("sandbox-otel"), "no key in any span");
    // Deno may wait forever at its exit for an export in progress (docs/operate/monitor.md).
    await server.stop("SIGKILL");
  } finally {
    await collector.shutdown();
  }
});
