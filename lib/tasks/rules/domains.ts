/**
 * Entries of a source policy: domains (`example.com` takes its subdomains in), bare extensions
 * (`.gov`), and domains with a path prefix (`docs.python.org/3`). Pure: runs in a browser.
 */

const LABEL = "[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?";
const DOMAIN = new RegExp(`^(?:${LABEL}\\.)+${LABEL}$`, "i");
const EXTENSION = new RegExp(`^(?:\\.${LABEL})+$`, "i");

/** Why the entry is none that the API takes, or `null` where it is one. */
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
 * What a person typed or pasted as the API takes it: a URL becomes its host, `*.example.com` its
 * domain, names outside ASCII their punycode. A path stays where no scheme was given, for the API
 * takes path prefixes. Comes back unchanged where it makes no sense.
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
  // `*.example.com` is the domain itself, which takes subdomains in; `.gov` keeps its dot.
  if (text.startsWith(".") && !typed.trim().startsWith("*")) return `.${host}`;
  const path = hasScheme ? "" : bare.split(/[?#]/, 1)[0]!.split("/").slice(1).join("/");
  return path === "" ? host : `${host}/${path.replace(/\/+$/, "")}`;
}

/** The entries of a list as typed: one per line, or between commas; repeats fall away. */
export function splitDomains(text: string): string[] {
  const entries = text.split(/[\s,;]+/).filter((entry) => entry !== "").map(normaliseDomain);
  return [...new Set(entries)];
}
