/**
 * Who is asking: the session cookie becomes `state.account`, the theme cookie `state.theme`.
 */
import { readCookie, sessionCookieName } from "../accounts/cookie.ts";
import type { Session } from "../accounts/sessions.ts";
import { isProbe } from "./probes.ts";
import { type Account, define, type Theme } from "../state.ts";

/** Resolves the session. A cookie that is none, or whose session is over, means signed out. */
export const session = define.middleware(async (ctx) => {
  const { services } = ctx.state;
  const cookie = isProbe(ctx.url.pathname)
    ? null
    : readCookie(ctx.req.headers, sessionCookieName(ctx.state.secure));
  const found = cookie === null ? null : await services.sessions.find(cookie);
  ctx.state.session = found;
  ctx.state.account = found === null ? null : accountOf(found);
  ctx.state.theme = readTheme(readCookie(ctx.req.headers, "theme"));
  return ctx.next();
});

function accountOf(session: Session): Account {
  const { account: id, fingerprint, sandbox, sealed_key: sealedKey } = session;
  return { id, fingerprint, sandbox, sealedKey };
}

function readTheme(value: string | null): Theme {
  return value === "light" || value === "dark" ? value : "system";
}
