/** Runs as a table, one line each. Narrow screens keep the status, the title and one line of details. */
import { type Excerpt, isActiveStatus, type RunSummary } from "../lib/runs/model/mod.ts";
import { Ago } from "./ui/Ago.tsx";
import { count, dollars, duration, percent, UNKNOWN } from "../lib/base/mod.ts";
import { SimulatedStamp } from "./ui/Simulated.tsx";
import { Status } from "./ui/Status.tsx";

export interface RunTableProps {
  readonly runs: readonly RunSummary[];
  readonly now: number;
  /** The search excerpt of each run. */
  readonly excerpts?: Readonly<Record<string, Excerpt>>;
  /** IDs of those that are selected at first. */
  readonly ticked?: readonly string[];
}

export function RunTable({ runs, now, excerpts = {}, ticked = [] }: RunTableProps) {
  return (
    <table class="runs">
      <thead>
        <tr>
          <th scope="col">
            <span class="sr-only">Select</span>
          </th>
          <th scope="col">Status</th>
          <th scope="col">Task</th>
          <th scope="col" class="hidden sm:table-cell">Processor</th>
          <th scope="col" class="hidden sm:table-cell number">Took</th>
          <th scope="col" class="hidden lg:table-cell number">Cost</th>
          <th scope="col" class="hidden sm:table-cell number">Created</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <Row
            key={run.run_id}
            run={run}
            now={now}
            // A run's ID is text from the API: it may be called constructor.
            excerpt={Object.hasOwn(excerpts, run.run_id) ? excerpts[run.run_id] : undefined}
            ticked={ticked.includes(run.run_id)}
          />
        ))}
      </tbody>
    </table>
  );
}

/**
 * Not `checked`: the user controls the checkbox afterwards, and a re-render would reset it. A spread,
 * because precompiled JSX would write the property's name into the HTML.
 */
const tickedAtFirst = (ticked: boolean) => ({ defaultChecked: ticked });

interface RowProps {
  readonly run: RunSummary;
  readonly now: number;
  readonly excerpt: Excerpt | undefined;
  readonly ticked: boolean;
}

function Row({ run, now, excerpt, ticked }: RowProps) {
  const took = run.ended_ms === null ? null : run.ended_ms - run.created_ms;
  return (
    <tr>
      <td>
        <label class="tick">
          <input
            type="checkbox"
            name="id"
            value={run.run_id}
            {...tickedAtFirst(ticked)}
          />
          <span class="sr-only">Select {run.title}</span>
        </label>
      </td>
      <td class="whitespace-nowrap">
        <Status status={run.status} />
        {isActiveStatus(run.status) && run.progress !== null && (
          <span class="ml-2 text-soft number">{percent(run.progress)}</span>
        )}
      </td>
      <td class="w-full">
        <a href={`/tasks/${encodeURIComponent(run.run_id)}`} class="row-link" dir="auto">
          {run.title || "(empty input)"}
        </a>
        {excerpt && <Found excerpt={excerpt} />}
        <p class="text-sm text-soft">
          <span class="sm:hidden">
            {run.processor} · <Cost run={run} /> · <Ago ms={run.created_ms} now={now} /> ·{" "}
          </span>
          {run.output_type}
          {run.sources_read !== null && ` · ${count(run.sources_read)} sources read`}
          {run.simulated && (
            <>
              {" "}
              <SimulatedStamp />
            </>
          )}
        </p>
      </td>
      <td class="hidden sm:table-cell whitespace-nowrap">{run.processor}</td>
      <td class="hidden sm:table-cell number">{duration(took)}</td>
      <td class="hidden lg:table-cell number">
        <Cost run={run} />
      </td>
      <td class="hidden sm:table-cell number">
        <Ago ms={run.created_ms} now={now} />
      </td>
    </tr>
  );
}

/** The actual cost: sandbox runs and failed runs are not billed. */
export function Cost({ run }: { run: RunSummary }) {
  if (run.status === "failed") return <span title="A failed run is not billed">{UNKNOWN}</span>;
  if (!run.simulated) return <>{dollars(run.price_usd)}</>;
  return <span title={`Simulated: ${dollars(run.price_usd)} on the real API`}>{UNKNOWN}</span>;
}

// The excerpt of a search match, with the words marked.
export function Found({ excerpt }: { excerpt: Excerpt }) {
  return (
    <p class="text-sm text-soft" dir="auto">
      {excerpt.place === "input" ? "" : `${excerpt.place}: `}
      {excerpt.pieces.map(({ text, hit }, index) =>
        hit ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>
      )}
    </p>
  );
}
