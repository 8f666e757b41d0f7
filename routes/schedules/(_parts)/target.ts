/** What a schedule's pages are about: the task or batch that a form names, and the account's schedule. */
import { type Context, HttpError } from "fresh";
import {
  MAX_SCHEDULES,
  SANDBOX,
  type Schedule,
  type ScheduleProblem,
  type Target,
} from "../../../lib/schedules/mod.ts";
import { SAFE_METHODS } from "../../../lib/base/mod.ts";
import type { State } from "../../../lib/state.ts";
import { signInAgain, signInFirst } from "../../(_parts)/session_ended.ts";

/** The run or batch that a query or form names; `null` if it names none. */
export function targetIn(sent: FormData | URLSearchParams): Target | null {
  for (const [name, kind] of [["run", "task"], ["batch", "batch"]] as const) {
    const id = sent.get(name);
    if (typeof id === "string" && id !== "" && id.length <= 100) return { kind, id };
  }
  return null;
}

/** The page of a run or batch. */
export function hrefOf({ kind, id }: Target): string {
  return `/${kind === "task" ? "tasks" : "batches"}/${encodeURIComponent(id)}`;
}

/** The page of a new schedule. */
export function newScheduleOf(target: Target | null): string {
  if (target === null) return "/schedules";
  const { kind, id } = target;
  return `/schedules/new?${new URLSearchParams({ [kind === "task" ? "run" : "batch"]: id })}`;
}

/** The schedule of a route's `id`, or the way to sign in. Throws 404 if the account has no such schedule. */
export async function ownSchedule(
  { params: { id = "" }, req, state, url }: Pick<
    Context<State>,
    "params" | "req" | "state" | "url"
  >,
): Promise<Schedule | Response> {
  const { account, services } = state;
  if (account === null) {
    return SAFE_METHODS.has(req.method)
      ? signInFirst(url)
      : signInAgain(new URL(`/schedules/${encodeURIComponent(id)}`, url));
  }
  const schedule = await services.schedules.get(account.id, id);
  if (schedule === null) throw new HttpError(404);
  // A session whose key is refused sees only schedules created before.
  const isLater = account.refusedMs !== null && schedule.created_ms >= account.refusedMs;
  if (isLater) throw new HttpError(404);
  return schedule;
}

/** Why a schedule was not saved, in words. */
export function problemWords(problem: ScheduleProblem): string {
  switch (problem) {
    case "unknown":
      return "This task or batch no longer exists.";
    case "price":
      return "The price of this task’s processor is unknown, so a cap cannot be enforced.";
    case "full":
      return `An account can have ${MAX_SCHEDULES} schedules, a sandbox account ${SANDBOX.schedules}. ` +
        "Delete one first.";
    case "often":
      return `The sandbox runs a schedule at most every ${SANDBOX.gapMs / 60_000} minutes.`;
    case "large":
      return `The sandbox repeats batches of at most ${SANDBOX.rows} rows.`;
    case "cap":
      return "A single run costs more than the cap.";
  }
}
