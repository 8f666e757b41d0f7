/** The number of deleted tasks that are still stored. */
import { count as counted } from "../../../lib/base/mod.ts";

export function Purging({ count }: { readonly count: number }) {
  if (count === 0) return null;
  return (
    <p class="mt-8 text-sm text-muted">
      {count === 1
        ? "1 deleted task is still stored. It is erased ten minutes after you deleted it."
        : `${
          counted(count)
        } deleted tasks are still stored. They are erased ten minutes after you deleted them; thousands take a few minutes longer.`}
    </p>
  );
}
