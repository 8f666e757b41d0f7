/** Finds the client address that a request counts against. Pure. */
import ipaddr from "ipaddr.js";

/** The client that a request counts against. */
export interface ClientSubject {
  /** An IPv4 address, or the /64 network of an IPv6 one: a household or a rented server has 2^64 of those. */
  readonly client: string;
  /** The /48 network of an IPv6 address, which one customer often holds whole; `null` for IPv4. */
  readonly network: string | null;
}

/**
 * The client that called the outermost of `hops` trusted proxies. With 0 hops, the peer.
 *
 * Each proxy appends the address it was called from to X-Forwarded-For (or writes it there alone). The
 * peer is the innermost proxy, so the client is the `hops`-th entry from the right, whatever its
 * network. Entries further left were written by the client and are never read. If there are fewer
 * entries, the request entered at an inner proxy, and the leftmost entry is the client. If an entry is
 * not an address, the hop that passed it on counts instead.
 */
export function clientSubject(
  peer: string,
  forwardedFor: string | null,
  hops: number,
): ClientSubject {
  let client = peer;
  // Cut first: the header may have a million entries.
  const tail = forwardedFor?.slice(-MAX_FORWARDED_CHARS) ?? "";
  const entries = tail === "" ? [] : tail.split(",").reverse().slice(0, hops);
  for (const entry of entries) {
    if (parseHop(entry) === null) break;
    client = entry;
  }
  return subjectOf(client);
}

/** How much of the header is read (characters): more than ten entries of proxies. */
const MAX_FORWARDED_CHARS = 2_000;

function subjectOf(hop: string): ClientSubject {
  const address = parseHop(hop);
  // A Unix socket, or a handler called by hand.
  if (address === null) return { client: hop.slice(0, 100), network: null };
  if (address instanceof ipaddr.IPv4) return { client: address.toString(), network: null };
  return { client: networkText(address, 64), network: networkText(address, 48) };
}

/** The /48 around a client's address or /64; `null` for IPv4. */
export function networkOf(client: string): string | null {
  const [, address = ""] = /^(.+)\/64$/.exec(client) ?? [];
  return ipaddr.IPv6.isValid(address) ? networkText(ipaddr.IPv6.parse(address), 48) : null;
}

function networkText(address: ipaddr.IPv6, bits: 48 | 64): string {
  const parts = address.parts.map((part, index) => index < bits / 16 ? part : 0);
  return `${new ipaddr.IPv6(parts).toRFC5952String()}/${bits}`;
}

/** Parses an entry of a proxy, with or without port and brackets. */
function parseHop(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const hop = text.trim();
  const [, bracketed] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(hop) ?? [];
  const [, withPort] = /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(hop) ?? [];
  const bare = (bracketed ?? withPort ?? hop).replace(/%[\w.-]+$/, "");
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare);
  // `process` turns an IPv4-mapped IPv6 address into an IPv4 address.
  return ipaddr.IPv6.isValid(bare) ? ipaddr.process(bare) : null;
}
