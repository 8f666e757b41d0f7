/**
 * Blocks SSRF: URLs that users may enter, names that resolve elsewhere, and redirects. None of them connects
 * to this machine, where servers listen and count connections.
 */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { isPublicAddress, Outgoing, readAllowed } from "../../lib/outgoing/mod.ts";
import { counter, NOTHING_ALLOWED, REFUSED } from "./counter.ts";

/** Every name of the resolver below, and the addresses that it leads to. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  "localhost": ["127.0.0.1", "::1"],
  "app.localhost": ["127.0.0.1"],
  "loopback.example": ["127.0.0.1"],
  "loopback-any.example": ["127.8.9.10"],
  "loopback6.example": ["::1"],
  "unspecified.example": ["0.0.0.0"],
  "unspecified6.example": ["::"],
  "private10.example": ["10.0.0.1"],
  "private172.example": ["172.16.0.1"],
  "private192.example": ["192.168.1.1"],
  "cgnat.example": ["100.64.0.1"],
  "alibaba-metadata.example": ["100.100.100.200"],
  "metadata.google.internal": ["169.254.169.254"],
  "link-local.example": ["169.254.1.1"],
  "azure-host.example": ["168.63.129.16"],
  "oracle-metadata.example": ["192.0.0.192"],
  "benchmark.example": ["198.18.0.1"],
  "documentation.example": ["203.0.113.7"],
  "multicast.example": ["224.0.0.1"],
  "broadcast.example": ["255.255.255.255"],
  "reserved.example": ["240.0.0.1"],
  "mapped.example": ["::ffff:127.0.0.1"],
  "mapped-hex.example": ["::ffff:7f00:1"],
  "mapped-private.example": ["::ffff:10.0.0.1"],
  "compatible.example": ["::127.0.0.1"],
  "nat64.example": ["64:ff9b::7f00:1"],
  "nat64-local.example": ["64:ff9b:1::7f00:1"],
  "6to4.example": ["2002:7f00:1::1"],
  "teredo.example": ["2001:0:4136:e378:8000:63bf:80ff:fffe"],
  "unique-local.example": ["fd00::1"],
  "aws-metadata6.example": ["fd00:ec2::254"],
  "link-local6.example": ["fe80::1"],
  "zone.example": ["fe80::1%lo"],
  "site-local.example": ["fec0::1"],
  "discard.example": ["100::1"],
  "documentation6.example": ["2001:db8::1"],
  "multicast6.example": ["ff02::1"],
  "unassigned6.example": ["4000::1"],
  "mixed.example": ["93.184.216.34", "127.0.0.1"],
  "mixed6.example": ["2606:2800:220:1::1", "::1"],
  "octal.example": ["0177.0.0.1"],
  "hex.example": ["0x7f.0.0.1"],
  "number.example": ["2130706433"],
  "nothing.example": [],
};

/** Payloads. `PORT` is that of the server on this machine. */
const PAYLOADS: readonly string[] = [
  // Names, with TLS at the ports that are allowed, and the server's own.
  ...Object.keys(NAMES).map((name) => `https://${name}/`),
  "https://localhost:PORT/",
  "http://localhost:PORT/",
  "https://LOCALHOST/",
  "https://localhost./",
  "https://metadata.google.internal./computeMetadata/v1/",
  "https://unknown.example/",
  "https://intranet/",
  // IPv4 in all its forms.
  "http://127.0.0.1:PORT/",
  "https://127.0.0.1/",
  "https://127.0.0.1./",
  "https://127.1/",
  "https://127.0.1/",
  "https://2130706433/",
  "https://0x7f000001/",
  "https://0x7f.0x0.0x0.0x1/",
  "https://0177.0.0.1/",
  "https://017700000001/",
  "https://0/",
  "https://0.0.0.0/",
  "https://127.0.0.1%2f/",
  "https://①②⑦.⓪.⓪.①/",
  "https://127。0。0。1/",
  "https://10.0.0.1/",
  "https://169.254.169.254/latest/meta-data/",
  "https://192.168.0.1:8443/",
  // IPv6.
  "https://[::1]/",
  "http://[::1]:PORT/",
  "https://[::]/",
  "https://[0:0:0:0:0:0:0:1]/",
  "https://[::ffff:127.0.0.1]/",
  "https://[::ffff:7f00:1]/",
  "https://[0:0:0:0:0:ffff:127.0.0.1]/",
  "https://[::127.0.0.1]/",
  "https://[64:ff9b::127.0.0.1]/",
  "https://[2002:7f00:1::]/",
  "https://[fe80::1]/",
  "https://[fe80::1%25lo]/",
  "https://[fd00:ec2::254]/",
  // Credentials, ports, schemes, and what parsers disagree about.
  "https://user:password@127.0.0.1/",
  "https://user@hooks.example/",
  "https://public.example@127.0.0.1/",
  "https://127.0.0.1:PORT@public.example/",
  "https://public.example:22/",
  "https://public.example:25/",
  "https://public.example:6379/",
  "https://public.example:PORT/",
  "http://public.example/",
  "http://public.example:PORT/",
  "https://public.example\\@127.0.0.1/",
  "https://127.0.0.1\\.public.example/",
  "https://127.0.0.1#@public.example/",
  "https://127.0.0.1?@public.example/",
  "https:127.0.0.1/",
  "https:///127.0.0.1/",
  "\thttps://127.0.0.1/",
  "https://127.0.\t0.1/",
  "ftp://127.0.0.1/",
  "file:///etc/passwd",
  "gopher://127.0.0.1:PORT/_",
  "data:text/plain,hello",
  "unix:/var/run/docker.sock",
  "//127.0.0.1/",
  "127.0.0.1",
  "",
  `https://public.example/${"a".repeat(3_000)}`,
];

