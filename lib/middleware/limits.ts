/**
 * Limits by client address: requests of any kind, and attempts to sign in.
 */
import { HttpError } from "fresh";
import { SANDBOX_KEY_PREFIX } from "../accounts/mod.ts";
import { isEventStream } from "../base/mod.ts";
import { type ClientSubject, clientSubject } from "../limits/mod.ts";
import { apiError, isForPrograms, ownKeyOf, withCors } from "../proxy/mod.ts";
import { define, type State } from "../state.ts";
import { plainPage } from "./plain_page.ts";
import { isProbe } from "./requests.ts";

/** A 429 with the time to wait, shown by the app's error page. */
export class TooManyRequests extends HttpError {
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(429, message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Refuses requests beyond the limit of their client address. Cheap: nothing is rendered. */
export const requestLimit = define.middleware(async (ctx) => {
  const { config, limits } = ctx.state.services;
  const { pathname } = ctx.url;
  const { client, network } = subjectOf(ctx);
  ctx.state.client = client;
  ctx.state.network = network;
  if (isProbe(pathname)) return ctx.next();
  const admission = await limits.requests.consume(ctx.state);
  if (admission.ok) return ctx.next();
  const { retryAfterSeconds } = admission;
  const words = `Too many requests: at most ${limits.requests.perMinute} a minute from one address`;
  if (isForPrograms(pathname)) {
    const headers = { "retry-after": `${retryAfterSeconds}` };
    return withCors(apiError(429, words, headers), ctx.req, config.corsOrigins);
  }
  return plainPage(ctx.req, {
    status: 429,
    title: "Too many requests",
    words:
      `${words}. Try again in ${retryAfterSeconds} s. Nothing is lost, and runs in progress are still recorded.`,
    retryAfterSeconds,
  });
});

const MIB = 1024 * 1024;
/** Bodies up to this size always have room: a form must arrive while others send large tables (bytes). */
const SMALL_BODY_BYTES = 64 * 1024;
/** When to try again (s). */
const BODY_RETRY_SECONDS = 5;

/**
 * Limits the memory that all bodies of requests take together. A body may take minutes to arrive, and nothing
 * else limits how many arrive concurrently.
 */
export const bodyLimit = define.middleware(async (ctx) => {
  const { client, services: { config, limits: { bodies } } } = ctx.state;
  const bytes = ctx.req.body === null ? 0 : bodyBytes(ctx.req, ctx.route, config);
  if (bytes <= SMALL_BODY_BYTES) return ctx.next();
  if (!bodies.hasRoom(client, bytes)) {
    const words = "Too many large requests are arriving right now";
    if (isForPrograms(ctx.url.pathname)) {
      const headers = { "retry-after": `${BODY_RETRY_SECONDS}` };
      return withCors(apiError(429, words, headers), ctx.req, config.corsOrigins);
    }
    return plainPage(ctx.req, {
      status: 429,
      title: "Too many uploads",
      words: `${words}. Nothing was changed. Send it again in a few seconds.`,
      retryAfterSeconds: BODY_RETRY_SECONDS,
    });
  }
  bodies.add(client, bytes);
  try {
    return await ctx.next();
  } finally {
    bodies.add(client, -bytes);
  }
});

/** The most memory that a request's body takes (bytes): its length or, without one, its route's limit. */
function bodyBytes(
  { headers, url }: Request,
  route: string | null,
  { batchLimits }: State["services"]["config"],
): number {
  // An import is received on disk, within its own limits.
  if (route === "/tasks/transfer") return 0;
  const largest = batchLimits.bytes + MIB;
  const declared = headers.get("content-length");
  if (declared !== null) return Math.min(Number(declared), largest);
  if (route?.startsWith("/batches") === true) return largest;
  return url.includes("/tasks/groups/") ? 8 * MIB : MIB;
}

/** Gives a request its view of runs. The view ends with the response, or when a download is generated. */
export const largeViews = define.middleware(async (ctx) => {
  const view = ctx.state.services.views.open(ctx.state.client);
  ctx.state.view = view;
  let isSending = false;
  try {
    const response = await ctx.next();
    // A response to HEAD has no body to send.
    isSending = view.isSending && ctx.req.method !== "HEAD";
    return response;
  } finally {
    if (!isSending) view[Symbol.dispose]();
  }
});

/** When to try again (s): a page that is closed or reloaded frees its stream at once. */
const STREAM_RETRY_SECONDS = 5;

/** Limits the streams of visitors without a real key: sandbox accounts and readers of share links. */
export const streamLimit = define.middleware(async (ctx) => {
  const { account, services } = ctx.state;
  if (ctx.req.method !== "GET" || !/\/events\/?$/.test(ctx.url.pathname)) return ctx.next();
  const apiKey = ownKeyOf(ctx);
  const isAnonymous = apiKey === null
    ? account === null || account.sandbox
    : apiKey.startsWith(SANDBOX_KEY_PREFIX);
  if (!isAnonymous) return ctx.next();
  const { streams } = services.sandbox;
  const release = streams.acquire(ctx.state);
  const { perAddress, inAll } = streams.limits;
  if (release === null) {
    return withCors(
      apiError(
        429,
        `Too many live streams: without a Parallel key, ${perAddress} from one address and ${inAll} in all may be open. Close one and try again; nothing is lost, a stream resumes by its last event ID`,
        { "retry-after": `${STREAM_RETRY_SECONDS}` },
      ),
      ctx.req,
      services.config.corsOrigins,
    );
  }
  let isOpen = false;
  try {
    const response = await ctx.next();
    isOpen = response.body !== null && isEventStream(response.headers);
    if (isOpen) ctx.info.completed.then(release, release);
    return response;
  } finally {
    if (!isOpen) release();
  }
});

/**
 * Returns whether a request is an attempt to sign in or to use a key: any route of `/auth` but signing out,
 * `/account/keys`, and a POST to `/admin`. Matches the route, because a path can be written in several ways, for
 * example with a final slash.
 */
export function isAttempt({ method }: Pick<Request, "method">, route: string | null): boolean {
  if (route?.startsWith("/auth/")) return route !== "/auth/logout";
  return route === "/account/keys" || (route === "/admin" && method === "POST");
}

/** Refuses sign-in attempts beyond the limit of their client address. Signing out does not count. */
export const signInLimit = define.middleware(async (ctx) => {
  if (!isAttempt(ctx.req, ctx.route)) return ctx.next();
  const { signIns } = ctx.state.services.limits;
  const admission = await signIns.consume(ctx.state);
  if (admission.ok) return ctx.next();
  const { retryAfterSeconds } = admission;
  throw new TooManyRequests(
    `Too many attempts to sign in from your address: at most ${signIns.perMinute} a minute. ` +
      `Try again in ${retryAfterSeconds} s.`,
    retryAfterSeconds,
  );
});

/** Refuses attempts with header tokens beyond the limit. A valid token does not count. */
export const tokenLimit = define.middleware(async (ctx) => {
  if (!ctx.req.headers.has("authorization")) return ctx.next();
  const { signIns } = ctx.state.services.limits;
  const admission = await signIns.consume(ctx.state);
  if (!admission.ok) {
    const { retryAfterSeconds } = admission;
    throw new TooManyRequests(
      `Too many tokens. Try again in ${retryAfterSeconds} s.`,
      retryAfterSeconds,
    );
  }
  const response = await ctx.next();
  if (response.status !== 401) signIns.refund(ctx.state);
  return response;
});

/** The client that a request counts against: the address that called the outermost trusted proxy. */
function subjectOf(
  { info, req, state }: {
    readonly info: Deno.ServeHandlerInfo;
    readonly req: Request;
    readonly state: State;
  },
): ClientSubject {
  const { remoteAddr } = info;
  const peer = "hostname" in remoteAddr ? remoteAddr.hostname : "local";
  const { trustProxy } = state.services.config;
  return clientSubject(peer, req.headers.get("x-forwarded-for"), trustProxy);
}
