/**
 * Serves the files of `static/` and of the build.
 */
import { runOf } from "../context.ts";
import { accepts, noneMatchNames, readRange } from "../files/negotiate.ts";
import { decodePath, HASH_PARAM, type StaticBody, type StaticFile } from "../files/table.ts";
import type { Context, Middleware } from "../types.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";
const REVALIDATE = "no-cache";

/**
 * Serves static files by their path. Browsers may cache a URL with a content hash forever, and
 * revalidate others by ETag. Supports single ranges, and the Brotli and gzip variants that the build
 * made. Requests for other paths continue to the next handler.
 *
 * @example
 * ```ts
 * import { App, staticFiles } from "fresh";
 * new App().use(staticFiles());
 * ```
 */
export function staticFiles<State>(): Middleware<State> {
  return (ctx) => {
    const { basePath } = ctx.config;
    let { pathname } = ctx.url;
    if (basePath !== "") {
      if (!pathname.startsWith(`${basePath}/`)) return ctx.next();
      pathname = pathname.slice(basePath.length);
    }
    if (pathname === "/") return ctx.next();
    const { files } = runOf(ctx).attached;
    const path = pathname.includes("%") ? decodePath(pathname) : pathname;
    const file = path === null ? null : files.get(path);
    if (file !== null) return serve(ctx, file);
    if (pathname === "/favicon.ico") return new Response(null, { status: 404 });
    if (pathname.startsWith("/_fresh/")) {
      // A chunk of another build. During a deploy, the next request may reach a server that has it.
      return new Response(null, { status: 404, headers: { "cache-control": "no-store" } });
    }
    return ctx.next();
  };
}

function serve<State>(
  { req, url }: Context<State>,
  file: StaticFile,
): Response | Promise<Response> {
  const isHead = req.method === "HEAD";
  if (!isHead && req.method !== "GET") {
    return new Response("Method Not Allowed", { status: 405, headers: { allow: "GET, HEAD" } });
  }
  const asked = url.search === "" ? null : url.searchParams.get(HASH_PARAM);
  if (asked !== null && asked !== file.hash && !file.immutable) {
    // The page is from another build. Its URL must not cache this content forever.
    const plain = new URL(url);
    plain.searchParams.delete(HASH_PARAM);
    return new Response(null, {
      status: 307,
      headers: { location: plain.pathname + plain.search, "cache-control": "no-store" },
    });
  }
  const range = isHead ? null : rangeOf(req, file.plain);
  const [body, encoding] = range === null ? choose(req, file) : [file.plain, null];
  const headers: Record<string, string> = {
    etag: body.etag,
    "cache-control": file.immutable || asked !== null ? IMMUTABLE : REVALIDATE,
    "accept-ranges": "bytes",
  };
  if (file.br || file.gzip) headers.vary = "Accept-Encoding";
  if (noneMatchNames(req.headers.get("if-none-match"), body.etag)) {
    return new Response(null, { status: 304, headers });
  }
  headers["content-type"] = file.type;
  if (encoding !== null) headers["content-encoding"] = encoding;
  if (range === "unsatisfiable") {
    headers["content-range"] = `bytes */${body.size}`;
    return new Response(null, { status: 416, headers });
  }
  if (range !== null) {
    headers["content-range"] = `bytes ${range.start}-${range.end - 1}/${body.size}`;
  }
  headers["content-length"] = `${range === null ? body.size : range.end - range.start}`;
  if (isHead) return new Response(null, { headers });
  return body.read(range ?? undefined).then((content) =>
    new Response(content, { status: range === null ? 200 : 206, headers })
  );
}

/** Ignores the range if the client has another version of the file (RFC 9110, 13.1.5). */
function rangeOf(req: Request, body: StaticBody) {
  const header = req.headers.get("range");
  if (header === null) return null;
  const condition = req.headers.get("if-range");
  return condition === null || condition === body.etag ? readRange(header, body.size) : null;
}

function choose(req: Request, file: StaticFile): [StaticBody, string | null] {
  const accepted = file.br || file.gzip ? req.headers.get("accept-encoding") : null;
  if (file.br && accepts(accepted, "br")) return [file.br, "br"];
  if (file.gzip && accepts(accepted, "gzip")) return [file.gzip, "gzip"];
  return [file.plain, null];
}
