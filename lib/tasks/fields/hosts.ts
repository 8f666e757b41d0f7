/**
 * Hosts in a request. A source policy takes domains (`example.com` includes its subdomains), bare extensions
 * (`.gov`), and domains with a path prefix (`docs.python.org/3`). Hosts of webhooks and MCP servers must be
 * public. Pure: runs in a browser.
 */

const LABEL = "[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?";
const DOMAIN = new RegExp(`^(?:${LABEL}\\.)+${LABEL}$`, "i");
const EXTENSION = new RegExp(`^(?:\\.${LABEL})+$`, "i");

/** Why the API would refuse the entry, or `null`. */
export function domainProblem(entry: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(entry)) return "leave the scheme out: example.com";
  if (/[?#]/.test(entry)) return "leave the query and the fragment out";
  const [host = ""] = entry.split("/", 1);
  if (host.includes(":")) return "leave the port out";
  if (EXTENSION.test(entry)) return null;
  if (!DOMAIN.test(host) || host.length > 253) return "not a domain like example.com or .gov";
  return /\s/.test(entry) ? "a domain holds no spaces" : null;
}

/**
 * Converts an entry to the API's form: a URL becomes its host, `*.example.com` its domain, a name outside ASCII
 * its punycode. Keeps the path of an entry without a scheme, because the API takes path prefixes. Returns text
 * that is not a host unchanged.
 */
export function normaliseDomain(typed: string): string {
  const text = typed.trim().replace(/^\*(?=\.)/, "");
  const bare = text.startsWith(".") ? text.slice(1) : text;
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(bare);
  let url: URL;
  try {
    url = new URL(hasScheme ? bare : `https://${bare}`);
  } catch {
    return text;
  }
  const host = url.hostname.replace(/\.$/, "");
  // `*.example.com` becomes the domain, which includes its subdomains; `.gov` and `*.gov` keep their dot.
  const isExtension = text.startsWith(".") && (text === typed.trim() || !host.includes("."));
  if (isExtension) return `.${host}`;
  const path = hasScheme ? "" : bare.split(/[?#]/, 1)[0]!.split("/").slice(1).join("/");
  // Without looking back, a million slashes inside the path would take minutes.
  return path === "" ? host : `${host}/${path.replace(/(?<!\/)\/+$/, "")}`;
}

/** The most entries to normalise. The API takes 200, so a longer list is refused anyway. */
const MAX_ENTRIES = 1_000;

/** The entries of a typed list, one per line or separated by commas, without repeats. */
export function splitDomains(text: string): string[] {
  const typed = [...new Set(text.split(/[\s,;，、；]+/).filter((entry) => entry !== ""))];
  return typed.length > MAX_ENTRIES ? typed : [...new Set(typed.map(normaliseDomain))];
}

const PRIVATE_NAMES =
  /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|home\.arpa|test|invalid|onion)$/;

/**
 * Whether the host of a URL is private: a webhook to it would never arrive, and a server that called it
 * could be tricked into its own network. Takes `URL.hostname`, which turns every spelling of an IPv4
 * address (`0x7f.1`, `2130706433`) into four decimal numbers.
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
  // Only 2000::/3 is routed; 2001:db8::/32 in it is for documentation.
  return !/^[23]/.test(address) || address.startsWith("2001:db8:");
}
