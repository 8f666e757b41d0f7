import assert from "node:assert/strict";
import { clientSubject } from "../../lib/limits/mod.ts";

const PROXY = "10.0.0.1";

const CASES: readonly [name: string, peer: string, forwarded: string | null, subject: string][] = [
  ["the socket's address", "203.0.113.9", null, "203.0.113.9"],
  ["an IPv6 address by its /64", "2001:db8:1:2:3:4:5:6", null, "2001:db8:1:2::/64"],
  ["its neighbour in the same /64", "2001:db8:1:2:ffff::1", null, "2001:db8:1:2::/64"],
  ["an IPv4 address mapped into IPv6", "::ffff:203.0.113.9", null, "203.0.113.9"],
  ["a zone is no part of an address", "fe80::1%eth0", null, "fe80::/64"],
  ["a handler called by hand", "localhost", null, "localhost"],
  ["the client that our proxy saw", PROXY, "203.0.113.9", "203.0.113.9"],
  ["not what the client wrote before it", PROXY, "1.1.1.1, 203.0.113.9", "203.0.113.9"],
  ["not many of what it wrote", PROXY, "1.1.1.1,2.2.2.2,3.3.3.3,203.0.113.9", "203.0.113.9"],
  ["past proxies of our own network", PROXY, "203.0.113.9, 192.168.0.3, 10.2.3.4", "203.0.113.9"],
  ["past loopback and unique local ones", PROXY, "203.0.113.9, ::1, fd00::1", "203.0.113.9"],
  ["a client with its port", PROXY, "203.0.113.9:51234", "203.0.113.9"],
  ["an IPv6 client with brackets and port", PROXY, "[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"],
  ["an empty header", PROXY, "", PROXY],
  ["garbage at the right", PROXY, "203.0.113.9, garbage", PROXY],
  ["garbage left of a proxy of ours", PROXY, "203.0.113.9, unknown, 10.0.0.7", "10.0.0.7"],
  ["empty entries", PROXY, "203.0.113.9,,", PROXY],
  ["octal and short forms are no addresses", PROXY, "0x7f.1", PROXY],
  ["a number is no address", PROXY, "2130706433", PROXY],
  ["a name is no address", PROXY, "evil.example", PROXY],
  ["an intranet's client", PROXY, "192.168.7.7", "192.168.7.7"],
  ["markup", PROXY, "<script>alert(1)</script>", PROXY],
];

for (const [name, peer, forwarded, subject] of CASES) {
  Deno.test(`counted together: ${name}`, () => {
    assert.equal(clientSubject(peer, forwarded), subject);
  });
}

Deno.test("a header of a million commas is read in no time and says nothing", () => {
  assert.equal(clientSubject("203.0.113.9", ",".repeat(1e6)), "203.0.113.9");
});
