/** Requests that no client library would send, byte by byte over a socket. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { type ProxyApp, withProxy } from "../proxy/proxy_app.ts";

/** How many other requests are answered before a request without an answer counts as unfinished. */
const PATIENCE = 20;

/** Sends bytes and reads until the server ends the connection. */
async function send(proxy: ProxyApp, text: string): Promise<string> {
  const connection = await Deno.connect({ port: proxy.port, hostname: "127.0.0.1" });
  const decoder = new TextDecoder("latin1");
  let answer = "";
  const reading = (async () => {
    for await (const chunk of connection.readable) answer += decoder.decode(chunk);
  })().catch(() => {});
  try {
    await connection.write(Uint8Array.from(text, (char) => char.charCodeAt(0)));
    for (let n = 0; n < PATIENCE && answer === ""; n++) {
      await (await proxy.fetch("/healthz")).body?.cancel();
    }
    // Ends our side: a server that waits for the rest of a request stops waiting.
    await connection.closeWrite();
  } catch {
    // Refused before all of it was sent.
  }
  await reading;
  return answer;
}

const statuses = (answer: string) =>
  [...answer.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status));

const KEY = "X-Api-Key: pk-test-key-1234";
const SMUGGLED = "GET /api/v1/tasks/runs/smuggled HTTP/1.1\r\nHost: me.test\r\n\r\n";
const POST = `POST /api/v1/tasks/runs HTTP/1.1\r\nHost: me.test\r\n${KEY}\r\n`;
const GET = `GET /api/v1/tasks/runs/a HTTP/1.1\r\nHost: me.test\r\n${KEY}\r\n`;

