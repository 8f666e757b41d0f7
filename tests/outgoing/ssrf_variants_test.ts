/**
 * Blocks more SSRF variants: other spellings, other special networks, and resolvers that lie or change their
 * answers. Each payload is rejected by its text or its addresses, without a connection.
 */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { isPublicAddress, Outgoing } from "../../lib/outgoing/mod.ts";
import { counter, NOTHING_ALLOWED, REFUSED } from "./counter.ts";

/** Addresses that are not for the public, each as a literal and as what a name leads to. */
const V4 = [
  "0.1.2.3", // this network
  "10.200.0.1",
  "100.64.0.1", // carrier-grade NAT
  "100.127.255.254",
  "127.255.255.254",
  "169.254.0.1", // link-local
  "169.254.169.254", // metadata of clouds
  "169.254.170.2", // metadata of containers
  "168.63.129.16", // Azure's host
  "172.31.255.254",
  "192.0.0.8",
  "192.0.0.170", // NAT64 discovery
  "192.88.99.1", // 6to4 relays
  "192.168.255.254",
  "198.18.0.1", // benchmarks
  "198.19.255.254",
  "198.51.100.1",
  "100.100.100.200", // metadata of Alibaba Cloud
  "192.0.0.192", // metadata of Oracle Cloud
  "224.0.0.251", // multicast
  "239.255.255.250",
  "240.0.0.1",
  "255.255.255.255",
];
const V6 = [
  "::2",
  "::7f00:1", // IPv4-compatible
  "::ffff:a9fe:a9fe", // IPv4-mapped
  "::ffff:8.8.8.8",
  "::ffff:0:7f00:1", // IPv4-translated
  "64:ff9b::a00:1", // NAT64
  "64:ff9b::a9fe:a9fe",
  "64:ff9b:1::7f00:1",
  "64:ff9b::169.254.169.254",
  "64:ff9b:1:ffff::a9fe:a9fe",
  "::ffff:168.63.129.16",
  "::ffff:0:169.254.169.254",
  "::169.254.169.254",
  "2002:7f00:1::",
  "2001:0:4136:e378:8000:63bf:3fff:fdd2",
  "100:0:0:1::1", // dummy prefix (RFC 9780)
  "fd00:ec2::254", // metadata of Amazon's cloud
  "fd20:ce::254", // metadata of Google's cloud
  "fe80::5efe:10.0.0.1",
  "100::1", // discard
  "2001:0:7f00:1::", // Teredo
  "2001:2::1", // benchmarks
  "2001:10::1", // ORCHID
  "2001:20::1",
  "2001:db8:ffff::1",
  "2002:a9fe:a9fe::1", // 6to4
  "2002:c0a8:101::",
  "3fff::1", // documentation
  "5f00::1", // segment routing
  "fc00::1", // unique local
  "fdff:ffff::1",
  "fe80::5efe:7f00:1", // ISATAP
  "febf::1",
  "fec0::1",
  "ff01::1", // multicast
  "ff0e::1",
];

/** Other spellings of an address, and of hosts whose names say that they are this machine. */
const SPELLED = [
  "0",
  "1",
  "10.1",
  "192.168.257",
  "0X7F.1",
  "0x7f.0x0.0x0.0x1",
  "0300.0250.1",
  "017700000001",
  "127.1",
  "127.0x1",
  "0x7f.1",
  "0x7f.0.1",
  "0177.1",
  "0177.0.0.01",
  "00000177.0.0.1",
  "2852039166", // 169.254.169.254
  "0xA9FEA9FE",
  "0251.0376.0251.0376",
  "169.254.43518",
  "025177524776",
  "4294967295",
  "127.0.0.1.",
  "%31%32%37.0.0.1",
  "127%2e0%2e0%2e1",
  "\uff11\uff12\uff17.0.0.1", // full-width digits
  "127\u30020\u30020\u30021", // ideographic full stops
  "127\uff0e0\uff0e0\uff0e1",
  "127\uff610\uff610\uff611",
  "127.0.0.\u00ad1", // a soft hyphen
  "127.0.\u200b0.1", // a zero-width space
  "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3", // localhost in circles
  "loc\u00adalhost",
  "LocalHost.",
  "localhost.localdomain",
  "localhost.localdomain.",
  "xn--lcalhost-54a", // an o of another script
  "lоcalhost", // the same
  "127.0.0.1..",
  "ip6-localhost",
  "[::ffff:127.0.0.1]",
  "[0000:0000:0000:0000:0000:0000:0000:0001]",
  "[::1%25lo]",
  "[fe80::1%25eth0]",
  "[::127.0.0.1.]",
  "[::1",
  "127.0.0.1]",
];

