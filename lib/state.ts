/**
 * What every request carries, and the typed `define` helpers that routes use.
 */
import { createDefine } from "fresh";
import type { Account, AccountKey, Session } from "./accounts/mod.ts";
import type { View } from "./limits/mod.ts";
import type { Services } from "./services.ts";

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
