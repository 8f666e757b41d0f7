/**
 * Content-Security-Policy, level 3 (https://www.w3.org/TR/CSP3/).
 */
import { runOf } from "../context.ts";
import { nonces } from "../run.ts";
import { withHeaders } from "../respond.ts";
import type { Middleware } from "../types.ts";

/** The options of {@link csp}. */
export interface CSPOptions {
  /** Reports violations without blocking them. */
  reportOnly?: boolean;
  /** URL to send reports to. */
  reportTo?: string;
  /** Directives. Each replaces the default of the same name. */
  csp?: string[];
  /** Replaces `'unsafe-inline'` for scripts and styles with a nonce that is new for every response. */
  useNonce?: boolean;
}

const DEFAULTS = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "upgrade-insecure-requests",
];

/** The directives that accept a nonce. */
const NONCED = /^(default-src|(script|style)-src(-elem|-attr)?)(\s|$)/;

/**
 * Sets the policy on every response, including error pages. With `useNonce`, every script and style
 * of a rendered page carries the nonce. The nonce belongs to the Response object that `ctx.render`
 * returned, as in Fresh 2.3.3 (middlewares/csp.ts): to change headers, change those of that object. Any
 * other response gets no nonce, and nothing inline runs there.
 *
 * @example
 * ```ts
 * import { App, csp } from "fresh";
 * new App().use(csp({ useNonce: true, csp: ["img-src 'self' https://images.example"] }));
 * ```
 */
export function csp<State>(options: CSPOptions = {}): Middleware<State> {
  const name = `content-security-policy${options.reportOnly ? "-report-only" : ""}`;
  const pieces = policyOf(options).split(NONCE);
  const textFor = (nonce: string | null) => pieces.join(nonce === null ? "" : ` 'nonce-${nonce}'`);
  return async (ctx) => {
    const run = runOf(ctx);
    const nonce = options.useNonce ? newNonce() : null;
    const outer = run.nonce;
    run.nonce = nonce ?? outer;
    run.protect = (headers) => {
      if (headers.has(name)) return;
      // Error pages skip the middlewares that could remove this directive for plain http.
      const text = textFor(run.nonce);
      headers.set(
        name,
        ctx.url.protocol === "https:" ? text : text.replace(/;?\s*upgrade-insecure-requests/, ""),
      );
    };
    const response = await ctx.next();
    run.protect = null;
    return withHeaders(response, (headers) => {
      headers.set(name, textFor(nonces.get(response) ?? null));
      if (options.reportTo) {
        headers.set("reporting-endpoints", `csp-endpoint="${options.reportTo}"`);
      }
    });
  };
}

/** Placeholder for the nonce. */
const NONCE = " {nonce}";

function policyOf({ csp: own = [], reportTo, useNonce }: CSPOptions): string {
  const directives = new Map<string, string>();
  const reports = reportTo ? ["report-to csp-endpoint", `report-uri ${reportTo}`] : [];
  for (const directive of [...DEFAULTS, ...own, ...reports]) {
    const name = directive.trim().split(/\s+/, 1)[0] ?? "";
    directives.set(name, directive.trim());
  }
  return [...directives.values()].map((directive) =>
    useNonce && NONCED.test(directive) ? directive.replaceAll(" 'unsafe-inline'", NONCE) : directive
  ).join("; ");
}

function newNonce(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
