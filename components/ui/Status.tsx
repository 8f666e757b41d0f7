/**
 * A run's status as shape and word, so that colour is never the only sign. The stylesheet draws the
 * shape by `data-status`; a status that the API adds later gets a plain one and its own name.
 */

/** Statuses that a person knows by another word than the API's. */
const WORDS = new Map([
  ["completed", "done"],
  ["action_required", "needs action"],
  ["lost", "not followed"],
]);

/** The word a person reads for a status. */
export function statusWord(status: string): string {
  return WORDS.get(status) ?? status;
}

/** Status mark: shape and word. */
export function Status({ status }: { status: string }) {
  return (
    <span class="status" data-status={status}>
      <i></i>
      {statusWord(status)}
    </span>
  );
}
