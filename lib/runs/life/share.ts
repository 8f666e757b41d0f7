/**
 * Read-only links to runs. This module owns `["share", token]`. The token also stands in the owner's
 * membership of the run and is valid only while that exists: deleting a run ends sharing, and undoing
 * the deletion restores it.
 */
import type { Committer } from "../../store/mod.ts";
import { type Member, memberKey, readMember } from "../history/mod.ts";
import type { Weigh } from "../../limits/mod.ts";
import { isRunId, type TracedPage, type TraceQuery } from "../model/mod.ts";
import type { TraceReading } from "./page.ts";
import type { Relay, StreamOutcome } from "../stream/mod.ts";
import { readRecord } from "../log/mod.ts";
import { hiding, publicEvent, publicPage } from "./public.ts";

/** A run's link. */
export interface Share {
  /** Grants read access to the run: 256 bits, base64url. */
  readonly token: string;
  readonly created_ms: number;
}

/** The KV value of a token. */
export interface Shared {
  readonly account: string;
  readonly run_id: string;
  readonly created_ms: number;
}

/** The dependencies of {@linkcode Shares}. */
export interface SharesContext {
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly now: () => number;
  /** Returns this many unpredictable random bytes. */
  readonly random: (bytes: number) => Uint8Array<ArrayBuffer>;
  readonly runs: {
    traced(account: string, runId: string, reading: TraceReading): Promise<TracedPage | null>;
  };
  readonly relay: Pick<Relay, "open" | "dismiss">;
}

const TOKEN_BYTES = 32;
/** The token's length in base64url. Other lengths are not looked up. */
const TOKEN = /^[\w-]{43}$/;

/** The key of a share link. */
export function shareKey(token: string): Deno.KvKey {
  return ["share", token];
}

/** Creates, finds and revokes share links. */
export class Shares {
  readonly #context: SharesContext;

  constructor(context: SharesContext) {
    this.#context = context;
  }

  /** Returns the link of an account's run, or `null` if it is not shared. */
  async find(account: string, runId: string): Promise<Share | null> {
    if (!isRunId(runId)) return null;
    const { kv } = this.#context;
    const token = (await readMember(kv, account, runId))?.share_token ?? null;
    const shared = token === null ? null : (await kv.get<Shared>(shareKey(token))).value;
    return token === null || shared === null ? null : { token, created_ms: shared.created_ms };
  }

  /**
   * Shares a run with its existing link, or else a new one. Returns `null` if the account does not have
   * the run.
   */
  async share(account: string, runId: string): Promise<Share | null> {
    if (!isRunId(runId)) return null;
    const { kv, committer, now, random } = this.#context;
    for (;;) {
      const member = await kv.get<Member>(memberKey(account, runId));
      if (member.value === null) return null;
      const existing = await this.find(account, runId);
      if (existing !== null) return existing;
      const token = random(TOKEN_BYTES).toBase64({ alphabet: "base64url", omitPadding: true });
      const shared: Shared = { account, run_id: runId, created_ms: now() };
      const result = await committer.commit({
        checks: [member],
        mutations: [
          { type: "set", key: shareKey(token), value: shared },
          { type: "set", key: member.key, value: { ...member.value, share_token: token } },
        ],
      });
      if (result.ok) return { token, created_ms: shared.created_ms };
    }
  }

  /** Revokes a run's link and ends its streams. Returns `false` if the account does not have the run. */
  async unshare(account: string, runId: string): Promise<boolean> {
    if (!isRunId(runId)) return false;
    const { kv, committer, relay } = this.#context;
    for (;;) {
      const member = await kv.get<Member>(memberKey(account, runId));
      if (member.value === null) return false;
      const token = member.value.share_token;
      if (token === null) return true;
      const result = await committer.commit({
        checks: [member],
        mutations: [
          { type: "delete", key: shareKey(token) },
          { type: "set", key: member.key, value: { ...member.value, share_token: null } },
        ],
      });
      if (!result.ok) continue;
      relay.dismiss(runId, ({ share }) => share === token);
      return true;
    }
  }

  /** Returns what a link shows, without the owner's private data, or `null` if the link is not valid. */
  async page(token: string, query: TraceQuery, weigh?: Weigh): Promise<TracedPage | null> {
    const shared = await this.#shared(token);
    if (shared === null) return null;
    const [isValid, page] = await Promise.all([
      this.#isValid(token, shared),
      this.#context.runs.traced(shared.account, shared.run_id, {
        query,
        weigh,
        publishing: ({ input }) => {
          const hide = hiding(input);
          return (event) => publicEvent(event, hide);
        },
      }),
    ]);
    return page === null || !isValid ? null : publicPage(page);
  }

  /** Streams the run's events after an id to a visitor with the link. */
  async stream(token: string, after: number): Promise<StreamOutcome> {
    const shared = await this.#find(token);
    if (shared === null) return { status: "unknown" };
    const { kv, relay } = this.#context;
    const run = await readRecord(kv, shared.run_id);
    if (run === null) return { status: "unknown" };
    const hide = hiding(run.input);
    return await relay.open(shared.run_id, after, {
      limitKey: `share:${token}`,
      audience: { account: shared.account, share: token },
      show: (event) => publicEvent(event, hide),
    });
  }

  /** Returns whether a link is valid: this process or another may have revoked it. */
  async isShared(token: string): Promise<boolean> {
    return await this.#find(token) !== null;
  }

  async #find(token: string): Promise<Shared | null> {
    const shared = await this.#shared(token);
    return shared !== null && await this.#isValid(token, shared) ? shared : null;
  }

  /** Reads the value of a token. This alone does not make the token valid. */
  async #shared(token: string): Promise<Shared | null> {
    if (!TOKEN.test(token)) return null;
    return (await this.#context.kv.get<Shared>(shareKey(token))).value;
  }

  async #isValid(token: string, { account, run_id }: Shared): Promise<boolean> {
    return (await readMember(this.#context.kv, account, run_id))?.share_token === token;
  }
}
