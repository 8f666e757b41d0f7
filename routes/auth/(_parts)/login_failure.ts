/** What the web and the log see of a sign-in with Parallel that came to nothing. */
import type { LoginFailure, LoginProblem, Visitor } from "../../../lib/accounts/mod.ts";
import type { State } from "../../../lib/state.ts";

const STATUS: Readonly<Record<LoginProblem, number>> = {
  "denied": 403,
  "provider-error": 502,
  "unknown": 400,
  "foreign": 403,
  "expired": 400,
  "replayed": 400,
  "malformed": 400,
  "wrong-issuer": 400,
  "unreachable": 502,
  "timeout": 504,
  "broken": 502,
  "exchange-refused": 502,
  "no-key": 502,
  "key-refused": 502,
  "key-unchecked": 502,
};

/** The status of the page that says it. */
export function loginFailureStatus(problem: LoginProblem): number {
  return STATUS[problem];
}

/** Logs it: which problem, and what failed underneath. */
export function logLoginFailure(state: State, { problem, reason }: LoginFailure): void {
  const level = STATUS[problem] >= 500 ? "warn" : "info";
  state.services.log(level, "sign-in with Parallel failed", {
    id: state.requestId,
    problem,
    reason,
  });
}

// Who comes to sign in, as the ways in want to know it. Pure.
export function visitorOf(ctx: { readonly state: State; readonly req: Request }): Visitor {
  return { session: ctx.state.session, userAgent: ctx.req.headers.get("user-agent") };
}
