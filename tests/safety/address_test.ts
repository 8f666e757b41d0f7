import { assertStrictEquals } from "@std/assert";
import { clientSubject } from "../../lib/limits/mod.ts";

const PROXY = "10.0.0.1";

interface Case {
  readonly name: string;
  readonly peer: string;
  readonly forwarded?: string;
  readonly hops?: number;
  readonly client: string;
}

const CASES: readonly Case[] = [
  { name: "the socket's address", peer: "203.0.113.9", client: "203.0.113.9" },
  { name: "an IPv6 address by its /64", peer: "2001:db8:1:2:3:4:5:6", client: "2001:db8:1:2::/64" },
  { name: "its neighbour in the same /64", peer: "2001:db8:1:2:f::1", client: "2001:db8:1:2::/64" },
  { name: "IPv4 mapped into IPv6", peer: "::ffff:203.0.113.9", client: "203.0.113.9" },
  { name: "a zone is not part of an address", peer: "fe80::1%eth0", client: "fe80::/64" },
  { name: "a handler called by hand", peer: "localhost", client: "localhost" },
  { name: "no proxy is trusted", peer: PROXY, forwarded: "1.1.1.1", client: PROXY },
  {
    name: "the client that one proxy saw",
    peer: PROXY,
    hops: 1,
    forwarded: "203.0.113.9",
    client: "203.0.113.9",
  },
  {
    name: "not what the client wrote",
    peer: PROXY,
    hops: 1,
    forwarded: "1.1.1.1, 203.0.113.9",
    client: "203.0.113.9",
  },
  {
    name: "not many of what it wrote",
    peer: PROXY,
    hops: 1,
    forwarded: "1.1.1.1,2.2.2.2,203.0.113.9",
    client: "203.0.113.9",
  },
  {
    name: "one proxy, a client on its network",
    peer: PROXY,
    hops: 1,
    forwarded: "1.1.1.1, 192.168.0.3",
    client: "192.168.0.3",
  },
  {
    name: "one proxy, and private entries the client wrote",
    peer: PROXY,
    hops: 1,
    forwarded: "1.1.1.1, 10.2.3.4, 203.0.113.9",
    client: "203.0.113.9",
  },
  {
    name: "two proxies",
    peer: PROXY,
    hops: 2,
    forwarded: "1.1.1.1, 203.0.113.9, 10.0.0.2",
    client: "203.0.113.9",
  },
  {
    name: "two proxies, the outer one public",
    peer: PROXY,
    hops: 2,
    forwarded: "1.1.1.1, 203.0.113.9, 198.51.100.7",
    client: "203.0.113.9",
  },
  {
    name: "three proxies",
    peer: PROXY,
    hops: 3,
    forwarded: "8.8.8.8, 203.0.113.9, ::1, fd00::1",
    client: "203.0.113.9",
  },
  {
    name: "fewer entries than proxies",
    peer: PROXY,
    hops: 3,
    forwarded: "203.0.113.9",
    client: "203.0.113.9",
  },
  {
    name: "a client with its port",
    peer: PROXY,
    hops: 1,
    forwarded: "203.0.113.9:51234",
    client: "203.0.113.9",
  },
  {
    name: "IPv6 with brackets and port",
    peer: PROXY,
    hops: 1,
    forwarded: "[2001:db8:1:2::9]:443",
    client: "2001:db8:1:2::/64",
  },
  { name: "an empty header", peer: PROXY, hops: 1, forwarded: "", client: PROXY },
  {
    name: "garbage at the right",
    peer: PROXY,
    hops: 1,
    forwarded: "203.0.113.9, garbage",
    client: PROXY,
  },
  {
    name: "garbage left of a proxy",
    peer: PROXY,
    hops: 2,
    forwarded: "203.0.113.9, unknown, 10.0.0.7",
    client: "10.0.0.7",
  },
  { name: "empty entries", peer: PROXY, hops: 1, forwarded: "203.0.113.9,,", client: PROXY },
  {
    name: "short forms are not addresses",
    peer: PROXY,
    hops: 1,
    forwarded: "0x7f.1",
    client: PROXY,
  },
  {
    name: "a number is not an address",
    peer: PROXY,
    hops: 1,
    forwarded: "2130706433",
    client: PROXY,
  },
  {
    name: "a name is not an address",
    peer: PROXY,
    hops: 1,
    forwarded: "evil.example",
    client: PROXY,
  },
  { name: "markup", peer: PROXY, hops: 1, forwarded: "<script>alert(1)</script>", client: PROXY },
];

for (const { name, peer, forwarded, hops = 0, client } of CASES) {
  Deno.test(`counted together: ${name}`, () => {
    assertStrictEquals(clientSubject(peer, forwarded ?? null, hops).client, client);
  });
}

Deno.test("an IPv6 client also counts against its /48, an IPv4 client only against itself", () => {
  assertStrictEquals(clientSubject("2001:db8:1:2::3", null, 0).network, "2001:db8:1::/48");
  assertStrictEquals(clientSubject("2001:db8:1:ffff::3", null, 0).network, "2001:db8:1::/48");
  assertStrictEquals(clientSubject("203.0.113.9", null, 0).network, null);
});

Deno.test("a header with a million commas is ignored quickly", () => {
  assertStrictEquals(clientSubject("203.0.113.9", ",".repeat(1e6), 10).client, "203.0.113.9");
});
