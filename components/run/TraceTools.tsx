/** What is above a trace, live or ended: filters by kind with their counts, search, and a menu. */
import { count } from "../../lib/base/mod.ts";
import {
  countKinds,
  kindFilters,
  type LiveView,
  type TraceQuery,
} from "../../lib/runs/model/mod.ts";
import { Icon } from "../ui/Icon.tsx";

/** The link to a part of a trace, with the query's search and filter unless `change` says otherwise. */
export function traceHref(
  { find, kind }: Pick<TraceQuery, "find" | "kind">,
  change: Partial<TraceQuery>,
): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries({ find, kind, ...change })) {
    if (value !== "" && value !== null) params.set(name, String(value));
  }
  return `?${params}#trace`;
}

/** Each filter by kind with the number of events behind it. */
function filtersOf(view: LiveView) {
  const filters = [...kindFilters()].map(([name, kinds]) => ({
    name,
    kinds,
    count: countKinds(view, kinds),
  }));
  return [{ name: "", kinds: [], count: view.lastId }, ...filters];
}

export interface TraceToolsProps {
  readonly view: LiveView;
  readonly query: Pick<TraceQuery, "find" | "kind">;
  /** The URL of the whole trace as a file; `null` for visitors with a share link. */
  readonly exportHref: string | null;
  /** Whether the run is active: its island keeps counting and has two switches. */
  readonly live?: boolean;
}

/** Links and a form: without script the server filters. `static/trace.js` does it in place. */
export function TraceTools({ view, query, exportHref, live }: TraceToolsProps) {
  return (
    <div class="trace-tools">
      <nav class="trace-filters" aria-label="Kinds of events">
        {filtersOf(view).map(({ name, kinds, count: all }) => (
          <a
            key={name}
            href={traceHref(query, { kind: name })}
            data-filter={name}
            data-kinds={kinds.join(" ")}
            aria-current={query.kind === name ? "true" : undefined}
            // Keep a chosen filter, even with a count of zero.
            hidden={all === 0 && name !== "" && query.kind !== name}
          >
            {name || "All"} <small>{count(all)}</small>
          </a>
        ))}
      </nav>
      <form class="trace-find" method="get" action="#trace" role="search">
        {query.kind && <input type="hidden" name="kind" value={query.kind} />}
        <Icon name="search" />
        <input
          type="search"
          id="find"
          name="find"
          value={query.find}
          placeholder="Find in the trace"
          aria-label="Find in the trace"
          autocomplete="off"
        />
        <button type="submit" class="button unscripted">Find</button>
      </form>
      <details class="menu">
        <summary aria-label="More">
          <Icon name="ellipsis" />
        </summary>
        <ul>
          <li>
            <label class="clock-pick">
              <input type="checkbox" name="clock" value="utc" /> UTC times
            </label>
          </li>
          {live && (
            <>
              <li>
                <button type="button" data-live="follow" aria-pressed="true" hidden>
                  Follow the newest
                </button>
              </li>
              <li>
                <button type="button" data-live="notify" aria-pressed="false" hidden>
                  Notify me at the end
                </button>
              </li>
            </>
          )}
          {exportHref !== null && (
            <li>
              <a href={exportHref} download>
                <Icon name="download" /> Download the trace
              </a>
            </li>
          )}
        </ul>
      </details>
    </div>
  );
}
