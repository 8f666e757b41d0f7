/**
 * Answers requests: finds the route, runs its chain, turns errors into responses.
 */
import type { Attached } from "./attached.ts";
import { RequestContext } from "./context.ts";
import { withHeaders, withoutBody } from "./respond.ts";
import { compile, type Compiled, type Item } from "./routing/compile.ts";
import { errorText, isExpected, isNotFound, logError, renderNotFound } from "./routing/errors.ts";
import { readFileRoutes } from "./routing/fs.ts";
import type { Match, Plan } from "./routing/router.ts";
import { Run } from "./run.ts";
import { HttpError } from "./runtime.ts";
import type { ResolvedFreshConfig } from "./types.ts";

/** Makes an app's handler. The first request loads the file routes. */
export function createHandler<State>(
  items: readonly Item<State>[],
  config: ResolvedFreshConfig,
  attached: Attached,
): (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response> {
  const hasFiles = items.some(({ kind }) => kind === "files");
  let compiled = hasFiles ? null : compile(items, null, config.basePath);
  let compiling: Promise<Compiled<State>> | null = null;
  const load = async () =>
    compiled = compile(items, await readFileRoutes<State>(attached.routes), config.basePath);
  return async (req, info = UNKNOWN) => {
    // A file that fails to load fails every request; the next request tries again.
    const app = compiled ?? await (compiling ??= load().finally(() => compiling = null));
    return answer(app, req, info, config, attached);
  };
}

/** The connection of handlers that are called without a server. */
const UNKNOWN: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "localhost", port: 0 },
  completed: Promise.resolve(),
};

async function answer<State>(
  app: Compiled<State>,
  req: Request,
  info: Deno.ServeHandlerInfo,
  config: ResolvedFreshConfig,
  attached: Attached,
): Promise<Response> {
  const known = urlOf(req, config.trustProxy);
  const url = known ?? new URL(NO_URL);
  const match = known === null ? null : app.router.match(url.pathname.replace(/\/{2,}/g, "/"));
  const params = known === null ? null : match === null ? {} : decodeParams(match.params);
  const plan = planFor(app, match, req.method);
  const chain = params === null ? withEnd(plan, MALFORMED) : plan.chain;
  const run = new Run(chain, app.unmatched.chain.at(-1)!.wrappers, attached);
  const route = match?.endpoint.pattern.source ?? null;
  const ctx = new RequestContext(req, url, params ?? match?.params ?? {}, route, config, info, run);
  let response: Response;
  try {
    response = await run.next(ctx);
  } catch (error) {
    response = await failed(app, ctx, run, error);
  }
  if (run.protect !== null) response = withHeaders(response, run.protect);
  if (run.allow !== null && response.status === 405 && !response.headers.has("allow")) {
    response = withHeaders(response, (headers) => headers.set("allow", run.allow!));
  }
  return req.method === "HEAD" ? withoutBody(response) : response;
}

/** The URL of a request without a valid one. Its middlewares run, then it gets 400. */
const NO_URL = "http://malformed.invalid/";

/** Null if the Host header is not valid in a URL: `Deno.serve` does not check it. */
function urlOf(req: Request, trustProxy: boolean): URL | null {
  const url = URL.parse(req.url);
  if (url === null || !trustProxy) return url;
  const proto = first(req.headers.get("x-forwarded-proto"));
  if (proto === "http" || proto === "https") url.protocol = `${proto}:`;
  const host = first(req.headers.get("x-forwarded-host"));
  if (host) {
    url.port = "";
    url.host = host;
  }
  return url;
}

/** Each proxy appends to the list; the first one saw the client. */
function first(list: string | null): string | undefined {
  return list?.split(",", 1)[0]?.trim();
}

/** Null if an escape is malformed. */
function decodeParams(raw: Record<string, string>): Record<string, string> | null {
  try {
    const params: Record<string, string> = {};
    for (const name in raw) params[name] = decodeURIComponent(raw[name]!);
    return params;
  } catch {
    return null;
  }
}

function planFor<State>(
  app: Compiled<State>,
  match: Match<State> | null,
  method: string,
): Plan<State> {
  if (match === null) return app.unmatched;
  const { methods, others } = match.endpoint;
  return methods.get(method) ?? (method === "HEAD" ? methods.get("GET") : undefined) ?? others;
}

const MALFORMED = () => {
  throw new HttpError(400, "Malformed URL");
};

/** Replaces the last step of a plan. */
function withEnd<State>(plan: Plan<State>, run: () => never): Plan<State>["chain"] {
  return [...plan.chain.slice(0, -1), { run, wrappers: plan.chain.at(-1)!.wrappers }];
}

async function failed<State>(
  app: Compiled<State>,
  ctx: RequestContext<State>,
  { attached, nonce }: Run<State>,
  error: unknown,
): Promise<Response> {
  ctx.error = error;
  if (app.notFound !== null && isNotFound(error)) {
    try {
      return await renderNotFound(app.notFound, ctx, error);
    } catch (another) {
      error = another;
    }
  }
  logError(error);
  if (attached.dev === null || isExpected(error)) return errorText(error);
  return attached.dev.errorPage(error, ctx.config.basePath, nonce);
}
