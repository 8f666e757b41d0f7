/** Whose requests are counted together: the client's address. Pure. */
import ipaddr from "ipaddr.js";

/**
 * The client's address as a limit's subject: an IPv4 address, or the /64 network of an IPv6 one, for
 * a household or a rented server has 2^64 of those.
 *
 * `forwardedFor` is the X-Forwarded-For header where proxies are trusted, else `null`. Each proxy adds
 * the address it was called from at the right, so only the right end can be believed: from there,
 * hops of private networks are proxies of our own, and the first other one is the client. What a
 * client wrote itself stands further left and is never read. Where an entry is no address, the hop
 * that passed it on is counted instead.
 */
export function clientSubject(peer: string, forwardedFor: string | null): string {
  let client = peer;
  for (const entry of (forwardedFor ?? "").split(",").reverse()) {
    const address = parseHop(entry);
    if (address === null) break;
    client = entry;
    if (!isOwnNetwork(address)) break;
  }
  return subjectOf(client);
}

function subjectOf(hop: string): string {
  const address = parseHop(hop);
  // A Unix socket, or a handler called by hand.
  if (address === null) return hop.slice(0, 100);
  if (address instanceof ipaddr.IPv4) return address.toString();
  const network = [...address.parts.slice(0, 4), 0, 0, 0, 0];
  return `${new ipaddr.IPv6(network).toRFC5952String()}/64`;
}

/** An entry as proxies write it: with or without port and brackets. */
function parseHop(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const hop = text.trim();
  const [, bracketed] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(hop) ?? [];
  const [, withPort] = /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(hop) ?? [];
  const bare = (bracketed ?? withPort ?? hop).replace(/%[\w.-]+$/, "");
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare);
  // `process` makes an IPv4 address of one that is mapped into IPv6.
  return ipaddr.IPv6.isValid(bare) ? ipaddr.process(bare) : null;
}

const OWN_NETWORKS = new Set([
  "private",
  "loopback",
  "linkLocal",
  "uniqueLocal",
  "carrierGradeNat",
]);

function isOwnNetwork(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return OWN_NETWORKS.has(address.range());
}
