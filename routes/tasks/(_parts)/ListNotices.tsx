/** Notices around the list: undo a deletion, runs still to be erased. */

import { listHref, type ListQuery } from "./list_query.ts";
import { count as counted } from "../../../lib/base/mod.ts";

export interface UndoProps {
  /** The deleted tasks that can still be restored. */
  readonly deleted: readonly { readonly run_id: string; readonly title: string }[];
}

export function Undo({ deleted, query }: UndoProps & { readonly query: ListQuery }) {
  const [first] = deleted;
  if (first === undefined) return null;
  const only = deleted.length === 1;
  return (
    <form
      method="post"
      action={only ? `/tasks/${encodeURIComponent(first.run_id)}/undelete` : "/tasks/selected"}
      class="notice calm flex flex-wrap items-center justify-between gap-x-4 mb-4"
    >
      <p role="status">
        Deleted{" "}
        {only ? `“${first.title}”` : `${deleted.length} tasks`}. You can undo this for ten minutes.
      </p>
      {!only &&
        deleted.map(({ run_id }) => <input key={run_id} type="hidden" name="id" value={run_id} />)}
      {!only && <input type="hidden" name="list" value={listHref(query)} />}
      <button type="submit" name="action" value="undelete" class="button">Undo</button>
    </form>
  );
}

export function Purging({ count }: { readonly count: number }) {
  if (count === 0) return null;
  return (
    <p class="mt-8 text-sm text-soft">
      {count === 1
        ? "1 deleted task is still stored. It is erased ten minutes after you deleted it."
        : `${
          counted(count)
        } deleted tasks are still stored. They are erased ten minutes after you deleted them; thousands take a few minutes longer.`}
    </p>
  );
}
