/** The bar after a deletion, with an undo while it is possible. */

import { listHref, type ListQuery } from "./list_query.ts";

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
      <button type="submit" name="action" value="undelete" class="button quiet">Undo</button>
    </form>
  );
}
