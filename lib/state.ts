/**
 * What every request carries, and the typed `define` helpers that routes use.
 */
import { createDefine } from "fresh";
import type { AccountKey } from "./accounts/accounts.ts";
import type { Session } from "./accounts/sessions.ts";
import type { View } from "./limits/views.ts";
import type { Services } from "./services.ts";

/** Who is signed in: never a key, only what pages may show. */
export interface Account {
  /** Opaque, stable for the life of the history. */
  readonly id: string;
  /** Four characters that let a person tell their accounts apart; derived from the key, not part of it. */
  readonly fingerprint: string;
  /** Everything this account does goes to the embedded sandbox. */
  readonly sandbox: boolean;
  /** The API key as this instance sealed it: worth nothing without the instance's secret. */
  readonly sealedKey: string;
  /**
   * When the API was first seen to refuse that key (Unix ms): from then on only what was created before
   * may be read, exported and deleted. `null` while it is accepted.
   */
  readonly refusedMs: number | null;
  /** Whose requests limits count this one with: the client's address. */
  readonly client?: string;
}

/** How the person wants the pages: `system` follows `prefers-color-scheme`. */
export type Theme = "system" | "light" | "dark";

/** Set by the middlewares before any route runs. */
export interface State {
  services: Services;
  /** `null` when nobody is signed in. */
  account: Account | null;
  /** The session behind `account`; only sign-out and the API client need it. */
  session: Session | null;
  /** Keys that open the account although nobody was asked; `null` once that is confirmed. */
  keyNotice: readonly AccountKey[] | null;
  theme: Theme;
  /** Users reach the app over https, be it through a proxy: cookies are Secure. */
  secure: boolean;
  /** Whose requests this one is counted with: its client's address, as limits know it. */
  client: string;
  /** What this request reads of runs: large ones wait for their turn. */
  view: View;
  /** The /48 network around an IPv6 client, which has a larger bucket of its own; `null` for IPv4. */
  network: string | null;
  /** Names this request in the log and on error pages. */
  requestId: string;
  /** The method that came, where the app answers in place of a framework that does not know it. */
  receivedMethod?: string;
}

export const define = createDefine<State>();
