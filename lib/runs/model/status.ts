/** Which statuses say that a run goes on. Apart from the reducer, which a list does without. Pure. */

/** Statuses during which the API still works on a run. `action_required` is not one of them. */
const ACTIVE = new Set(["queued", "running", "cancelling"]);

/** Whether a run in this status still changes. Unknown statuses count as active unless the API says otherwise. */
export function isActiveStatus(status: string): boolean {
  return ACTIVE.has(status);
}
