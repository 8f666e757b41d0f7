/**
 * Hosts that nobody outside can reach, so that a webhook to them would never arrive (and a server that
 * followed it would be tricked into its own network). Pure: runs in a browser.
 */

const PRIVATE_NAMES =
  /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|home\.arpa|test|invalid|onion)$/;

/**
 * Whether the host of a URL is private. Takes `URL.hostname`, which has put every spelling of an IPv4
 * address (`0x7f.1`, `2130706433`) into four decimal numbers already.
 */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, "");
  if (host.startsWith("[")) return isPrivateIPv6(host.slice(1, -1));
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return isPrivateIPv4(host.split(".").map(Number));
  return !host.includes(".") || PRIVATE_NAMES.test(host);
}

function isPrivateIPv4([a = 0, b = 0, c = 0]: readonly number[]): boolean {
  return a === 0 || a === 10 || a === 127 || a >= 224 ||
    (a === 100 && b >= 64 && b < 128) || (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) ||
    (a === 192 && b === 0 && c <= 2) ||
    (a === 198 && (b === 18 || b === 19)) || (a === 198 && b === 51 && c === 100) ||
    (a === 203 && b === 0 && c === 113);
}

function isPrivateIPv6(address: string): boolean {
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (mapped !== null) {
    const [high, low] = [parseInt(mapped[1]!, 16), parseInt(mapped[2]!, 16)];
    return isPrivateIPv4([high >> 8, high & 255, low >> 8, low & 255]);
  }
  // Only 2000::/3 is routed; of it, 2001:db8::/32 is for documents.
  return !/^[23]/.test(address) || address.startsWith("2001:db8:");
}
