/** The list's presets, its search and its other filters: links and a GET form. */
import { beginning } from "../../../lib/base/mod.ts";
import { Icon } from "../../../components/ui/Icon.tsx";
import { statusWord } from "../../../components/ui/Status.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { PROCESSORS } from "../../../lib/parallel/mod.ts";
import { type FacetName, FACETS } from "../../../lib/runs/model/mod.ts";
import { SearchHint, SearchNotes, type SearchNotesProps } from "./SearchNotes.tsx";
import { isNarrowed, listHref, listProblems, type ListQuery } from "./list_query.ts";
import { EVERYTHING, type Preset } from "./presets.ts";

interface Control {
  readonly label: string;
  readonly options: readonly string[];
  readonly word: (value: string) => string;
}

/** The control of each facet. */
const CONTROLS: Readonly<Record<FacetName, Control>> = {
  status: {
    label: "Status",
    options: [
      "active",
      "queued",
      "running",
      "completed",
      "failed",
      "action_required",
      "cancelling",
      "cancelled",
      "lost",
    ],
    word: (status) => status === "active" ? "queued or running" : statusWord(status),
  },
  processor: {
    label: "Processor",
    options: PROCESSORS.map(({ name }) => name),
    word: (name) => name,
  },
  output: { label: "Output", options: ["auto", "text", "json"], word: (type) => type },
};

export interface FiltersProps {
  readonly query: ListQuery;
  readonly presets: readonly Preset[];
  readonly search: SearchNotesProps;
  /** The fields that most runs of the page ask for, if several ask for the same. */
  readonly sharedFields: { readonly schema: string; readonly runs: number } | null;
  readonly isEmpty: boolean;
}

export function Filters({ query, presets, search, sharedFields, isEmpty }: FiltersProps) {
  const problems = listProblems(query);
  const isWrong = Object.keys(problems).length > 0;
  return (
    <>
      <div class="filters">
        <nav aria-label="Presets" id="presets">
          {presets.map((preset) => (
            <a
              key={preset.label}
              href={listHref(preset.query)}
              class={cx(preset.isAlive && "alive")}
              aria-current={preset.isCurrent ? "true" : "false"}
            >
              {preset.label} <small>{preset.count}</small>
            </a>
          ))}
          {sharedFields !== null && query.view === "" && (
            <a
              href={listHref(EVERYTHING, { schema: sharedFields.schema, view: "table" })}
              title={`${sharedFields.runs} runs on this page ask for the same fields`}
              aria-current="false"
            >
              <Icon name="table" /> As a table
            </a>
          )}
        </nav>
        <form action="/tasks" role="search" class="searches">
          <label class="search">
            <span class="sr-only">Search</span>
            <Icon name="search" />
            <input
              id="q"
              name="q"
              type="search"
              value={query.q}
              placeholder="Input, result, metadata"
              aria-invalid={search.wordless ? "true" : undefined}
              aria-describedby={search.wordless ? "q-error q-hint" : "q-hint"}
            />
            <kbd class="scripted" aria-hidden="true">/</kbd>
          </label>
          <details class="menu more-filters" open={isWrong}>
            <summary>
              <Icon name="list-filter" />
              <span class="word">More filters</span>
            </summary>
            <div class="stack">
              {FACETS.map(({ name }) => <Choice key={name} name={name} query={query} />)}
              <div class="flex gap-2">
                <Day name="from" label="From" query={query} problem={problems.from} />
                <Day name="to" label="To (UTC)" query={query} problem={problems.to} />
              </div>
              {query.view !== "" && <input type="hidden" name="view" value={query.view} />}
              {query.schema !== "" && <input type="hidden" name="schema" value={query.schema} />}
              <p class="flex items-center justify-between gap-4">
                <button type="submit" class="button">Filter</button>
                <a href="/tasks?kind=batch" aria-current="false">Batches only</a>
              </p>
              <SearchHint kept={search.kept} />
            </div>
          </details>
        </form>
      </div>
      {search.wordless && <p id="q-error" class="error-text">Enter at least one word.</p>}
      <SearchNotes {...search} />
      {/* A list without lines says itself what narrows it down. */}
      {isNarrowed(query) && !isEmpty && (
        <p class="text-sm text-soft my-2">
          Only {narrowedBy(query)}. <a href="/tasks">Show all</a>
        </p>
      )}
    </>
  );
}

/** Returns what narrows the list down, in words. */
export function narrowedBy(query: ListQuery): string {
  const parts = FACETS.flatMap(({ name }) => {
    const value = query[name];
    return value === ""
      ? []
      : [`${CONTROLS[name].label.toLowerCase()} ${CONTROLS[name].word(value)}`];
  });
  if (query.from !== "") parts.push(`from ${query.from}`);
  if (query.to !== "") parts.push(`to ${query.to}`);
  if (query.schema !== "") parts.push("runs that ask for the same fields");
  if (query.q !== "") parts.push(`“${beginning(query.q, 80)}”`);
  return parts.join(", ");
}

function Choice({ name, query }: { readonly name: FacetName; readonly query: ListQuery }) {
  const { label, options, word } = CONTROLS[name];
  const chosen = query[name];
  // The API may have values that we do not know yet.
  const all = chosen === "" || options.includes(chosen) ? options : [...options, chosen];
  return (
    <div>
      <label for={name}>{label}</label>
      <select id={name} name={name} class="block">
        <option value="">any</option>
        {all.map((value) => (
          <option key={value} value={value} selected={value === chosen}>{word(value)}</option>
        ))}
      </select>
    </div>
  );
}

interface DayProps {
  readonly name: "from" | "to";
  readonly label: string;
  readonly query: ListQuery;
  readonly problem: string | undefined;
}

function Day({ name, label, query, problem }: DayProps) {
  return (
    <div>
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        // A date control would not show a text that is not a date.
        type={problem === undefined ? "date" : "text"}
        value={query[name]}
        class="block"
        aria-invalid={problem === undefined ? undefined : "true"}
        aria-describedby={problem === undefined ? undefined : `${name}-error`}
      />
      {problem !== undefined && <p id={`${name}-error`} class="error-text">{problem}</p>}
    </div>
  );
}
