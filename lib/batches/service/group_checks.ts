/** Finds out whether adopted groups have new runs, so that the process that holds their batch takes them in. */
import { type Log, reasonOf } from "../../base/mod.ts";
import type { SenderContext } from "./look_up.ts";
import type { BatchReader } from "./reader.ts";

/** Dependencies of checking. */
export interface GroupChecksContext extends Pick<SenderContext, "clientFor" | "now" | "openKey"> {
  readonly reader: BatchReader;
  readonly log: Log;
  /** Orders that the group's list is read again. */
  readonly order: (batchId: string) => Promise<void>;
}

/** The shortest time between two checks of a batch (ms), and how many batches are remembered for it. */
const EVERY_MS = 15_000, REMEMBERED = 500;

/** Checks for new runs. One per process. */
export class GroupChecks {
  readonly #context: GroupChecksContext;
  readonly #checkedMs = new Map<string, number>();

  constructor(context: GroupChecksContext) {
    this.#context = context;
  }

  /** Checks in the background whether a group has runs that are not rows yet. */
  check(account: string, batchId: string): void {
    const now = this.#context.now();
    if (now - (this.#checkedMs.get(batchId) ?? -Infinity) < EVERY_MS) return;
    this.#checkedMs.delete(batchId);
    this.#checkedMs.set(batchId, now);
    for (const oldest of this.#checkedMs.keys()) {
      if (this.#checkedMs.size <= REMEMBERED) break;
      this.#checkedMs.delete(oldest);
    }
    this.#check(account, batchId).catch((error) => {
      const reason = reasonOf(error);
      this.#context.log("warn", "a group could not be checked for new runs", {
        batch: batchId,
        reason,
      });
    });
  }

  async #check(account: string, batchId: string): Promise<void> {
    const { clientFor, openKey, order, reader } = this.#context;
    const found = await reader.find(batchId);
    const taking = found?.head.taking;
    // Skip a group whose list is being read, or that is too large.
    if (found?.record.account !== account || taking === undefined) return;
    if (taking.due || taking.note !== undefined) return;
    const { client } = clientFor(await openKey(found.head.sealed_key));
    const group = await client.groups.retrieve(batchId);
    if (group.ok && group.value.status.num_task_runs > taking.listed) await order(batchId);
  }

  /** Call this when runs of a group were stored. */
  async runsKept(groupId: string): Promise<void> {
    const { order, reader } = this.#context;
    const taking = (await reader.find(groupId))?.head.taking;
    if (taking !== undefined && taking.note === undefined) await order(groupId);
  }
}