const WHOLE = [
  // User information, and what looks like it.
  "https://public.example:443@127.0.0.1/",
  "https://@127.0.0.1/",
  "https://127.0.0.1\\@public.example/",
  "https://127.0.0.1#@public.example/",
  "https://127.0.0.1?@public.example/",
  "https:/127.0.0.1/",
  "https:////127.0.0.1/",
  "https://:@127.0.0.1/",
  "https://a:b@public.example/",
  "https://127.0.0.1:443@public.example/",
  "https://127.0.0.1%40public.example/",
  "https://public.example%2f@127.0.0.1/",
  "https://public.example\\.127.0.0.1/",
  "https:\\\\127.0.0.1\\",
  "https://127.0.0.1;public.example/",
  "https://127.0.0.1,public.example/",
  "https://127.0.0.1\n.public.example/",
  "https://public.example\r\nhost: 127.0.0.1/",
  "https://127.0.0.1\0.public.example/",
  // Ports of other services.
  ...[0, 21, 23, 80, 389, 3306, 5432, 8080, 9200, 11211, 27017, 65535].map((port) =>
    `https://public.example:${port}/`
  ),
  "https://public.example:99999/",
  "https://public.example:-1/",
  // Other schemes.
  "HTTP://127.0.0.1/",
  "wss://127.0.0.1/",
  "javascript:alert(1)",
  "blob:https://127.0.0.1/1",
  "view-source:https://127.0.0.1/",
  "jar:https://127.0.0.1!/",
  "dict://127.0.0.1:11211/",
  "ldap://127.0.0.1/",
  "tftp://127.0.0.1/",
  "http+unix://%2fvar%2frun%2fdocker.sock/",
];

/** What a resolver says of a name, beside the addresses above: never an address that may be reached. */
const LIES: Readonly<Record<string, readonly string[]>> = {
  "line-break": ["127.0.0.1\n"],
  "space": [" 93.184.216.34"],
  "two-in-one": ["93.184.216.34,127.0.0.1"],
  "zone": ["fe80::1%eth0"],
  "public-zone": ["2606:4700::1111%lo"],
  "brackets": ["[::1]"],
  "a-name": ["localhost"],
  "a-url": ["https://93.184.216.34/"],
  "empty": [""],
  "octal": ["0177.0.0.1"],
  "zeros": ["127.000.000.001"],
  "decimal": ["2130706433"],
  "zero-byte": ["127.0.0.1\0"],
  "upper-case": ["::FFFF:7F00:1"],
  "unabridged": ["0:0:0:0:0:ffff:169.254.169.254"],
  "synthesised": ["64:ff9b::a9fe:a9fe", "93.184.216.34"],
  "short": ["127.1"],
  "hex": ["0x7f000001"],
  "last-of-many": [...Array.from({ length: 500 }, (_, n) => `93.184.${n % 250}.34`), "10.0.0.1"],
  "first-of-many": ["::1", "2606:4700::1111"],
};

const NAMED: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries([...V4, ...V6].map((address) => [
    // As a CNAME, or a service such as nip.io, leads there.
    `${address.replace(/[.:]+/g, "-").replace(/^-|-$/g, "")}.cname.example`,
    [address],
  ])),
  ...Object.fromEntries(Object.entries(LIES).map(([name, said]) => [`${name}.lies.example`, said])),
};

