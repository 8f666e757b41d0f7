/** What to do about a request whose response the browser does not show. Pure. */
import type { StreamRequest } from "./request.ts";

const SIMPLE_TYPES =
  /^(?:text\/plain|multipart\/form-data|application\/x-www-form-urlencoded)\s*(?:;|$)/i;

/** Headers that make a browser send a preflight (Fetch, "CORS-unsafe request-header names"). */
export function askedFirst(
  { method, headers }: StreamRequest,
): { method: boolean; headers: string[] } {
  return {
    method: !/^(?:GET|HEAD|POST)$/.test(method),
    headers: headers.filter(([name, value]) =>
      name.toLowerCase() === "content-type"
        ? !SIMPLE_TYPES.test(value)
        : !/^(?:accept|accept-language|content-language)$/i.test(name)
    ).map(([name]) => name.toLowerCase()),
  };
}

/** The same request for a terminal, where browser rules do not apply. */
export function curlCommand({ method, url, headers, body }: StreamRequest): string {
  return [
    "curl -N",
    ...method === "GET" || method === "POST" && body !== null ? [] : [`-X ${method}`],
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...body === null ? [] : [`--data-binary ${quoted(body)}`],
    quoted(url),
    "> stream.txt",
  ].join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Why a browser may have shown nothing, most likely first. The browser itself does not say. */
export function whyNothing(request: StreamRequest, origin: string, online: boolean): string[] {
  if (!online) return ["This computer is offline."];
  const { host, origin: theirs } = new URL(request.url);
  const first = askedFirst(request);
  const needs = [
    `access-control-allow-origin: ${origin}`,
    ...first.headers.length > 0
      ? [`access-control-allow-headers: ${first.headers.join(", ")}`]
      : [],
    ...first.method ? [`access-control-allow-methods: ${request.method}`] : [],
  ];
  const asks = first.method || first.headers.length > 0;
  const reasons = [
    `There may be no server at ${host}, or its certificate is not trusted.`,
    "An extension or a network filter may have stopped the request.",
  ];
  if (theirs === origin) return reasons;
  return [
    `${host} may not let pages of other sites read its responses (CORS). It would have to send: ${
      needs.join("; ")
    }.${
      asks
        ? " Because of these headers the browser sends an OPTIONS request first, which it must also accept."
        : ""
    }`,
    ...reasons,
  ];
}
