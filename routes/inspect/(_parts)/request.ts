/** Validates a typed request by the browser's own rules before it is sent. Pure. */

/** The fields of the form. */
export interface RequestText {
  readonly method: string;
  readonly url: string;
  /** `name: value`, one per line. */
  readonly headers: string;
  readonly body: string;
}

/** The request to send. */
export interface StreamRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
}

export type ReadRequest =
  | { readonly ok: true; readonly request: StreamRequest }
  | { readonly ok: false; readonly field: "url" | "headers" | "body"; readonly problem: string };

/** Validates a request and adds what every stream needs: `accept`, and the type of a JSON body. */
export function readRequest(text: RequestText, pageUrl: string): ReadRequest {
  const url = readUrl(text.url.trim(), pageUrl);
  if (typeof url === "string") return { ok: false, field: "url", problem: url };
  const headers: [string, string][] = [];
  for (const line of text.headers.split("\n")) {
    if (line.trim() === "") continue;
    const [, name = "", value = ""] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    const problem = headerProblem(line, name, value);
    if (problem !== null) return { ok: false, field: "headers", problem };
    headers.push([name, value]);
  }
  const has = (wanted: string) => headers.some(([name]) => name.toLowerCase() === wanted);
  const { method } = text;
  if (text.body.trim() !== "" && method === "GET") {
    return {
      ok: false,
      field: "body",
      problem: "A GET request cannot have a body. Choose POST, or clear the body.",
    };
  }
  if (!has("accept")) headers.push(["accept", "text/event-stream"]);
  const body = text.body.trim() === "" ? null : text.body;
  if (body !== null && !has("content-type") && isJson(body)) {
    headers.push(["content-type", "application/json"]);
  }
  return { ok: true, request: { method, url: url.href, headers, body } };
}

function readUrl(text: string, pageUrl: string): URL | string {
  if (text === "") return "Enter a URL to open.";
  // Some browsers accept "https://not a url/".
  if (/\s/.test(text)) return "A URL cannot contain spaces.";
  const absolute = /^[a-z][a-z\d+.-]*:/i.test(text) || text.startsWith("/")
    ? text
    : `https://${text}`;
  const url = URL.canParse(absolute, pageUrl) ? new URL(absolute, pageUrl) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return "The URL must start with https:// or http://.";
  }
  if (url.username !== "" || url.password !== "") {
    return "A browser cannot open a URL with a user name. Use an authorization header instead.";
  }
  if (!/[.:]|^localhost$/.test(url.hostname) && url.hostname !== new URL(pageUrl).hostname) {
    return `“${url.hostname}” is not a valid host: use one with a dot, localhost or an IP address.`;
  }
  if (isMixed(url, pageUrl)) {
    return "This page uses https, so the browser blocks plain http, except to this machine (localhost).";
  }
  return url;
}

function isMixed(url: URL, pageUrl: string): boolean {
  if (!pageUrl.startsWith("https:") || url.protocol === "https:") return false;
  return !/^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
}

function headerProblem(line: string, name: string, value: string): string | null {
  if (name === "") return `“${line.trim()}” is not a header. Write name: value, one per line.`;
  try {
    // A request silently drops headers that a page may not set (Fetch, "forbidden request-header").
    const { headers } = new Request("https://x", { headers: [[name, value]] });
    return headers.has(name)
      ? null
      : `A browser does not let pages set “${name}”. Remove it, or use curl.`;
  } catch {
    return `“${name}” contains a character that a header cannot contain.`;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
