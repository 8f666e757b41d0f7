/** Where a form of the list's page was sent from. */
import { type ListQuery, readListQuery } from "./list_query.ts";

/** What the list was narrowed down to, from the form's `list`: an address of which only that is taken. */
export function listOf(form: FormData, base: URL): ListQuery {
  const list = form.get("list");
  const url = typeof list === "string" ? URL.parse(list, base) : null;
  return readListQuery(url?.searchParams ?? new URLSearchParams());
}
