/** What a run asked, to be asked once more. */
import type { Keyring } from "../../accounts/mod.ts";
import type { TaskRunInput } from "../../parallel/mod.ts";
import type { CreateOptions } from "./create.ts";
import { readMember } from "../history/mod.ts";
import { readSentInput } from "../log/mod.ts";
import { isRunId } from "../model/mod.ts";

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
