/** Runs and batches as lines of a list: the question, with the answer below it. */
import type { ComponentChildren } from "preact";
import type { BatchSummary } from "../lib/batches/mod.ts";
import { progressOf } from "../lib/batches/model/mod.ts";
import { count, dollars, duration, percent, UNKNOWN } from "../lib/base/mod.ts";
import { type Excerpt, isActiveStatus, type RunSummary } from "../lib/runs/model/mod.ts";
import { Ago } from "./ui/Ago.tsx";
import { ConfidenceBar, ConfidenceDot } from "./ui/Confidence.tsx";
import { SimulatedStamp } from "./ui/Simulated.tsx";
import { Status, statusWord } from "./ui/Status.tsx";

export interface RunLinesProps {
  readonly runs: readonly RunSummary[];
  readonly batches?: readonly BatchSummary[];
  readonly now: number;
  /** The search excerpt of each run. */
  readonly excerpts?: Readonly<Record<string, Excerpt>>;
  /** Names of the batches that the runs are rows of, by id. */
  readonly batchNames?: Readonly<Record<string, string>>;
  /** IDs of those that are ticked at first; `null` for a list without ticks. */
  readonly ticked?: readonly string[] | null;
  /** The page says that all of them are simulated. */
  readonly allSimulated?: boolean;
}

export function RunLines(props: RunLinesProps) {
  const { runs, batches = [], now, excerpts = {}, batchNames = {}, ticked = [] } = props;
  const lines = [
    ...runs.map((run) => ({ run, batch: null, at: run.created_ms, id: run.run_id })),
    ...batches.map((batch) => ({ run: null, batch, at: batch.created_ms, id: batch.id })),
  ].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  return (
    <ol class="runs">
      {lines.map(({ run, batch, id }) =>
        batch !== null
          ? <BatchItem key={id} batch={batch} now={now} allSimulated={props.allSimulated} />
          : (
            <RunItem
              key={id}
              run={run}
              now={now}
              // An ID is text from the API: it may be called constructor.
              excerpt={ownOf(excerpts, id)}
              batchName={run.batch && ownOf(batchNames, run.batch.id)}
              ticked={ticked && ticked.includes(id)}
              allSimulated={props.allSimulated}
            />
          )
      )}
    </ol>
  );
}

function ownOf<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/**
 * Not `checked`: the user controls the checkbox afterwards, and a re-render would reset it. A spread,
 * because precompiled JSX would write the property's name into the HTML.
 */
const tickedAtFirst = (ticked: boolean) => ({ defaultChecked: ticked });

interface RunItemProps {
  readonly run: RunSummary;
  readonly now: number;
  readonly excerpt: Excerpt | undefined;
  readonly batchName: string | undefined;
  readonly ticked: boolean | null;
  readonly allSimulated: boolean | undefined;
}

function RunItem({ run, now, excerpt, batchName, ticked, allSimulated }: RunItemProps) {
  const took = run.ended_ms === null ? null : run.ended_ms - run.created_ms;
  const isTitle = excerpt?.place === "input" &&
    excerpt.pieces.map(({ text }) => text).join("") === run.title;
  return (
    <li>
      {ticked !== null && (
        <label class="tick">
          <input type="checkbox" name="id" value={run.run_id} {...tickedAtFirst(ticked)} />
          <span class="sr-only">Tick {run.title}</span>
        </label>
      )}
      <Status status={run.status} bare />
      <div>
        <a href={`/tasks/${encodeURIComponent(run.run_id)}`} class="row-link" dir="auto">
          {isTitle ? <Marked pieces={excerpt.pieces} /> : run.title || "(empty input)"}
        </a>
        <p class="second-line" dir="auto">
          {run.batch && (
            <span class="pair">
              row {count(run.batch.row)} of <em>{batchName ?? "a batch"}</em>
            </span>
          )}
          {excerpt && !isTitle
            ? <Found excerpt={excerpt} />
            : <Answer key={run} run={run} took={took} />}
          {run.simulated && !allSimulated && <SimulatedStamp />}
        </p>
      </div>
      <span title="Processor">{run.processor}</span>
      <Figure title="Time" text={duration(took)} />
      <span class="number">
        <Cost run={run} />
      </span>
      <span class="number">
        <Ago ms={run.created_ms} now={now} bare />
      </span>
    </li>
  );
}

/** At the right edge, text that changes is new text: the old one would move. */
function Figure({ title, text }: { readonly title: string; readonly text: string }) {
  return <span key={text} class="number" title={title}>{text}</span>;
}

/**
 * The second line: the answer, how far it is, or what went wrong. Its key is the run: what changes is made
 * anew, because text nodes that get another place count as moved.
 */
