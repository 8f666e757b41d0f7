/** The API key that a batch's requests are sent with, and which pays for its rows. */
import type { ApiFailure, TaskClient } from "../../parallel/mod.ts";
import type { BatchLog } from "./log.ts";

/** Dependencies of requests for a batch. */
export interface PayerContext {
  /** Opens a sealed key. @throws {SealError} */
  readonly openKey: (sealed: string) => Promise<string>;
  readonly clientFor: (
    apiKey: string,
  ) => { readonly client: TaskClient; readonly simulated: boolean };
  /** Further keys of an account, sealed. */
  readonly sparesOf?: (account: string) => Promise<readonly { readonly sealed_key: string }[]>;
}

/** The API with the key that pays for a batch. @throws {SealError} */
export async function openApi(
  { clientFor, openKey }: Pick<PayerContext, "clientFor" | "openKey">,
  { head }: Pick<BatchLog, "head">,
): Promise<{ readonly apiKey: string; readonly client: TaskClient }> {
  const apiKey = await openKey(head.sealed_key);
  return { apiKey, client: clientFor(apiKey).client };
}

/**
 * Switches to another key of the batch's account if the API refuses the one that pays. Returns whether there
 * was one. `refused`: the keys that were refused before, which are not tried again.
 */
export async function replacePayer(
  context: PayerContext,
  log: BatchLog,
  { kind, status, isFromGateway }: ApiFailure,
  refused: Set<string>,
): Promise<boolean> {
  if (kind !== "refused" || isFromGateway || (status !== 401 && status !== 403)) return false;
  refused.add((await openApi(context, log)).apiKey);
  for (const { sealed_key } of await context.sparesOf?.(log.record.account) ?? []) {
    const apiKey = await context.openKey(sealed_key);
    if (refused.has(apiKey)) continue;
    // Only keys of the organisation that pays for a group can see it.
    const { client } = await openApi(context, { head: { ...log.head, sealed_key } });
    if (!(await client.groups.retrieve(log.id)).ok) continue;
    await log.write(() => ({ head: { sealed_key } }));
    return true;
  }
  return false;
}