/** Framings that two parsers could read as two different things (RFC 9112, sections 6.3 and 11.2). */
const FRAMINGS: readonly [name: string, request: string][] = [
  [
    "length and chunked",
    `${POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "chunked and length",
    `${POST}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "two lengths",
    `${POST}Content-Length: 0\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  ],
  ["a list of lengths", `${POST}Content-Length: 0, ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`],
  ["a signed length", `${POST}Content-Length: +0\r\n\r\n${SMUGGLED}`],
  ["a negative length", `${POST}Content-Length: -1\r\n\r\n${SMUGGLED}`],
  ["a hex length", `${POST}Content-Length: 0x0\r\n\r\n${SMUGGLED}`],
  ["a length beyond 64 bits", `${POST}Content-Length: 99999999999999999999999\r\n\r\n${SMUGGLED}`],
  ["a length with a space", `${POST}Content-Length: 1 0\r\n\r\n${SMUGGLED}`],
  [
    "an unknown coding",
    `${POST}Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "chunked that is not last",
    `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "chunked twice",
    `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "chunked after a tab",
    `${POST}Transfer-Encoding:\tchunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "chunked with a vertical tab",
    `${POST}Transfer-Encoding: \x0bchunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "a space before the colon",
    `${POST}Transfer-Encoding : chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "a folded coding",
    `${POST}Transfer-Encoding:\r\n chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "a bare LF ends the coding",
    `${POST}X: y\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "a bare CR in a header",
    `${POST}X: y\rTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "a chunk size that overflows",
    `${POST}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n${SMUGGLED}`,
  ],
  ["a negative chunk", `${POST}Transfer-Encoding: chunked\r\n\r\n-1\r\n${SMUGGLED}`],
  [
    "a chunk that ends wrongly",
    `${POST}Transfer-Encoding: chunked\r\n\r\n1\r\naX0\r\n\r\n${SMUGGLED}`,
  ],
  [
    "an endless chunk extension",
    `${POST}Transfer-Encoding: chunked\r\n\r\n1;${"x".repeat(100_000)}\r\na\r\n0\r\n\r\n`,
  ],
  [
    "trailers that say who asks",
    `${POST}Transfer-Encoding: chunked\r\n\r\n0\r\nX-Api-Key: other\r\n\r\n${SMUGGLED}`,
  ],
  ["a body on GET", `${GET}Content-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`],
  [
    "HTTP/1.0 and chunked",
    `${POST.replace("1.1", "1.0")}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  ],
  ["HTTP/0.9", "GET /api/v1/tasks/runs/smuggled\r\n\r\n"],
  ["HTTP/9.9", `${GET.replace("1.1", "9.9")}\r\n`],
  ["HTTP/2 without saying so", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["no host", `GET /api/v1/tasks/runs/a HTTP/1.1\r\n${KEY}\r\n\r\n`],
  ["two hosts", `${GET}Host: evil.example\r\n\r\n`],
  ["a host that is none", `GET / HTTP/1.1\r\nHost: a b/c?d#e@f\r\n\r\n`],
  ["a header without a colon", `${GET}nonsense\r\n\r\n`],
  ["a header without a name", `${GET}: x\r\n\r\n`],
  ["a NUL in a header", `${GET}X: a\0b\r\n\r\n`],
  [
    "a NUL in the key",
    `GET /api/v1/tasks/runs/a HTTP/1.1\r\nHost: me.test\r\nX-Api-Key: pk-\0key-1234\r\n\r\n`,
  ],
  ["bytes that are no text", `${GET}X: \xff\xfe\x80\r\n\r\n`],
  ["two keys", `${GET}X-Api-Key: pk-other-key-5678\r\n\r\n`],
  [
    "an absolute target elsewhere",
    `GET http://evil.example/api/v1/tasks/runs/smuggled HTTP/1.1\r\nHost: me.test\r\n${KEY}\r\n\r\n`,
  ],
  [
    "a target with userinfo",
    `GET http://me.test@evil.example/api/v1/tasks/runs/smuggled HTTP/1.1\r\nHost: me.test\r\n${KEY}\r\n\r\n`,
  ],
  ["CONNECT", `CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n`],
  ["an asterisk", `OPTIONS * HTTP/1.1\r\nHost: me.test\r\n\r\n`],
  ["TRACE", `TRACE / HTTP/1.1\r\nHost: me.test\r\n${KEY}\r\n\r\n`],
  ["a request line of 300 KB", `GET /${"a".repeat(300_000)} HTTP/1.1\r\nHost: me.test\r\n\r\n`],
  ["a header of 2 MB", `${GET}X: ${"a".repeat(2_000_000)}\r\n\r\n`],
  ["20,000 headers", `${GET}${"X: y\r\n".repeat(20_000)}\r\n`],
  ["nothing but line ends", "\r\n".repeat(50)],
  ["TLS to a plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
];

Deno.test(`none of ${FRAMINGS.length} odd framings smuggles a request, causes a 5xx or stops the server`, async (t) => {
  const tally = new Map<number, number>();
  await withProxy(async (proxy) => {
    for (const [name, request] of FRAMINGS) {
      const answer = await send(proxy, request);
      for (const status of statuses(answer)) {
        assert(status < 500, `${name}: ${answer.slice(0, 300)}`);
        tally.set(status, (tally.get(status) ?? 0) + 1);
      }
      if (statuses(answer).length === 0) tally.set(0, (tally.get(0) ?? 0) + 1);
      assert(!answer.includes(KEY), `${name} echoes the key`);
    }
    for (const { target, headers } of proxy.reached) {
      assert(!target.includes("smuggled"), target);
      assertStrictEquals(headers.get("x-api-key"), "pk-test-key-1234");
    }
    assert(proxy.reached.length > 0, "those that are plain pass");
    assertStrictEquals((await proxy.fetch("/healthz")).status, 200);
  });
  const list = [...tally].sort(([a], [b]) => a - b).map(([status, n]) =>
    `${status === 0 ? "closed" : status} × ${n}`
  );
  await t.step(list.join(", "), () => {});
});

/** Headers that could impersonate another client, or that control the connection. */
const SPOOFED: Readonly<Record<string, string>> = {
  "authorization": "Bearer other",
  "cookie": "a=b",
  "connection": "keep-alive, x-api-key",
  "expect": "100-continue",
  "forwarded": "for=1.2.3.4;host=evil.example",
  "keep-alive": "timeout=1",
  "origin": "https://evil.example",
  "proxy-authorization": "Basic x",
  "referer": "https://evil.example/",
  "te": "trailers",
  "upgrade": "websocket",
  "via": "1.1 evil",
  "x-forwarded-for": "1.2.3.4",
  "x-forwarded-host": "evil.example",
  "x-forwarded-proto": "https",
  "x-http-method-override": "DELETE",
  "x-original-url": "/v1/admin",
  "x-real-ip": "1.2.3.4",
  "x-rewrite-url": "/v1/admin",
};

/** The headers of every request to the API, from any caller. */
const SENT = new Set([
  "x-api-key",
  "accept",
  "accept-encoding",
  "accept-language",
  "content-type",
  "content-length",
  "host",
  "parallel-beta",
  "last-event-id",
  "user-agent",
]);

Deno.test(`none of ${Object.keys(SPOOFED).length} spoofed headers reaches the upstream`, () =>
  withProxy(async (proxy) => {
    for (const [name, value] of Object.entries(SPOOFED)) {
      await send(proxy, `${GET}${name}: ${value}\r\n\r\n`);
    }
    assert(proxy.reached.length >= Object.keys(SPOOFED).length - 2, `${proxy.reached.length}`);
    for (const { headers, method, target } of proxy.reached) {
      assertEquals([method, target], ["GET", "/v1/tasks/runs/a"]);
      for (const [name, value] of headers) {
        assert(SENT.has(name), `${name}: ${value}`);
        assert(value !== SPOOFED[name] && !value.includes("evil"), `${name}: ${value}`);
      }
    }
  }));
