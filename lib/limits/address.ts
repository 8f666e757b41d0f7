/** Whose requests are counted together: the client's address. Pure. */
import ipaddr from "ipaddr.js";

/** Who a request counts against. */
export interface ClientSubject {
  /** An IPv4 address, or the /64 network of an IPv6 one: a household or a rented server has 2^64 of those. */
  readonly client: string;
  /** The /48 network of an IPv6 address, which one customer often holds whole; `null` for IPv4. */
  readonly network: string | null;
}

/**
 * The client that `hops` trusted proxies in front of this server were called by; with 0, the peer.
 *
 * Each proxy appends the address it was called from to X-Forwarded-For (or writes it there alone). The
 * peer is the innermost proxy, so the client is the `hops`-th entry from the right, whatever its
 * network. Entries further left are the client's own words and are never read. Where there are fewer
 * entries, the request entered at an inner proxy and the leftmost entry is its client. Where an entry
 * is not an address, the hop that passed it on counts instead.
 */
export function clientSubject(
  peer: string,
  forwardedFor: string | null,
  hops: number,
): ClientSubject {
  let client = peer;
  // Cut off first: the header may hold a million entries.
  const tail = forwardedFor?.slice(-MAX_FORWARDED_CHARS) ?? "";
  const entries = tail === "" ? [] : tail.split(",").reverse().slice(0, hops);
  for (const entry of entries) {
    if (parseHop(entry) === null) break;
    client = entry;
  }
  return subjectOf(client);
}

/** More than the ten longest entries that proxies write. */
const MAX_FORWARDED_CHARS = 2_000;

function subjectOf(hop: string): ClientSubject {
  const address = parseHop(hop);
  // A Unix socket, or a handler called by hand.
  if (address === null) return { client: hop.slice(0, 100), network: null };
  if (address instanceof ipaddr.IPv4) return { client: address.toString(), network: null };
  return { client: networkText(address, 64), network: networkText(address, 48) };
}

/** The /48 around a client that {@linkcode clientSubject} named; `null` for IPv4. */
export function networkOf(client: string): string | null {
  const [, address = ""] = /^(.+)\/64$/.exec(client) ?? [];
  return ipaddr.IPv6.isValid(address) ? networkText(ipaddr.IPv6.parse(address), 48) : null;
}

function networkText(address: ipaddr.IPv6, bits: 48 | 64): string {
  const parts = address.parts.map((part, index) => index < bits / 16 ? part : 0);
  return `${new ipaddr.IPv6(parts).toRFC5952String()}/${bits}`;
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
