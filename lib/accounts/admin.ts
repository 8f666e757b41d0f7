/**
 * Who may see `/admin`: whoever has ADMIN_TOKEN, as a bearer token for programs, or typed once into a
 * form, which a signed cookie then stands for.
 */
import { timingSafeEqual } from "node:crypto";
import { sha256Hex } from "../kv/parts.ts";
import { readCookie, setCookie } from "./cookie.ts";
import type { Keyring } from "./keyring.ts";

/** How long the form's sign-in lasts (ms). */
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

  /** Whether a request shows the token, or a cookie that stands for it. */
  async allows(headers: Headers): Promise<boolean> {
    const bearer = /^Bearer (\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
    if (bearer !== undefined) return await this.#is(bearer);
    const cookie = readCookie(headers, COOKIE);
    const claim = cookie === null ? null : await this.#keyring.verify(cookie);
    const [until, digest] = claim?.split(":") ?? [];
    // Another token, and every cookie of the old one is worth nothing.
    return Number(until) > this.#now() && digest === await this.#digest();
  }

  /** A Set-Cookie value for somebody who typed the token; `null` where it is another. */
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

  /** Compared as digests, which have one length and tell nothing of where two tokens differ. */
  async #is(token: string): Promise<boolean> {
    const [given, wanted] = await Promise.all([sha256Hex(token), sha256Hex(this.#token)]);
    const encoder = new TextEncoder();
    return timingSafeEqual(encoder.encode(given), encoder.encode(wanted));
  }

  #digest(): Promise<string> {
    return sha256Hex(`admin cookie of ${this.#token}`);
  }
}

const COOKIE = "taskstream-admin";
