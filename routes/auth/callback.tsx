import { page } from "fresh";
import { LoginFailed } from "../../components/account/LoginFailed.tsx";
import { loginEndedAnswer, spentCookie } from "../../lib/accounts/answer.ts";
import { loginCookieName, readCookie } from "../../lib/accounts/cookie.ts";
import type { LoginFailure } from "../../lib/accounts/oauth/mod.ts";
import { define } from "../../lib/state.ts";
import { loginFailureStatus, logLoginFailure } from "../(_pages)/login_failure.ts";
import { visitorOf } from "../(_pages)/visitor.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { secure, services } = ctx.state;
    const end = await services.parallelLogin.finish({
      parameters: ctx.url.searchParams,
      secretOf: (tag) => readCookie(ctx.req.headers, loginCookieName(secure, tag)),
      visitor: visitorOf(ctx),
    });
    if (end.ok) return loginEndedAnswer(end, secure);
    logLoginFailure(ctx.state, end.failure);
    return page<LoginFailure>(end.failure, {
      status: loginFailureStatus(end.failure.problem),
      headers: spentCookie(end, secure).map((cookie): [string, string] => ["set-cookie", cookie]),
    });
  },
});

export default define.page<typeof handler>(function Callback({ data, state }) {
  return <LoginFailed failure={data} signedIn={state.account !== null} />;
});
