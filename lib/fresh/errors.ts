/**
 * Errors on their way to a response: boundaries render the ones below them, the rest becomes text.
 */
import { STATUS_TEXT } from "./status.ts";
import { type Context, runOf } from "./context.ts";
import { HttpError } from "./http_error.ts";
import { runRoute } from "./routing/route.ts";
import type { Middleware, Route } from "./types.ts";

/** A step that renders what is thrown inside it; 404s are left to a registered not-found page. */
export function boundary<State>(
  route: Route<State>,
  hasNotFound: () => boolean,
): Middleware<State> {
  return async (ctx) => {
    try {
      return await ctx.next();
    } catch (error) {
      if (hasNotFound() && isNotFound(error)) throw error;
      return await renderError(route, ctx, error);
    }
  };
}

/** Whether an error is a 404. */
export function isNotFound(error: unknown): boolean {
  return error instanceof HttpError && error.status === 404;
}

/** Whether an error only says what the client did wrong. */
export function isExpected(error: unknown): boolean {
  return error instanceof HttpError && error.status < 500;
}

/** Renders an error page with the error's status. */
export function renderError<State>(
  route: Route<State>,
  ctx: Context<State>,
  error: unknown,
): Promise<Response> {
  logError(error);
  ctx.error = error;
  if (!isExpected(error)) runOf(ctx).shown = error;
  return runRoute(route, ctx, { status: statusOf(error), anyMethod: true });
}

/** The answer where nobody renders the error: its own words if it is an `HttpError`, else none. */
export function errorText(error: unknown): Response {
  const status = statusOf(error);
  const message = error instanceof HttpError ? error.message : "";
  return new Response(message || STATUS_TEXT[status] || `Error ${status}`, {
    status,
    headers: { "content-type": "text/plain;charset=UTF-8" },
  });
}

function statusOf(error: unknown): number {
  return error instanceof HttpError ? error.status : 500;
}

/** Tells the operator; errors that only say what the client did wrong are not news. */
export function logError(error: unknown): void {
  if (isExpected(error)) return;
  const text = error instanceof Error ? error.stack ?? `${error}` : Deno.inspect(error);
  // Neither awaited nor required: with nobody reading it, the app goes on answering.
  Deno.stderr.write(new TextEncoder().encode(`${text}\n`)).catch(() => {});
}
