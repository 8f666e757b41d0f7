/**
 * Access to `/admin` with ADMIN_TOKEN: programs send it as a bearer token, people type it once into a form
 * and get a signed cookie.
 */
import { sha256Hex } from "../store/mod.ts";
import { readCookie, setCookie } from "./cookie.ts";
import type { Keyring } from "./keyring.ts";

/** How long a sign-in with the form lasts (ms). */
const SIGNED_IN_MS = 8 * 3_600_000;

/** Guards `/admin`. */
export class AdminAccess {
  readonly #token: string;
  readonly #keyring: Keyring;
  readonly #now: () => number;

  constructor(token: string, keyring: Keyring, now: () => number) {
    this.#token = token;
    this.#keyring = keyring;
    this.#now = now;
  }

  /** Whether a request has the token or a valid cookie. */
  async allows(headers: Headers): Promise<boolean> {
    const bearer = /^Bearer (\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
    if (bearer !== undefined) return await this.#is(bearer);
    const cookie = readCookie(headers, COOKIE);
    const claim = cookie === null ? null : await this.#keyring.verify(cookie);
    const [until, digest] = claim?.split(":") ?? [];
    // A new token invalidates all cookies of the old one.
    return Number(until) > this.#now() && digest === await this.#digest();
  }

  /** A Set-Cookie value if the typed token is right, else `null`. */
  async signIn(token: string, secure: boolean): Promise<string | null> {
    if (!await this.#is(token)) return null;
    const claim = `${this.#now() + SIGNED_IN_MS}:${await this.#digest()}`;
    return setCookie(COOKIE, await this.#keyring.sign(claim), {
      secure,
      maxAgeSeconds: SIGNED_IN_MS / 1000,
      path: "/admin",
      sameSite: "Strict",
    });
  }

  /** Compares digests, so the time reveals nothing about where two tokens differ. */
  async #is(token: string): Promise<boolean> {
    const [given, wanted] = await Promise.all([sha256Hex(token), sha256Hex(this.#token)]);
    return given === wanted;
  }

  #digest(): Promise<string> {
    return sha256Hex(`admin cookie of ${this.#token}`);
  }
}

const COOKIE = "taskstream-admin";
