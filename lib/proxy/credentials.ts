/**
 * Identifies the caller: by the key in the request's header, else by the session. A request with a key
 * header that holds no key does not fall back to the session.
 */
import { isOwnRequest } from "../base/mod.ts";
import type { RunOwner } from "../runs/mod.ts";
import type { Account } from "../accounts/mod.ts";
import type { ProxyContext } from "./context.ts";

/** A caller with a key. */
export interface Caller {
  /** The key in the request's header; `null` if the session's cookie authenticates it. */
  readonly ownKey: string | null;
  /** Whether these credentials are still valid. Call it after the body has arrived. */
  isStillValid(): Promise<boolean>;
  /** The key that upstream requests carry. */
  apiKey(): Promise<string>;
  /** The account of the key; `null` if the key has none yet. */
  account(): Promise<string | null>;
  /** The owner of a new run. A key's first accepted create makes its account. */
  owner(): Promise<RunOwner>;
}

/** The caller, or the reason why the request is refused. */
export type Credentials =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly status: 401 | 403; readonly message: string };

/** Whether a path is the MCP server's. */
export function isMcpPath(pathname: string): boolean {
  return /^\/mcp\/?$/.test(pathname);
}

/** Returns whether a path is for programs, which send their own key and expect errors as JSON. */
export function isForPrograms(pathname: string): boolean {
  return pathname.startsWith("/api/") || isMcpPath(pathname);
}

/** The key in a request to `/api` or `/mcp`. Other paths ignore the headers. */
export function ownKeyOf(
  { req, url }: { readonly req: Request; readonly url: URL },
): string | null {
  if (isMcpPath(url.pathname)) return bearerOf(req.headers) ?? req.headers.get("x-api-key");
  return url.pathname.startsWith("/api/") ? req.headers.get("x-api-key") : null;
}

/** The token of an Authorization header (RFC 6750, section 2.1); `null` without one. */
function bearerOf(headers: Headers): string | null {
  return /^bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null;
}

/** Characters that a key in a header can have. Two headers arrive joined by a comma and a space. */
const KEY_SHAPE = /^[\x21-\x7e]{1,512}$/;

/** Whether a text can be a key. */
export function isKeyShaped(text: string): boolean {
  return KEY_SHAPE.test(text);
}

/** Creates the caller for a request with a key. */
export function keyCaller(
  runs: Pick<ProxyContext["runs"], "accountOf" | "ownerOf">,
  apiKey: string,
): Caller {
  return {
    ownKey: apiKey,
    isStillValid: always,
    apiKey: () => Promise.resolve(apiKey),
    account: () => runs.accountOf(apiKey),
    owner: () => runs.ownerOf(apiKey),
  };
}

/** Finds the caller of a request to the app at `origin`. */
export function credentialsOf(
  { runs }: Pick<ProxyContext, "runs">,
  request: Request,
  account: Account | null,
  { origin, isStillSignedIn = always }: {
    readonly origin: string;
    readonly isStillSignedIn?: (() => Promise<boolean>) | undefined;
  },
): Credentials {
  const apiKey = request.headers.get("x-api-key");
  if (apiKey !== null) {
    if (!isKeyShaped(apiKey)) return UNAUTHORIZED;
    return { ok: true, caller: keyCaller(runs, apiKey) };
  }
  if (account === null) return UNAUTHORIZED;
  if (request.method !== "GET" && !isOwnRequest(request.headers, origin)) return FORBIDDEN;
  const owner: RunOwner = { id: account.id, sealedKey: account.sealedKey };
  return {
    ok: true,
    caller: {
      ownKey: null,
      isStillValid: isStillSignedIn,
      apiKey: () => runs.apiKeyOf(owner),
      account: () => Promise.resolve(owner.id),
      owner: () => Promise.resolve(owner),
    },
  };
}

const always = () => Promise.resolve(true);

const UNAUTHORIZED: Credentials = {
  ok: false,
  status: 401,
  message: "Unauthorized: send an API key as x-api-key, or sign in first",
};

const FORBIDDEN: Credentials = {
  ok: false,
  status: 403,
  message:
    "Forbidden: a request with a session cookie must come from a page of this app. Send an x-api-key header instead",
};
