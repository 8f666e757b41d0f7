/**
 * Who calls: the key in the request's own header, else the session. A header that is there but holds
 * no key is not filled up with the session's power.
 */
import { isOwnRequest } from "../middleware/origin.ts";
import type { RunOwner } from "../runs/mod.ts";
import type { Account } from "../state.ts";
import type { ProxyContext } from "./context.ts";

/** Somebody with a key. */
export interface Caller {
  /** The key that the request itself brought; `null` for one that comes by the session's cookie. */
  readonly ownKey: string | null;
  /** Whether these credentials are still good, to be asked once a body has arrived. */
  isStillThere(): Promise<boolean>;
  /** The key that upstream requests carry. */
  apiKey(): Promise<string>;
  /** The account whose history it is; `null` where the key has none yet. */
  account(): Promise<string | null>;
  /** Whose a new run becomes; a key's first accepted create makes its account. */
  owner(): Promise<RunOwner>;
}

/** The caller, or why there is none. */
export type Credentials =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly status: 401 | 403; readonly message: string };

/** The key that a request brings; one that is sent to anything but `/api` is nobody's. */
export function ownKeyOf(
  { req, url }: { readonly req: Request; readonly url: URL },
): string | null {
  return url.pathname.startsWith("/api/") ? req.headers.get("x-api-key") : null;
}

/** What a header can carry and a key can be; two headers arrive joined by a comma and a space. */
const KEY_SHAPE = /^[\x21-\x7e]{1,512}$/;

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
    if (!KEY_SHAPE.test(apiKey)) return UNAUTHORIZED;
    return {
      ok: true,
      caller: {
        ownKey: apiKey,
        isStillThere: always,
        apiKey: () => Promise.resolve(apiKey),
        account: () => runs.accountOf(apiKey),
        owner: () => runs.ownerOf(apiKey),
      },
    };
  }
  if (account === null) return UNAUTHORIZED;
  if (request.method !== "GET" && !isOwnRequest(request.headers, origin)) return FORBIDDEN;
  const owner: RunOwner = { id: account.id, sealedKey: account.sealedKey };
  return {
    ok: true,
    caller: {
      ownKey: null,
      isStillThere: isStillSignedIn,
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
    "Forbidden: a request with the session's cookie must come from a page of this app; others bring an x-api-key",
};
