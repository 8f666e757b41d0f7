/** Who may see a run, and what they made of it. */
import { memberKey } from "./keys.ts";

/** An account's own view of a run. */
export interface Member {
  /** Set by its owner; `null`: the first line of the input. */
  readonly title: string | null;
  readonly starred: boolean;
  readonly share_token: string | null;
}

/** What a run is to an account that has just got it. */
export const NEW_MEMBER: Member = { title: null, starred: false, share_token: null };

/** An account's membership of a run, or `null` where the run is none of its business. */
export async function readMember(
  kv: Deno.Kv,
  account: string,
  runId: string,
): Promise<Member | null> {
  return (await kv.get<Member>(memberKey(account, runId))).value;
}
