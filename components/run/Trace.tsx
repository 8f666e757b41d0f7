/** The part of a run's trace that a page shows, with links to the rest. */
import { asset } from "fresh/runtime";
import { count, cut } from "../../lib/base/mod.ts";
import { foldSteps, payloadOf, type TracedPage } from "../../lib/runs/model/mod.ts";
import { cx } from "../ui/cx.ts";
import { messageOf, readEvents, type Shown } from "../feed/body.tsx";
import { EventRow, StepRow } from "../feed/row.tsx";
import { traceHref } from "./TraceTools.tsx";

/** A page shows this many characters of a raw event; all of it is in result.json. */
const RAW_CHARS = 4_000;

export interface TraceProps {
  readonly page: TracedPage;
}

export function Trace({ page }: TraceProps) {
  const { run, part, events, ended } = page;
  const { query, earlier, later } = part;
  const shown = readEvents(events, 0, payloadOf);
  const isFiltered = query.find.trim() !== "" || query.kind !== "";
  const isLive = !ended && later === null;
  const { steps, open } = isFiltered
    ? { steps: shown.map((event) => ({ kind: "row", events: [event] } as const)), open: null }
    : foldSteps(shown, messageOf);
  const context = {
    startMs: run.created_ms,
    rawOf: ({ id, data }: Shown) =>
      id === query.raw && <pre class="raw" tabIndex={0}>{cut(data, RAW_CHARS)}</pre>,
  };
  const hasRaw = ({ id }: Shown) => id === query.raw;
  return (
    <div
      id="trace"
      class={cx(run.simulated && "simulated", isLive && "live")}
      data-script={asset("/trace.js")}
      data-at={shown.at(-1)?.at}
      data-up-to={part.upTo}
      data-find={query.find}
      data-kind={query.kind}
      data-open={open && JSON.stringify(open)}
    >
      {isFiltered && (
        <p class="trace-found" role="status">
          {/* A live page has the number of a kind above, where it counts on. */}
          {(ended || query.find.trim() !== "") && (
            <>
              <span>{part.found === 0 ? "No event" : count(part.found)}</span> of{" "}
              <span aria-live="off">{count(part.total)}</span>
            </>
          )} {query.find.trim() !== "" && <>with “{query.find}”</>} <a href="?#trace">Show all</a>
        </p>
      )}
      {earlier !== null && (
        <a class="rest" rel="prev" href={traceHref(query, { to: earlier })}>
          {isFiltered ? "Earlier events" : `${count(earlier)} earlier events`}
        </a>
      )}
      <ol class="feed">
        {isLive && part.total === 0 && (
          <li class="waiting px-2" id="waiting">
            Waiting for Parallel to start the run. Its steps will appear here.
          </li>
        )}
        {steps.map((step, at) =>
          isFiltered
            ? <EventRow key={step.events[0].id} event={step.events[0]} {...context} />
            : (
              <StepRow
                key={step.events[0].id}
                step={step}
                open={isLive && at === steps.length - 1 || step.events.some(hasRaw)}
                {...context}
              />
            )
        )}
      </ol>
      {later !== null && (
        <a class="rest" rel="next" href={traceHref(query, { from: later })}>
          {isFiltered ? "Later events" : `${count(part.total - later + 1)} later events`}
        </a>
      )}
    </div>
  );
}
