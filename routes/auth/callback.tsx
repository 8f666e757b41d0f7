import { page } from "fresh";
import { LoginFailed } from "./(_parts)/LoginFailed.tsx";
import {
  loginCookieName,
  loginEndedResponse,
  type LoginFailure,
  readCookie,
  spentCookie,
} from "../../lib/accounts/mod.ts";
import { define } from "../../lib/state.ts";
import { loginFailureStatus, logLoginFailure, visitorOf } from "./(_parts)/login_failure.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { secure, services } = ctx.state;
    const end = await services.parallelLogin.finish({
      parameters: ctx.url.searchParams,
      secretOf: (tag) => readCookie(ctx.req.headers, loginCookieName(secure, tag)),
      visitor: visitorOf(ctx),
    });
    if (end.ok) return loginEndedResponse(end, secure);
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
