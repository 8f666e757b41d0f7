/** What a search covers, and what it left out this time. */
import type { Unsearched } from "../../../lib/runs/model/mod.ts";
import { count } from "../../../lib/base/mod.ts";
import { MAX_SEARCH } from "./list_query.ts";

export interface SearchNotesProps {
  /** How much of each text is searched (characters). */
  readonly kept: { readonly input: number; readonly metadata: number; readonly result: number };
  /** `null` without a search. */
  readonly unsearched: Unsearched | null;
  /** The query contains no word. */
  readonly wordless: boolean;
  /** The query was cut to the searchable length. */
  readonly cut: boolean;
}

export function SearchHint({ kept }: Pick<SearchNotesProps, "kept">) {
  return (
    <p id="q-hint" class="text-sm text-soft">
      A search finds tasks that contain all of your words, or words that start with them. It covers
      the first {count(kept.input)} characters of the input, {count(kept.metadata)}{" "}
      of the metadata and {count(kept.result)} of the result.
    </p>
  );
}

export function SearchNotes({ unsearched, cut }: SearchNotesProps) {
  const { waiting = 0, aside = 0 } = unsearched ?? {};
  if (!cut && waiting === 0 && aside === 0) return null;
  return (
    <p class="text-sm text-soft my-2">
      {cut && `Only the first ${count(MAX_SEARCH)} characters that you typed are used. `}
      {waiting > 0 && `${tasks(waiting)} not searched yet: the text is still being indexed. `}
      {aside > 0 && `${tasks(aside)} not searched: the text could not be read.`}
    </p>
  );
}

/** Counted up to a hundred. */
function tasks(number: number): string {
  if (number === 1) return "1 task is";
  return `${number >= 100 ? "100 or more" : number} tasks are`;
}
