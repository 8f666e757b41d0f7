/** Reads a run's request in order to run it again. */
import type { Keyring } from "../../accounts/mod.ts";
import type { TaskRunInput } from "../../parallel/mod.ts";
import type { CreateOptions } from "./create.ts";
import { readMember } from "../history/mod.ts";
import { readSentInput } from "../log/mod.ts";
import { isRunId } from "../model/mod.ts";

/** Options for running a run again. */
export interface RerunOptions
  extends
    Pick<CreateOptions, "idempotencyKey" | "signal" | "sending" | "storedWith">,
    Partial<Pick<CreateOptions, "source">> {
  /** A different processor. */
  readonly processor?: string;
}

/**
 * Returns a run's request as it was sent, with another processor if one is given. Returns `null` if the
 * account does not have the run, and `secrets` if the account may not use its MCP header values.
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