const PAYLOADS: readonly string[] = [
  ...V4.map((address) => `https://${address}/`),
  ...V6.map((address) => `https://[${address}]/`),
  ...SPELLED.map((host) => `https://${host}/`),
  ...WHOLE,
  ...Object.keys(NAMED).map((name) => `https://${name}/`),
];

Deno.test(`none of ${PAYLOADS.length} further payloads makes a connection`, async (t) => {
  assert(PAYLOADS.length >= 120, `${PAYLOADS.length}`);
  assertStrictEquals(new Set(PAYLOADS).size, PAYLOADS.length);
  const outgoing = new Outgoing({
    allowed: NOTHING_ALLOWED,
    resolve: (host) => {
      // A documentation address: a payload that leads there is refused all the same.
      if (host === "public.example") return Promise.resolve(["192.0.2.1"]);
      if (/localhost|localdomain/.test(host)) return Promise.resolve(["127.0.0.1"]);
      return NAMED[host] === undefined
        ? Promise.reject(new Error("ENOTFOUND"))
        : Promise.resolve(NAMED[host]);
    },
  });
  for (const url of PAYLOADS) {
    await t.step(JSON.stringify(url).slice(0, 80), async () => {
      const answer = await outgoing.post({ url, headers: {}, body: "" });
      // What is refused before a connection says so in these words and in no others.
      assertMatch(answer.kind === "failed" ? answer.reason : "answered", REFUSED);
    });
  }
});

Deno.test("public addresses are allowed", () => {
  for (const address of ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "2a00:1450::1"]) {
    assert(isPublicAddress(address), address);
  }
});

Deno.test("a name whose address alternates is checked each time and never reached at a private address", async () => {
  const { counted, port, close } = counter();
  const allowed = { hosts: new Set(["127.0.0.1"]), nets: [] };
  const seen: string[] = [];
  let asked = 0;
  const outgoing = new Outgoing({
    allowed,
    // Public for one question and this machine for the next, as a short-lived record can be.
    resolve: () => {
      const address = asked++ % 2 === 0 ? "192.0.2.1" : "127.0.0.1";
      seen.push(address);
      return Promise.resolve([address]);
    },
  });
  try {
    for (let n = 0; n < 10; n++) {
      const answer = await outgoing.post({
        url: "https://rebinds.example/",
        headers: {},
        body: "",
      });
      assertEquals(answer, {
        kind: "failed",
        reason: "The host does not resolve to a public address.",
      });
    }
    assertStrictEquals(asked, 10, "once for each request");
    assertStrictEquals(counted.connections, 0);
    const literal = `http://127.0.0.1:${port}/`;
    await outgoing.post({ url: literal, headers: {}, body: "" });
    assertStrictEquals(counted.connections, 1, "an address that is allowed is reached, unasked");
    assertStrictEquals(asked, 10);
  } finally {
    close();
  }
});

const FAILED = { kind: "failed", reason: "The connection failed." } as const;

Deno.test({
  name: "a connection that this process may not make fails without ending the process",
  permissions: { net: ["127.0.0.1"], read: true, env: true },
  async fn() {
    const hosts = new Set(["ntfy.lan", "127.0.0.9"]);
    for (const address of ["127.0.0.9", "fe80::1%eth0", "::1"]) {
      const outgoing = new Outgoing({
        allowed: { hosts, nets: [] },
        resolve: () => Promise.resolve([address]),
      });
      // TLS needs the right to read the system's certificates.
      for (const url of ["http://ntfy.lan:8123/", "https://ntfy.lan:8123/"]) {
        assertEquals(await outgoing.post({ url, headers: {}, body: "" }), FAILED, address);
      }
    }
    const literal = new Outgoing({ allowed: { hosts, nets: [] } });
    const request = { url: "http://127.0.0.9:8123/", headers: {}, body: "" };
    assertEquals(await literal.post(request), FAILED);
  },
});
