/** The history: the account's runs and batches, newest first, in pages, with their figures. */
import type { ComponentChildren } from "preact";
import type { HistoryPage } from "../../../lib/runs/model/mod.ts";
import { dollars } from "../../../lib/base/mod.ts";
import { Icon } from "../../../components/ui/Icon.tsx";
import { Filters, type FiltersProps, narrowedBy } from "./Filters.tsx";
import { isNarrowed, isSound, listHref, type ListQuery } from "./list_query.ts";
import { Purging, Undo, type UndoProps } from "./ListNotices.tsx";
import { Numbers, type NumbersProps } from "./Numbers.tsx";

export interface HistoryProps extends NumbersProps, UndoProps, FiltersProps {
  readonly query: ListQuery;
  readonly pages: Pick<HistoryPage, "next" | "prev">;
  /** The batches of the page as JSON, for the list's script. */
  readonly batches: string;
  /** The search stopped at its read limit. The next page continues. */
  readonly partial: boolean;
  /** The number of deleted tasks that are not erased yet. */
  readonly purging: number;
  /** The problem with an action on the selected tasks. */
  readonly problem: string | null;
  /** Tasks that were to be run again, and what that costs (US dollars; `null` if it is not known). */
  readonly again: { readonly ids: readonly string[]; readonly price_usd: number | null } | null;
  /** Makes a second press create nothing. */
  readonly idempotencyKey: string;
  /** The lines themselves: an island, or a table. */
  readonly list: ComponentChildren;
}

export function History(props: HistoryProps) {
  const { query, partial, search, sandbox, problem, deleted, list } = props;
  // The empty list says what to do first; there is one main action.
  const isFirst = props.isEmpty && !isNarrowed(query);
  return (
    <>
      <div class="title-row">
        <h1>Tasks</h1>
        {sandbox && <p class="tape">All simulated</p>}
        <a
          href="/"
          class={isFirst ? "button hidden sm:inline-flex" : "button go hidden sm:inline-flex"}
        >
          <Icon name="plus" />
          New task
        </a>
      </div>
      <Numbers {...props} />
      {problem !== null && <p class="notice my-4" role="alert">{problem}</p>}
      <Undo deleted={deleted} query={query} />
      <RunAgain {...props} />
      <Filters {...props} />
      {list}
      <div id="empty">
        {props.isEmpty && <Empty query={query} partial={partial} wordless={search.wordless} />}
      </div>
      <div id="batches" data-batches={props.batches} hidden></div>
      <Pages {...props} />
      <Purging count={props.purging} />
      <p class="mt-6 text-xs text-soft flex flex-wrap gap-x-6">
        {query.view === "" && !props.isEmpty && (
          <span class="scripted hidden sm:inline">j k move · ↵ open · x tick · / search</span>
        )}
        <a href="/tasks/transfer">Export or import everything</a>
      </p>
    </>
  );
}

/** Says what running tasks again costs, before it does it. */
function RunAgain({ again, query, sandbox, idempotencyKey }: HistoryProps) {
  if (again === null) return null;
  const tasks = again.ids.length === 1 ? "this task" : `these ${again.ids.length} tasks`;
  return (
    <form
      method="post"
      action="/tasks/selected"
      class="notice calm flex flex-wrap items-center justify-between gap-x-4 my-4"
    >
      <p role="status">
        Run {tasks} again? {again.price_usd === null
          ? "The price of one of them is unknown."
          : sandbox
          ? `Simulated: free here. The real API would charge ${dollars(again.price_usd)}.`
          : `That costs ${dollars(again.price_usd)}.`}
      </p>
      {again.ids.map((id) => <input key={id} type="hidden" name="id" value={id} />)}
      <input type="hidden" name="list" value={listHref(query)} />
      <input type="hidden" name="idempotency_key" value={idempotencyKey} />
      <input type="hidden" name="agreed" value="on" />
      <span class="flex gap-2">
        <button type="submit" name="action" value="rerun" class="button">Run again</button>
        <a href={listHref(query)} class="button ghost">Cancel</a>
      </span>
    </form>
  );
}

function Pages({ pages, query, partial }: Pick<HistoryProps, "pages" | "query" | "partial">) {
  const { prev, next } = pages;
  if (query.ids !== "" || (prev === null && next === null && query.cursor === "")) return null;
  return (
    <nav aria-label="Pages" class="flex justify-between mt-4">
      <span>
        {prev !== null
          ? <a rel="prev" href={listHref(query, { cursor: prev })}>← Newer</a>
          : query.cursor !== "" && <a href={listHref(query, { cursor: "" })}>← Newest</a>}
      </span>
      <span>
        {next !== null && (
          <a rel="next" href={listHref(query, { cursor: next })}>
            {partial ? "Search further back →" : "Older →"}
          </a>
        )}
      </span>
    </nav>
  );
}

interface EmptyProps {
  readonly query: ListQuery;
  readonly partial: boolean;
  readonly wordless: boolean;
}

function Empty({ query, partial, wordless }: EmptyProps) {
  if (partial) {
    return (
      <p class="mt-4">Nothing found yet. The search stopped after a large part of the history.</p>
    );
  }
  if (isNarrowed(query)) {
    return (
      <p class="mt-4 max-w-[60ch]">
        {wordless || !isSound(query)
          ? "Fix the filter above to list tasks."
          : `No task matches ${narrowedBy(query)}.`} <a href="/tasks">Show all tasks</a>
      </p>
    );
  }
  if (query.cursor !== "") return <p class="mt-4">There is nothing on this page.</p>;
  return (
    <div class="max-w-[60ch] my-6">
      <p>No tasks yet.</p>
      <p class="text-sm text-soft mb-4">
        A task is a question or a record. Its result is kept here with its sources.
      </p>
      <a href="/" class="button go">
        <Icon name="plus" />
        Ask the first question
      </a>
    </div>
  );
}
