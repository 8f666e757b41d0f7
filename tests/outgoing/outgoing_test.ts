/** Outgoing requests: what is sent, how much of a response is read, and when it is abandoned. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { Outgoing, type OutgoingOptions } from "../../lib/outgoing/mod.ts";

const HOST = "hooks.example.test";
const TLS = new URL("tls/", import.meta.url);
const pem = (name: string) => Deno.readTextFileSync(new URL(name, TLS));

/** Requests to a server on this machine, by a name that is allowed. */
async function withServer(
  handler: Deno.ServeHandler,
  test: (outgoing: Outgoing, port: number) => Promise<void>,
  options: Partial<OutgoingOptions> & { readonly tls?: boolean } = {},
): Promise<void> {
  const server = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen: () => {},
    ...options.tls && { cert: pem(`${HOST}.pem`), key: pem(`${HOST}.key`) },
  }, handler);
  const outgoing = new Outgoing({
    allowed: { hosts: new Set([HOST, "other.example.test"]), nets: [] },
    resolve: () => Promise.resolve(["127.0.0.1"]),
    ...options,
  });
  try {
    await test(outgoing, (server.addr as Deno.NetAddr).port);
  } finally {
    await server.shutdown();
  }
}

Deno.test("a request arrives unchanged, with its length and host name", () =>
  withServer(async (request) => {
    const { method, headers } = request;
    return Response.json([
      method,
      new URL(request.url).pathname + new URL(request.url).search,
      headers.get("host")?.split(":")[0],
      headers.get("x-one"),
      headers.get("content-length"),
      await request.text(),
    ]);
  }, async (outgoing, port) => {
    const url = `http://${HOST}:${port}/a/b?c=d%20e`;
    const answer = await outgoing.post({ url, headers: { "x-one": "1" }, body: "schön" });
    const text = JSON.stringify(["POST", "/a/b?c=d%20e", HOST, "1", "6", "schön"]);
    assertEquals(answer, { kind: "answered", status: 200, text, retryAfterMs: null });
  }));

Deno.test("TLS needs a trusted certificate for the host", () =>
  withServer(() => new Response("hello"), async (outgoing, port) => {
    const post = (from: Outgoing, host: string) =>
      from.post({ url: `https://${host}:${port}/`, headers: {}, body: "" });
    assertStrictEquals((await post(outgoing, HOST)).kind, "answered");
    const wrong = {
      kind: "failed",
      reason: "The host’s certificate is not valid for it.",
    } as const;
    assertEquals(await post(outgoing, "other.example.test"), wrong);
    const strict = new Outgoing({
      allowed: { hosts: new Set([HOST]), nets: [] },
      resolve: () => Promise.resolve(["127.0.0.1"]),
    });
    assertEquals(await post(strict, HOST), wrong);
  }, { tls: true, ca: pem("ca.pem") }));

Deno.test("only the start of a long response is read, without control characters", () => {
  const cancelled = Promise.withResolvers<void>();
  const chunk = new TextEncoder().encode("a\u0000b\u202ec\r\n".repeat(200));
  return withServer(
    () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(chunk),
          cancel: () => cancelled.resolve(),
        }),
        { headers: { "retry-after": "120" }, status: 429 },
      ),
    async (outgoing, port) => {
      const url = `http://${HOST}:${port}/`;
      const answer = await outgoing.post({ url, headers: {}, body: "" });
      assertStrictEquals(answer.kind, "answered");
      if (answer.kind !== "answered") return;
      assertEquals([answer.status, answer.text.length, answer.retryAfterMs], [429, 300, 120_000]);
      assertStrictEquals(answer.text.startsWith("a b c a b c"), true, answer.text.slice(0, 20));
      await cancelled.promise;
    },
  );
});

Deno.test("a request times out after ten seconds and closes its connection", () => {
  const gone = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const waiting: { run: () => void; ms: number }[] = [];
  const timers = {
    setTimeout: (run: () => void, ms: number) => waiting.push({ run, ms }),
    clearTimeout: () => {},
  };
  return withServer(
    async (request) => {
      request.signal.addEventListener("abort", () => gone.resolve());
      arrived.resolve();
      await gone.promise;
      return new Response("late");
    },
    async (outgoing, port) => {
      const answer = outgoing.post({ url: `http://${HOST}:${port}/`, headers: {}, body: "" });
      await arrived.promise;
      assertEquals(waiting.map(({ ms }) => ms), [10_000]);
      waiting[0]!.run();
      const reason = "No response within 10 s.";
      assertEquals(await answer, { kind: "failed", reason });
      await gone.promise;
    },
    { timers },
  );
});

Deno.test("a broken or refused connection counts as no response", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const outgoing = new Outgoing({ allowed: { hosts: new Set(["127.0.0.1"]), nets: [] } });
  const post = () => outgoing.post({ url: `http://127.0.0.1:${port}/`, headers: {}, body: "" });
  const accepted = listener.accept().then((connection) => connection.close());
  assertStrictEquals((await post()).kind, "failed");
  await accepted;
  listener.close();
  assertEquals(await post(), { kind: "failed", reason: "The host refused the connection." });
});

Deno.test("every address of a host is tried", () =>
  withServer(() => new Response("ok"), async (outgoing, port) => {
    const url = `http://${HOST}:${port}/`;
    assertStrictEquals((await outgoing.post({ url, headers: {}, body: "" })).kind, "answered");
  }, { resolve: () => Promise.resolve(["::1", "127.0.0.1"]) }));

/** Accepts connections, answers the first request of each, and closes one that is used again. */
async function oncePerConnection(test: (port: number) => Promise<void>): Promise<string[]> {
  const requests: string[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = async (connection: Deno.Conn) => {
    using _ = connection;
    const buffer = new Uint8Array(4_096);
    for (let isUsed = false;; isUsed = true) {
      const read = await connection.read(buffer);
      if (read === null) return;
      requests.push(new TextDecoder().decode(buffer.subarray(0, read)).split("\r\n", 1)[0] ?? "");
      if (isUsed) return;
      await connection.write(
        new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
      );
    }
  };
  const serving = (async () => {
    for await (const connection of listener) serve(connection).catch(() => {});
  })().catch(() => {});
  await test((listener.addr as Deno.NetAddr).port);
  listener.close();
  await serving;
  return requests;
}

Deno.test("each delivery has its own connection, so a closed one never sends it twice", async () => {
  const requests = await oncePerConnection(async (port) => {
    const outgoing = new Outgoing({ allowed: { hosts: new Set(["127.0.0.1"]), nets: [] } });
    for (const n of [1, 2, 3]) {
      const url = `http://127.0.0.1:${port}/${n}`;
      assertStrictEquals((await outgoing.post({ url, headers: {}, body: "x" })).kind, "answered");
    }
  });
  assertEquals(requests, ["POST /1 HTTP/1.1", "POST /2 HTTP/1.1", "POST /3 HTTP/1.1"]);
});
