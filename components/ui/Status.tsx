/**
 * A run's status as shape and word, so that colour is never the only sign. The stylesheet draws the shape by
 * `data-status`. A status that the API adds later gets a plain shape and its own name.
 */

/** Statuses that have another name here than in the API. */
const WORDS = new Map([
  ["completed", "done"],
  ["action_required", "needs action"],
  ["lost", "not followed"],
]);

/** Returns the displayed name of a status. */
export function statusWord(status: string): string {
  return WORDS.get(status) ?? status;
}

/** A status mark: shape and word. In lists the shape alone is seen. */
export function Status({ status, bare }: { readonly status: string; readonly bare?: boolean }) {
  const word = statusWord(status);
  return (
    <span class="status" data-status={status} title={bare ? word : undefined}>
      <i></i>
      <span class={bare ? "sr-only" : ""}>{word}</span>
    </span>
  );
}