/** Public, and not of this machine: a connection there fails in a test, and is not counted. */
const resolve = (host: string) => {
  const found = host === "public.example" ? ["192.0.2.1"] : NAMES[host];
  return found === undefined ? Promise.reject(new Error("ENOTFOUND")) : Promise.resolve(found);
};

Deno.test(`none of ${PAYLOADS.length} payloads makes a connection`, async (t) => {
  const { counted, port, close } = counter();
  const outgoing = new Outgoing({ allowed: NOTHING_ALLOWED, resolve });
  try {
    assert(PAYLOADS.length >= 60);
    for (const payload of PAYLOADS) {
      const url = payload.replaceAll("PORT", String(port));
      await t.step(JSON.stringify(url).slice(0, 80), async () => {
        const answer = await outgoing.post({ url, headers: {}, body: "" });
        assertStrictEquals(answer.kind, "failed");
        assertStrictEquals(counted.connections, 0);
        // No connection was tried, and the reason tells neither the address nor whether a name exists.
        assertMatch(answer.kind === "failed" ? answer.reason : "", REFUSED);
      });
    }
  } finally {
    close();
  }
});

Deno.test("a host name is resolved once, so DNS rebinding fails", async () => {
  const { counted, port, close } = counter();
  let looks = 0;
  const outgoing = new Outgoing({
    allowed: { hosts: new Set(["rebinds.example"]), nets: [] },
    // Nothing listens at the first address.
    resolve: () => Promise.resolve(looks++ === 0 ? ["127.0.0.2"] : ["127.0.0.1"]),
  });
  try {
    const url = `http://rebinds.example:${port}/`;
    const answer = await outgoing.post({ url, headers: {}, body: "" });
    assertEquals(answer, { kind: "failed", reason: "The host refused the connection." });
    assertStrictEquals(looks, 1);
    assertStrictEquals(counted.connections, 0);
    await outgoing.post({ url, headers: {}, body: "" });
    assertStrictEquals(counted.connections, 1, "the server can be reached");
  } finally {
    close();
  }
});

Deno.test("the connection uses the checked address, not the system's resolver", async () => {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => new Response(request.headers.get("host")),
  );
  const { port } = server.addr;
  const outgoing = new Outgoing({
    allowed: { hosts: new Set(["does-not-exist.invalid"]), nets: [] },
    resolve: () => Promise.resolve(["127.0.0.1"]),
  });
  try {
    const url = `http://does-not-exist.invalid:${port}/`;
    const answer = await outgoing.post({ url, headers: {}, body: "" });
    assertEquals(answer, {
      kind: "answered",
      status: 200,
      text: `does-not-exist.invalid:${port}`,
      retryAfterMs: null,
    });
  } finally {
    await server.shutdown();
  }
});

Deno.test("redirects are never followed", async (t) => {
  const { counted, port: other, close } = counter();
  const locations = [
    `http://127.0.0.1:${other}/`,
    `http://localhost:${other}/`,
    `http://[::1]:${other}/`,
    `//127.0.0.1:${other}/`,
  ];
  let location = "", status = 302;
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response(null, { status, headers: { location } }),
  );
  const { port } = server.addr;
  const outgoing = new Outgoing({ allowed: { hosts: new Set(["127.0.0.1"]), nets: [] } });
  try {
    for (location of locations) {
      for (status of [301, 302, 303, 307, 308]) {
        await t.step(`${status} to ${location}`, async () => {
          const url = `http://127.0.0.1:${port}/`;
          const answer = await outgoing.post({ url, headers: {}, body: "secret" });
          assertStrictEquals(answer.kind === "answered" && answer.status, status);
          assertStrictEquals(counted.connections, 0);
        });
      }
    }
  } finally {
    close();
    await server.shutdown();
  }
});

const ADDRESSES: readonly (readonly [address: string, allowed: string, isReached: boolean])[] = [
  ["93.184.216.34", "", true],
  ["2606:4700::1111", "", true],
  ["10.1.2.3", "", false],
  ["10.1.2.3", "10.0.0.0/8", true],
  ["11.1.2.3", "12.0.0.0/8", true],
  ["10.1.2.3", "10.1.2.4", false],
  ["10.1.2.3", "10.1.2.3", true],
  ["::ffff:10.1.2.3", "10.0.0.0/8", true],
  ["fd00::1", "fd00::/8", true],
  ["fe80::1", "fd00::/8", false],
  ["127.0.0.1", "10.0.0.0/8, 127.0.0.1", true],
  ["127.0.0.1", "ntfy.lan", false],
  ["0177.0.0.1", "0.0.0.0/0", false],
];

for (const [address, list, isReached] of ADDRESSES) {
  Deno.test(`${address} is ${isReached ? "" : "not "}allowed with NOTIFY_ALLOW=${list}`, () => {
    const read = readAllowed(list);
    assert(read.ok);
    assertStrictEquals(isPublicAddress(address, read.allowed.nets), isReached);
  });
}

for (
  const wrong of [
    "http://ntfy.lan",
    "*.lan",
    "10.0.0.0/33",
    "10.0.0.256",
    "127.1",
    "a b",
    "-a",
    "[::1]",
  ]
) {
  Deno.test(`NOTIFY_ALLOW rejects ${wrong}`, () => {
    assertEquals(readAllowed(`ntfy.lan, ${wrong}`), { ok: false, wrong });
  });
}
