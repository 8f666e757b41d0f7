/**
 * Reads the session cookie into `state.account` and the theme cookie into `state.theme`.
 */
import { HttpError } from "fresh";
import {
  type Account,
  keysToConfirm,
  readCookie,
  SealError,
  type Session,
  sessionCookieName,
} from "../accounts/mod.ts";
import { isForPrograms, isMcpPath, ownKeyOf } from "../proxy/mod.ts";
import type { Services } from "../services.ts";
import { isProbe } from "./requests.ts";
import { define, type State, type Theme } from "../state.ts";
import { isEventStream, SAFE_METHODS } from "../base/mod.ts";
import type { StreamOwner } from "../stream_leases.ts";

/** Resolves the session. An invalid cookie or an ended session means signed out. */
export const session = define.middleware(async (ctx) => {
  const { services } = ctx.state;
  // An API request with its own key does not use the session.
  const cookie = isAnyones(ctx.url.pathname) || ownKeyOf(ctx) !== null
    ? null
    : readCookie(ctx.req.headers, sessionCookieName(ctx.state.secure));
  const found = cookie === null ? null : await services.sessions.find(cookie);
  ctx.state.session = found;
  ctx.state.account = null;
  ctx.state.keyNotice = null;
  ctx.state.listId = null;
  if (found !== null) {
    // In parallel: a remote store needs a round trip for each step.
    const [refusedMs, keys, listId] = await Promise.all([
      refusedSince(services, found, { wait: !SAFE_METHODS.has(ctx.req.method) }),
      isPage(ctx.req.method, ctx.url.pathname) ? services.accounts.keys(found.account) : [],
      isList(ctx) ? services.histories.streams.latestId(found.account) : null,
    ]);
    ctx.state.listId = listId;
    if (keysToConfirm(keys)) ctx.state.keyNotice = keys;
    ctx.state.account = accountOf(found, refusedMs, ctx.state.client);
    if (refusedMs !== null) ctx.state.services = services.before(refusedMs);
  }
  ctx.state.theme = themeOf(ctx.req.headers);
  return ctx.next();
});

/** Whether a path needs no session: probes and share links are the same for everyone, `/mcp` takes only keys. */
function isAnyones(pathname: string): boolean {
  return isProbe(pathname) || pathname.startsWith("/s/") || isMcpPath(pathname);
}

/**
 * Whether the session of a request is still open; `true` without one. Call it after the request's body
 * has arrived: the sender decides how long that takes.
 */
export async function isStillSignedIn(
  { services, session }: Pick<State, "services" | "session">,
): Promise<boolean> {
  return session === null || (await services.sessions.alive([session.id])).has(session.id);
}

/**
 * When the API was first seen to refuse the session's key; `null` while it accepts the key. A request that
 * changes something waits for a new answer of the API if the last one is old.
 */
async function refusedSince(
  { openKey, sessions, standings }: Services,
  session: Session,
  options: { readonly wait: boolean },
): Promise<number | null> {
  if (session.sandbox) return null;
  try {
    const sha256 = await sessions.keyHash(session);
    const key = { sha256, open: () => openKey(session.sealed_key) };
    return (await standings.current(key, options)).refused_ms;
  } catch (error) {
    // The secret that sealed this key is gone, so the key cannot be used.
    if (error instanceof SealError) return null;
    throw error;
  }
}

/** The changes that a session may make while the API refuses its key. */
const LEFT = new Set([
  "/account/delete",
  "/account/sessions",
  "/auth/key",
  "/auth/logout",
  "/auth/sandbox",
  "/schedules/:id/delete",
  "/tasks/selected",
  "/tasks/:id/delete",
  "/tasks/:id/undelete",
  "/theme",
]);

/** Refuses all changes except deletion to a session whose key the API refuses. */
export const acceptedKey = define.middleware((ctx) => {
  const { account } = ctx.state;
  if (account === null || account.refusedMs === null || SAFE_METHODS.has(ctx.req.method)) {
    return ctx.next();
  }
  const route = ctx.route?.replace(/\[(\w+)\]/g, ":$1") ?? "";
  // The proxy forwards it to the API, which refuses it.
  if (LEFT.has(route) || ctx.url.pathname.startsWith("/api/")) return ctx.next();
  throw new HttpError(
    403,
    "Parallel no longer accepts this session’s key. You can read, export and delete what was " +
      "created before. Sign in with a key that works to do more.",
  );
});

/** Whether the response may be a page, which can show the notice about the account's keys. */
function isPage(method: string, pathname: string): boolean {
  return method === "GET" && !isForPrograms(pathname);
}

/** Whether the response is a page that follows changes of the account's list. */
function isList({ req, route }: { readonly req: Request; readonly route: string | null }): boolean {
  return SAFE_METHODS.has(req.method) && (route === "/tasks" || route === "/compare");
}

function accountOf(session: Session, refusedMs: number | null, client: string): Account {
  const { account: id, fingerprint, sandbox, sealed_key: sealedKey } = session;
  return { id, fingerprint, sandbox, sealedKey, refusedMs, client };
}

/** The theme that the user has chosen in this browser. */
export function themeOf(headers: Headers): Theme {
  const value = readCookie(headers, "theme");
  return value === "light" || value === "dark" ? value : "system";
}

// Binds every stream to the session or the key that opened it.
/** Ends a stream with its owner, on every route. */
export const streamOwner = define.middleware(async (ctx) => {
  const response = await ctx.next();
  const { status, headers } = response;
  // Reading the body of a page would turn its text into a stream.
  if (!isEventStream(headers) || response.body === null) return response;
  const { body } = response;
  const { services, session, account } = ctx.state;
  const { standings, streamLeases } = services;
  const { pathname } = ctx.url;
  const apiKey = ownKeyOf(ctx);
  let owner: StreamOwner | null = null;
  if (apiKey !== null) {
    owner = { kind: "key", mayRead: async () => await standings.mayRead(apiKey) === "accepted" };
  } else if (session !== null && !pathname.startsWith("/s/")) {
    const { id } = session;
    const sha256 = await services.sessions.keyHash(session).catch(() => null);
    const refused = account?.refusedMs ?? null;
    const unchanged = async () =>
      sha256 === null || (await standings.known(sha256)).refused_ms === refused;
    owner = { kind: "session", id, unchanged };
  }
  if (owner === null) return response;
  const bound = streamLeases.bind(body, owner);
  return bound === body ? response : new Response(bound, { status, headers });
});
