/** What a run asked, to be asked once more. */
import type { Keyring } from "../accounts/keyring.ts";
import type { TaskRunInput } from "../parallel/types.ts";
import type { CreateOptions } from "./create.ts";
import { readMember } from "./history.ts";
import { readSentInput } from "./record.ts";
import { isRunId } from "./run_id.ts";

/** How a run is run again. */
export interface RerunOptions extends Pick<CreateOptions, "idempotencyKey" | "signal"> {
  /** Another processor than its own. */
  readonly processor?: string;
}

/**
 * The request of a run as it was sent, for another processor if one is named. `null` where the account has
 * no such run; `secrets` where its MCP header values are not the account's to send.
 */
export async function inputAgain(
  { kv, keyring }: { readonly kv: Deno.Kv; readonly keyring: Pick<Keyring, "open"> },
  account: string,
  runId: string,
  processor: string | undefined,
): Promise<TaskRunInput | "secrets" | null> {
  if (!isRunId(runId) || await readMember(kv, account, runId) === null) return null;
  const input = await readSentInput(kv, keyring, account, runId);
  if (input === null) return "secrets";
  return processor === undefined ? input : { ...input, processor };
}
