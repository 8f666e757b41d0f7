/** A create reaches the API once, even if Deno's own `fetch` would send it again. */
import { assert, assertEquals } from "@std/assert";
import { createLog } from "../../lib/base/mod.ts";
import { readConfig } from "../../lib/config.ts";
import { openServices } from "../../lib/services.ts";

/** Serves GET on connections that stay open. Closes the connection of everything else without a response. */
function closing(): { readonly url: string; readonly received: string[]; close(): void } {
  const received: string[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = async (connection: Deno.Conn) => {
    const bytes = new Uint8Array(65_536);
    let text = "";
    for (;;) {
      const read = await connection.read(bytes);
      if (read === null) break;
      text += new TextDecoder().decode(bytes.subarray(0, read));
      const [head = "", body] = text.split("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (body === undefined || body.length < length) continue;
      text = "";
      const method = head.slice(0, head.indexOf(" "));
      received.push(method);
      if (method !== "GET") break;
      await connection.write(
        new TextEncoder().encode("HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}"),
      );
    }
    connection.close();
  };
  const accepting = (async () => {
    for await (const connection of listener) serve(connection).catch(() => {});
  })();
  accepting.catch(() => {});
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    received,
    close: () => listener.close(),
  };
}

Deno.test("a create is sent once if the API closes a connection that was used before", async () => {
  const api = closing();
  const env = new Map([["PARALLEL_API_URL", api.url], ["KV_PATH", ":memory:"]]);
  const log = createLog({ level: "error", format: "text", write: () => {} });
  const services = await openServices(readConfig((name) => env.get(name)), log);
  try {
    const client = services.upstreams.client("key-of-a-test");
    for (let round = 0; round < 3; round++) {
      await client.retrieve("trun_0123456789abcdef0123456789abcdef");
      const { ok } = await client.create({ input: "Why?", processor: "lite" });
      assert(!ok);
    }
    assertEquals(api.received, ["GET", "POST", "GET", "POST", "GET", "POST"]);
  } finally {
    await services.close();
    api.close();
  }
});
