/** Per-request state, and the typed `define` helpers for routes. */
import { createDefine } from "fresh";
import type { Account, AccountKey, Session } from "./accounts/mod.ts";
import type { View } from "./limits/mod.ts";
import type { Services } from "./services.ts";

/** The user's colour scheme: `system` follows `prefers-color-scheme`. */
export type Theme = "system" | "light" | "dark";

/** Set by the middlewares before any route runs. */
export interface State {
  services: Services;
  /** `null` if no one is signed in. */
  account: Account | null;
  /** The session behind `account`. Only sign-out and the API client need it. */
  session: Session | null;
  /** Keys that open the account without confirmation; `null` once they are confirmed. */
  keyNotice: readonly AccountKey[] | null;
  /**
   * The id in the stream of the account's list from which a page that follows it begins. It is read before
   * the list: a change in between is then sent twice rather than never. `null` for all other requests.
   */
  listId: string | null;
  theme: Theme;
  /** Whether users reach the app over https, possibly through a proxy: cookies are then Secure. */
  secure: boolean;
  /** The client's address, which rate limits count. */
  client: string;
  /** Weighs this request's reads of runs: large ones wait in a queue. */
  view: View;
  /** The /48 network of an IPv6 client, which has its own larger bucket; `null` for IPv4. */
  network: string | null;
  /** Identifies this request in the log and on error pages. */
  requestId: string;
  /** The method that the client sent, if it was replaced because the framework does not know it. */
  receivedMethod?: string;
  /**
   * Set if the page is the same for all accounts but for these values and the nonce: its
   * compressed form is kept, without them. They are ASCII, of a fixed length, and none is a part of another.
   */
  differsIn?: readonly string[];
}

export const define = createDefine<State>();
