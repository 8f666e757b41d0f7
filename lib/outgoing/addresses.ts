/** Decides which addresses outgoing requests may reach. Pure. */
import ipaddr from "ipaddr.js";

/** A network: the first address and the prefix's length. */
type Net = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Non-public addresses that an operator allows. */
export interface Allowed {
  /** Host names in lower case. Any address they resolve to is allowed. */
  readonly hosts: ReadonlySet<string>;
  readonly nets: AllowedNets;
}

/** Allowed networks that are not public. */
export type AllowedNets = readonly Net[];

const HOST =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/**
 * Parses a list of host names, addresses and networks such as `ntfy.lan, 192.168.1.20, fd00::/8`. Returns an
 * invalid entry as `wrong`.
 */
export function readAllowed(
  list: string,
): { readonly ok: true; readonly allowed: Allowed } | {
  readonly ok: false;
  readonly wrong: string;
} {
  const hosts = new Set<string>();
  const nets: Net[] = [];
  for (const entry of list.split(",").map((text) => text.trim().toLowerCase())) {
    if (entry === "") continue;
    const net = readNet(entry);
    if (net !== null) nets.push(net);
    // Some programs read a name whose last label is a number as an IPv4 address.
    else if (HOST.test(entry) && !/(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(entry)) hosts.add(entry);
    else return { ok: false, wrong: entry };
  }
  return { ok: true, allowed: { hosts, nets } };
}

function readNet(entry: string): Net | null {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry);
  if (ipaddr.IPv4.isValidFourPartDecimal(entry)) return [ipaddr.IPv4.parse(entry), 32];
  if (ipaddr.IPv6.isValid(entry)) return [ipaddr.IPv6.parse(entry), 128];
  return null;
}

/** Addresses that IANA's registries call global, but that are not public. */
const NOT_FOR_US: AllowedNets = [
  // Azure's virtual public address of the host: metadata, DNS, health.
  [ipaddr.IPv4.parse("168.63.129.16"), 32],
];
/** All global unicast addresses of IPv6 (RFC 4291, section 2.4). */
const GLOBAL_V6: Net = [ipaddr.IPv6.parse("2000::"), 3];

/**
 * Returns 4 or 6 for an IP address in a resolver's notation, otherwise 0. Rejects octal, hexadecimal and shortened
 * forms: parsers disagree on them, and resolvers never return them. Rejects zones (`%eth0`), which choose a network.
 */
export function ipVersion(text: string): 0 | 4 | 6 {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return 4;
  return ipaddr.IPv6.isValid(text) && !text.includes("%") ? 6 : 0;
}

/** Whether requests may go to an address in a resolver's notation: it is public or in an allowed network. */
export function isPublicAddress(text: string, allowed: AllowedNets = []): boolean {
  const version = ipVersion(text);
  if (version === 0) return false;
  const address = version === 4 ? ipaddr.IPv4.parse(text) : ipaddr.IPv6.parse(text);
  if (isIn(address, allowed)) return true;
  // IPv6 forms that carry an IPv4 address (mapped, NAT64, 6to4, Teredo) are not `unicast`.
  if (address.range() !== "unicast" || isIn(address, NOT_FOR_US)) return false;
  return version === 4 || isIn(address, [GLOBAL_V6]);
}

function isIn(address: ipaddr.IPv4 | ipaddr.IPv6, nets: AllowedNets): boolean {
  const forms = [address];
  // An allowed IPv4 network also covers its addresses in the mapped form.
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) {
    forms.push(address.toIPv4Address());
  }
  return nets.some(([net, bits]) =>
    forms.some((form) => form.kind() === net.kind() && form.match([net, bits] as [never, number]))
  );
}
