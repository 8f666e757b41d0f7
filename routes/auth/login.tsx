import { page } from "fresh";
import { LoginFailed } from "./(_parts)/LoginFailed.tsx";
import { type LoginFailure, loginStartedResponse } from "../../lib/accounts/mod.ts";
import { define } from "../../lib/state.ts";
import { loginFailureStatus, logLoginFailure } from "./(_parts)/login_failure.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { secure, services } = ctx.state;
    const start = await services.parallelLogin.begin({
      redirectUri: `${services.config.publicUrl ?? ctx.url.origin}/auth/callback`,
      next: ctx.url.searchParams.get("next") ?? "/",
    });
    if (start.ok) return loginStartedResponse(start, ctx.req, secure);
    logLoginFailure(ctx.state, start.failure);
    return page<LoginFailure>(start.failure, {
      status: loginFailureStatus(start.failure.problem),
    });
  },
});

export default define.page<typeof handler>(function Login({ data, state }) {
  return <LoginFailed failure={data} signedIn={state.account !== null} />;
});
