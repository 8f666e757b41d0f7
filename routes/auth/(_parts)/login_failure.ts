/** The response and log entry for a failed sign-in with Parallel. */
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

/** The status of the page. */
export function loginFailureStatus(problem: LoginProblem): number {
  return STATUS[problem];
}

/** Logs which problem occurred, and its cause. */
export function logLoginFailure(state: State, { problem, reason }: LoginFailure): void {
  const level = STATUS[problem] >= 500 ? "warn" : "info";
  state.services.log(level, "sign-in with Parallel failed", {
    id: state.requestId,
    problem,
    reason,
  });
}

// The client, as the sign-in services need it. Pure.
export function visitorOf(ctx: { readonly state: State; readonly req: Request }): Visitor {
  return { session: ctx.state.session, userAgent: ctx.req.headers.get("user-agent") };
}
