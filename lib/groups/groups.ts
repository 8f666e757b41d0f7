/** Runs that programs add to groups: kept and recorded, whatever becomes of the answer that tells of them. */
import type { Keyring } from "../accounts/mod.ts";
import type { Committer } from "../store/mod.ts";
import { type InFlight, type Log, reasonOf } from "../base/mod.ts";
import type { AddedRuns } from "../parallel/mod.ts";
import { adoptRuns } from "./adopt.ts";
import type { FeedSource } from "./feeder.ts";
import type { Feeders } from "./feeders.ts";
import { confirm, markUnconfirmed } from "./unconfirmed.ts";

/** What it needs of the world. */
export interface GroupsContext {
  readonly committer: Committer;
  readonly keyring: Pick<Keyring, "seal">;
  readonly now: () => number;
  readonly log: Log;
  readonly feeders: Feeders;
  readonly inFlight: Pick<InFlight, "insist">;
  /** Where a group is asked about with a key, and how its runs are kept. */
  readonly sourceOf: (apiKey: string, account: string | null) => Promise<FeedSource>;
}

/** A request that adds runs to a group, and is about to be sent. */
export interface Adding {
  /** The API took it: its runs are kept and recorded. Waits a moment for that; never rejects. */
  taken(added: AddedRuns): Promise<void>;
  /** The API refused it, and nothing came of it. Never rejects. */
  refused(): Promise<void>;
  /** Nobody knows what came of it: runs that it made are looked for. Never rejects. */
  lost(): Promise<void>;
}

/** Records groups. One per process. */
export class Groups {
  readonly #context: GroupsContext;

  constructor(context: GroupsContext) {
    this.#context = context;
  }

  /**
   * To be called before runs are added: should this process die, another one finds what came of it. Rejects
   * where the store fails, and nothing may be sent.
   */
  async adding(groupId: string, apiKey: string, account: string | null): Promise<Adding> {
    const { committer, feeders, inFlight, keyring, log, now } = this.#context;
    const id = crypto.randomUUID();
    const sealed_key = await keyring.seal(apiKey);
    await markUnconfirmed(committer, groupId, id, { account, sealed_key, since_ms: now() });
    const lookFor = async (reason: string) => {
      log("warn", "runs of a group are looked for", { group: groupId, reason });
      await inFlight.insist(() => feeders.expect(groupId));
    };
    return {
      taken: async (added) => {
        await inFlight.insist(async () => {
          try {
            await this.#keep(groupId, added, await this.#context.sourceOf(apiKey, account));
          } catch (error) {
            return await lookFor(reasonOf(error));
          }
          await confirm(committer, groupId, id);
        });
      },
      refused: () => inFlight.insist(() => confirm(committer, groupId, id)),
      lost: () => lookFor("the answer that tells of them got lost"),
    };
  }

  async #keep(groupId: string, added: AddedRuns, source: FeedSource): Promise<void> {
    const wanted = new Set(added.run_ids);
    if (wanted.size === 0) return;
    const { client, keep, simulated } = source;
    const adopting = { wanted, after: added.run_cursor, simulated, keep };
    const kept = await adoptRuns(client, groupId, adopting);
    this.#context.feeders.add(groupId, kept);
    if (kept.size < wanted.size) {
      throw new Error("the group's stream does not have all of them yet");
    }
  }
}
