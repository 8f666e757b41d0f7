/** Stores and records the runs that programs add to groups, even if the API's response is lost. */
import type { Keyring } from "../accounts/mod.ts";
import type { Committer } from "../store/mod.ts";
import { type InFlight, type Log, reasonOf } from "../base/mod.ts";
import type { AddedRuns } from "../parallel/mod.ts";
import { adoptRuns, type FeedSource } from "./adopt.ts";
import type { Feeders } from "./feeders.ts";
import { confirm, markUnconfirmed, type Unconfirmed } from "./unconfirmed.ts";

/** The dependencies of groups. */
export interface GroupsContext {
  readonly committer: Committer;
  readonly keyring: Pick<Keyring, "seal">;
  readonly now: () => number;
  readonly log: Log;
  readonly feeders: Feeders;
  readonly inFlight: Pick<InFlight, "retryWrite">;
  /** The API and the account of a key. */
  readonly sourceOf: (apiKey: string, account: string | null) => Promise<FeedSource>;
}

/** A request that is about to add runs to a group. Exactly one of its methods must be called. */
export interface Adding {
  /** The API accepted it: stores and records its runs. Waits for that for up to 1.5 s. Never rejects. */
  accepted(added: AddedRuns): Promise<void>;
  /** The API rejected it, so there are no runs. Never rejects. */
  refused(): Promise<void>;
  /** The response was lost: looks for the runs that it may have made. Never rejects. */
  lost(): Promise<void>;
}

/** Records groups. One per process. */
export class Groups {
  readonly #context: GroupsContext;

  constructor(context: GroupsContext) {
    this.#context = context;
  }

  /**
   * Call this before the request is sent, so that its runs are found even if this process dies. Rejects if the
   * store fails; the request must not be sent then.
   */
  async adding(groupId: string, apiKey: string, account: string | null): Promise<Adding> {
    const { committer, feeders, inFlight, keyring, log, now } = this.#context;
    const id = crypto.randomUUID();
    const sealed_key = await keyring.seal(apiKey);
    const mark: Unconfirmed = { account, sealed_key, since_ms: now() };
    await markUnconfirmed(committer, groupId, id, mark);
    const confirmed = async () => {
      await confirm(committer, groupId, id);
      feeders.confirmed(groupId, mark);
    };
    const lookFor = async (reason: string) => {
      log("warn", "looking for runs of a group", { group: groupId, reason });
      await inFlight.retryWrite(() => feeders.expect(groupId));
    };
    return {
      accepted: async (added) => {
        await inFlight.retryWrite(async () => {
          try {
            await this.#keep(groupId, added, await this.#context.sourceOf(apiKey, account));
          } catch (error) {
            return await lookFor(reasonOf(error));
          }
          await confirmed();
        });
      },
      refused: () => inFlight.retryWrite(confirmed),
      lost: () => lookFor("the response that lists them was lost"),
    };
  }

  async #keep(groupId: string, added: AddedRuns, source: FeedSource): Promise<void> {
    const wanted = new Set(added.run_ids);
    if (wanted.size === 0) return;
    const adopting = { ...source, wanted, after: added.run_cursor };
    const { feeders } = this.#context;
    const kept = await feeders.storing(wanted, async () => {
      const { kept } = await adoptRuns(source.client, groupId, adopting);
      feeders.add(groupId, kept);
      return kept;
    });
    if (kept.size < wanted.size) {
      throw new Error("the group's stream does not contain all of them yet");
    }
  }
}
