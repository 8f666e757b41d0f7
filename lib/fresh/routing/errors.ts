/**
 * Turns errors into responses: a boundary renders the errors below it, the rest become text.
 */
import { STATUS_TEXT } from "@std/http/status";
import { runOf } from "../context.ts";
import { HttpError } from "../runtime.ts";
import type { Context, Middleware, Route } from "../types.ts";
import { runRoute } from "./route.ts";

/** Makes a step that renders errors thrown inside it. A registered not-found page gets the 404s. */
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

/** Makes a step that answers 404s thrown inside it. */
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
 * Answers a 404. The not-found page's handler sets the status. Without a handler it is 200, as in
 * Fresh 2.3.3 (segments.ts, renderRoute).
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

/** Whether an error is the client's fault. */
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

/** Responds as text: with the message of an `HttpError`, and without details for any other error. */
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

/** Logs an error to stderr, unless it is the client's fault. */
export function logError(error: unknown): void {
  if (isExpected(error)) return;
  const text = error instanceof Error ? error.stack ?? `${error}` : Deno.inspect(error);
  // Not awaited: a closed stderr must not stop the app.
  Deno.stderr.write(new TextEncoder().encode(`${text}\n`)).catch(() => {});
}
