import { page } from "fresh";
import { LoginFailed } from "../../components/account/LoginFailed.tsx";
import { loginStartedAnswer } from "../../lib/accounts/answer.ts";
import type { LoginFailure } from "../../lib/accounts/oauth/mod.ts";
import { define } from "../../lib/state.ts";
import { loginFailureStatus, logLoginFailure } from "../(_pages)/login_failure.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { secure, services, session } = ctx.state;
    const start = await services.parallelLogin.begin({
      redirectUri: `${services.config.publicUrl ?? ctx.url.origin}/auth/callback`,
      next: ctx.url.searchParams.get("next") ?? "/",
      join: startedHere(ctx.req.headers) ? session?.account ?? null : null,
    });
    if (start.ok) return loginStartedAnswer(start, ctx.req, secure);
    logLoginFailure(ctx.state, start.failure);
    return page<LoginFailure>(start.failure, {
      status: loginFailureStatus(start.failure.problem),
    });
  },
});

/**
 * Whether the person went here from one of our pages, or by themselves. A link from elsewhere may start
 * a sign-in, but what comes of it joins nobody's account: somebody else's key in it would open it to them.
 */
function startedHere(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site");
  return site === "same-origin" || site === "none";
}

export default define.page<typeof handler>(function Login({ data, state }) {
  return <LoginFailed failure={data} signedIn={state.account !== null} />;
});