function Answer({ run, took }: { readonly run: RunSummary; readonly took: number | null }) {
  const { status, answer, notice, progress, sources_read, sources_considered } = run;
  const after = took === null ? "" : ` after ${duration(took)}`;
  if (status === "failed" || status === "lost") {
    const word = status === "failed" ? "Failed" : "Not followed to its end";
    return (
      <>
        <span class="bad">{word}{after}{notice ? ":" : "."}</span>{" "}
        {notice && (/[.!?]$/.test(notice) ? notice : `${notice}.`)}
        {status === "failed" && " Not billed."}
      </>
    );
  }
  if (status === "action_required") {
    return (
      <>
        <span class="weak">Needs action{notice ? ":" : "."}</span> {notice}
      </>
    );
  }
  if (isActiveStatus(status)) {
    const word = statusWord(status);
    return (
      <>
        <span class="alive">{word.charAt(0).toUpperCase() + word.slice(1)}</span>
        {progress !== null && ` · ${percent(progress)}`}
        {sources_read !== null && (
          <>
            {" · "}
            <em>{count(sources_read)}</em> of {count(sources_considered)} sources read
          </>
        )}
      </>
    );
  }
  if (status !== "completed") return <>{statusWord(status)}{after}</>;
  if (answer === undefined) {
    return (
      <>
        {run.output_type}
        {sources_read !== null && ` · ${count(sources_read)} sources read`}
      </>
    );
  }
  return (
    <>
      {answer.map(({ name, text, confidence }) => (
        <span key={name} class={name === "" ? undefined : "pair"}>
          {name} <em>{text}</em>
          <ConfidenceDot level={name === "" ? null : confidence} />
        </span>
      ))}
    </>
  );
}

/** What a list names as a batch's state. */
const BATCH_STATUS = { draft: "paused", running: "running", paused: "paused", done: "completed" };

interface BatchItemProps {
  readonly batch: BatchSummary;
  readonly now: number;
  readonly allSimulated: boolean | undefined;
}

function BatchItem({ batch, now, allSimulated }: BatchItemProps) {
  const { rows, counts, state, reason, outputs, low = 0, pace = [], started_ms = null } = batch;
  const { outcome = null } = batch;
  const { ended, rowsPerMinute, leftMs } = progressOf({ ...batch, pace, started_ms }, now);
  const failed = counts.failed ?? 0;
  const endedMs = outcome?.ended_ms ?? null;
  const took = started_ms === null || endedMs === null ? null : endedMs - started_ms;
  const hasLevels = outcome?.levels.some((level) => level !== null);
  const parts: ComponentChildren[] = [
    <span key="done">
      <em>{count(ended)}</em> done
    </span>,
    failed > 0 && <em key="failed" class="bad">{count(failed)} failed</em>,
    low > 0 && `${count(low)} of low confidence`,
    rowsPerMinute !== null && `${count(Math.round(rowsPerMinute))} a minute`,
    leftMs !== null && `${duration(leftMs)} left`,
    state === "paused" && <span key="paused" class="weak">{reason ?? "paused"}</span>,
    outcome && hasLevels
      ? (
        <span key="high">
          <em>{count(outcome.high)}</em> of {count(outcome.cells)} cells high
        </span>
      )
      : outputs.map((name) => name.replaceAll("_", " ")).join(", "),
  ].filter(Boolean);
  return (
    <li>
      <span class="tick"></span>
      <Status status={BATCH_STATUS[state]} bare />
      <div>
        <a href={`/batches/${encodeURIComponent(batch.id)}`} class="row-link" dir="auto">
          {batch.name}
        </a>
        <p class="second-line" dir="auto">
          <span class="pair">
            batch of <em>{count(rows)} {rows === 1 ? "row" : "rows"}</em>
          </span>
          {state !== "done" && (
            <progress max={Math.max(1, rows)} value={ended} aria-label="Rows that are done" />
          )}
          {outcome && hasLevels && (
            <span class="pair">
              <ConfidenceBar
                small
                fields={outcome.levels.map((level, at) => ({ name: outputs[at] ?? "", level }))}
              />
            </span>
          )}
          <span key={batch}>
            {parts.map((part, at) => <span key={at}>{at > 0 && " · "}{part}</span>)}
          </span>
          {batch.simulated && !allSimulated && (
            <>
              {" "}
              <SimulatedStamp />
            </>
          )}
        </p>
      </div>
      <span title="Processor">{batch.processor}</span>
      <Figure title="From the first row to the last" text={duration(took)} />
      <Figure title={batch.simulated ? FREE : "Spent so far"} text={dollars(batch.spent_usd)} />
      <span class="number">
        <Ago ms={batch.created_ms} now={now} bare />
      </span>
    </li>
  );
}

const FREE = "Simulated: the real API would charge this";

/** The cost of a run. Failed runs are not billed. */
export function Cost({ run }: { readonly run: RunSummary }) {
  if (run.status === "failed") return <>{UNKNOWN}</>;
  return <span title={run.simulated ? FREE : undefined}>{dollars(run.price_usd)}</span>;
}

/** The excerpt of a search match, with the words marked. */
function Found({ excerpt }: { readonly excerpt: Excerpt }) {
  return (
    <>
      {excerpt.place === "input" ? "" : `${excerpt.place}: `}
      <Marked pieces={excerpt.pieces} />
    </>
  );
}

function Marked({ pieces }: Pick<Excerpt, "pieces">) {
  return (
    <>
      {pieces.map(({ text, hit }, index) =>
        hit ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>
      )}
    </>
  );
}
