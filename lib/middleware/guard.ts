/**
 * Refuses malformed requests. Fresh 2.3.3 answers some of them with a bare 500, outside of all
 * middlewares: a malformed Host (`new URL` in src/app.ts, handler), a method without a routing table and
 * a path with invalid escapes (src/router.ts, match). A guard around the fetch handler replaces such a
 * request with one that the app accepts, and a middleware refuses that one, so that headers, log and
 * limits apply.
 */
import { handleApi, proxyContext } from "../proxy/mod.ts";
import { define } from "../state.ts";
import { plainPage } from "./plain_page.ts";

type Handler = (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;

/** The reason for a refusal, and the request as it was received. */
interface Refusal {
  readonly received: Request;
  readonly status: number;
  readonly title: string;
  readonly words: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** The two parts of the guard: `around` wraps the handler, `refuse` is a middleware. */
export function createGuard() {
  const refusals = new WeakMap<Request, Refusal>();
  const around = (handler: Handler): Handler => (request, info) => {
    const refusal = refusalOf(request);
    if (refusal === null) return handler(request, info);
    const standIn = standInFor(request);
    refusals.set(standIn, refusal);
    return handler(standIn, info);
  };
  const refuse = define.middleware((ctx) => {
    const refusal = refusals.get(ctx.req);
    if (refusal === undefined) return ctx.next();
    const { received, title, words, status, headers } = refusal;
    ctx.state.receivedMethod = received.method;
    // The proxy checks the received path and method itself, and refuses in the API's error shape.
    if (ctx.url.pathname.startsWith("/api/")) {
      const context = proxyContext(ctx.state.services);
      const { client, network } = ctx.state;
      const origin = ctx.url.origin;
      return handleApi(context, {
        request: received,
        account: null,
        origin,
        client: { client, network },
      });
    }
    return plainPage(ctx.req, { status, title, words, headers });
  });
  return { around, refuse };
}

/** Hosts that are valid without a parser: nearly all. */
const PLAIN_HOST = /^https?:\/\/[\w.-]+(?::\d{1,5})?\//;

function refusalOf(request: Request): Refusal | null {
  const { method, url } = request;
  if (!PLAIN_HOST.test(url) && URL.parse(url) === null) {
    return malformed(request, "The Host header of this request is malformed.");
  }
  if (!METHODS.includes(method)) {
    const allow = METHODS.join(", ");
    const words = `Allowed methods: ${allow}.`;
    const title = "Method not allowed";
    return { received: request, status: 405, title, words, headers: { allow } };
  }
  if (url.includes("%") && !isDecodable(new URL(url).pathname)) {
    return malformed(request, "The address has a “%” that is not part of an escape like “%20”.");
  }
  return null;
}

function malformed(received: Request, words: string): Refusal {
  return { received, status: 400, title: "Malformed request", words };
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function standInFor({ headers, method, signal, url }: Request): Request {
  const at = URL.parse(url) ?? new URL("http://malformed.invalid/");
  at.pathname = at.pathname.replaceAll("%", "%25");
  return new Request(at, { method: method === "HEAD" ? "HEAD" : "GET", headers, signal });
}
