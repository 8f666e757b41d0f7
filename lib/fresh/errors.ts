/**
 * Errors on their way to a response: boundaries render the ones below them, the rest becomes text.
 */
import { STATUS_TEXT } from "@std/http/status";
import { type Context, runOf } from "./context.ts";
import { HttpError } from "./http_error.ts";
import { runRoute } from "./routing/route.ts";
import type { Middleware, Route } from "./types.ts";

/** A step that renders what is thrown inside it; 404s are left to a registered not-found page. */
export function boundary<State>(route: Route<State>, hasNotFound: boolean): Middleware<State> {
  return async (ctx) => {
    try {
      return await ctx.next();
    } catch (error) {
      if (hasNotFound && isNotFound(error)) throw error;
      return await renderError(route, ctx, error);
    }
  };
}

/** A step that answers the 404s that are thrown inside it. */
export function notFoundBoundary<State>(route: Route<State> | null): Middleware<State> {
  return async (ctx) => {
    try {
      return await ctx.next();
    } catch (error) {
      if (route === null || !isNotFound(error)) throw error;
      return await renderNotFound(route, ctx, error);
    }
  };
}

/**
 * Answers a 404. The status is the handler's to say: without one it is 200, as in Fresh 2.3.3
 * (segments.ts, renderRoute).
 */
export function renderNotFound<State>(
  route: Route<State>,
  ctx: Context<State>,
  error: unknown,
): Promise<Response> {
  ctx.error = error;
  return runRoute(route, ctx, { anyMethod: true });
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
  const phrases: Readonly<Record<number, string>> = STATUS_TEXT;
  const text = error instanceof HttpError
    ? error.message || phrases[status] || `Error ${status}`
    : "Internal server error";
  return new Response(text, {
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
