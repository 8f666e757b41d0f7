/** The list's filters, as a GET form. */
import { PROCESSORS } from "../../../lib/parallel/mod.ts";
import { statusWord } from "../../../components/ui/Status.tsx";
import { SearchNotes, type SearchNotesProps } from "./SearchNotes.tsx";
import { isNarrowed, type ListField, listProblems, type ListQuery } from "./list_query.ts";

const STATUSES = [
  "queued",
  "running",
  "completed",
  "failed",
  "action_required",
  "cancelling",
  "cancelled",
  "lost",
];

export interface FiltersProps {
  readonly query: ListQuery;
  readonly search: SearchNotesProps;
}

export function Filters({ query, search }: FiltersProps) {
  const { wordless } = search;
  const problems = listProblems(query);
  return (
    <form action="/tasks" role="search" class="flex flex-wrap items-end gap-x-4 gap-y-2 mb-4">
      <div class="w-full sm:w-72">
        <label for="q">
          Search <kbd class="scripted text-soft">/</kbd>
        </label>
        <input
          id="q"
          name="q"
          type="search"
          value={query.q}
          placeholder="input, result or metadata"
          class="w-full"
          aria-invalid={wordless ? "true" : undefined}
          aria-describedby={wordless ? "q-error q-hint" : "q-hint"}
        />
        {wordless && <p id="q-error" class="error-text">Enter at least one word.</p>}
      </div>
      <div class="w-full grid grid-cols-3 gap-2 sm:contents">
        <Choice name="status" label="Status" query={query} options={STATUSES} word={statusWord} />
        <Choice
          name="processor"
          label="Processor"
          query={query}
          options={PROCESSORS.map(({ name }) => name)}
        />
        <Choice name="output" label="Output" query={query} options={["auto", "text", "json"]} />
      </div>
      <div class="w-full grid grid-cols-2 gap-2 sm:contents">
        <Day name="from" label="From" query={query} problem={problems.from} />
        <Day name="to" label="To (UTC)" query={query} problem={problems.to} />
      </div>
      <button type="submit" class="button">Filter</button>
      {isNarrowed(query) && <a href="/tasks" class="py-2">Show all</a>}
      <SearchNotes {...search} />
    </form>
  );
}

interface ChoiceProps {
  readonly name: ListField;
  readonly label: string;
  readonly query: ListQuery;
  readonly options: readonly string[];
  readonly word?: (value: string) => string;
}

function Choice({ name, label, query, options, word = (value) => value }: ChoiceProps) {
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
