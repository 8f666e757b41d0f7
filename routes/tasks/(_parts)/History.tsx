/** The history: the account's runs, newest first, in pages, with their figures. */
import type { ComponentChildren } from "preact";
import type { HistoryPage } from "../../../lib/runs/model/mod.ts";
import { Filters } from "./Filters.tsx";
import { isNarrowed, isSound, listHref, type ListQuery } from "./list_query.ts";
import { Purging, Undo, type UndoProps } from "./ListNotices.tsx";
import type { SearchNotesProps } from "./SearchNotes.tsx";
import { Numbers, type NumbersProps } from "./Numbers.tsx";
import { SimulatedLine } from "../../../components/ui/Simulated.tsx";

export interface HistoryProps extends NumbersProps, UndoProps {
  readonly history: HistoryPage;
  /** The search stopped at its read limit. The next page continues. */
  readonly partial: boolean;
  readonly search: SearchNotesProps;
  /** The number of deleted tasks that are not erased yet. */
  readonly purging: number;
  readonly sandbox: boolean;
  /** The problem with an action on the selected tasks. */
  readonly problem: string | null;
  /** The lines themselves: an island. */
  readonly list: ComponentChildren;
}

export function History(props: HistoryProps) {
  const { history, query, partial, search, sandbox, problem, deleted, list } = props;
  return (
    <>
      {sandbox && <SimulatedLine />}
      <div class="flex items-center justify-between gap-4 mt-6 mb-4">
        <h1>Tasks</h1>
        <span class="flex items-center gap-4">
          <a href="/tasks?kind=batch">Batches</a>
          <a href="/" class="button">New task</a>
        </span>
      </div>
      {problem !== null && <p class="notice mb-4" role="alert">{problem}</p>}
      <Undo deleted={deleted} query={query} />
      <div class="columns">
        <div class="min-w-0">
          <Filters query={query} search={search} />
          {list}
          <div id="empty">
            {history.runs.length === 0 && (
              <Empty query={query} partial={partial} wordless={search.wordless} />
            )}
          </div>
          <Pages history={history} query={query} partial={partial} />
        </div>
        <Numbers {...props} />
      </div>
      <Purging count={props.purging} />
      <p class="mt-8 text-sm">
        <a href="/tasks/transfer">Export or import the whole history</a>
      </p>
    </>
  );
}

function Pages({ history, query, partial }: Pick<HistoryProps, "history" | "query" | "partial">) {
  const { prev, next } = history;
  if (prev === null && next === null && query.cursor === "") return null;
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
          : `No task matches${query.q === "" ? "" : ` “${query.q}”`}.`}{" "}
        <a href="/tasks">Show all tasks</a>
      </p>
    );
  }
  if (query.cursor !== "") return <p class="mt-4">There is nothing on this page.</p>;
  return (
    <div class="max-w-[60ch] mt-4">
      <p>
        No tasks yet.{" "}
        <a href="/">Create your first task</a>, or start from an example. It appears here as soon as
        it is created.
      </p>
    </div>
  );
}
