/** One watch: how often Parallel checks, and what was new each time. */
import { Ago } from "../../../components/ui/Ago.tsx";
import { Icon } from "../../../components/ui/Icon.tsx";
import { WebLink } from "../../../components/ui/WebLink.tsx";
import { beginning, dollars, exact } from "../../../lib/base/mod.ts";
import { type ApiFailure, MONITOR_PRICES, type MonitorEvent } from "../../../lib/parallel/mod.ts";
import { compareFields, hostOf } from "../../../lib/results/mod.ts";
import type { Watch } from "../../../lib/schedules/mod.ts";
import { Billing, failureWords, frequencyWords, SimulatedWatch, Unbilled } from "./parts.tsx";

export interface WatchPageProps {
  readonly watch: Watch;
  readonly events: readonly MonitorEvent[];
  /** Where the next page of events begins; `null` on the last one. */
  readonly next: string | null;
  /** Checks that found nothing are shown too. */
  readonly completions: boolean;
  /** Why there are no events. */
  readonly failure: ApiFailure | null;
  /** It could not be cancelled just now. */
  readonly problem: boolean;
  readonly simulated: boolean;
  readonly now: number;
}

/** Fields of one event, characters of each value, and its sources. */
const FIELDS = 20, VALUE_CHARS = 400, SOURCES = 3;

export function WatchPage(props: WatchPageProps) {
  const { watch, events, next, completions, failure, problem, simulated, now } = props;
  const { created_ms, frequency, id, last_run_ms, processor, status, task_run_id, title } = watch;
  const path = `/watches/${encodeURIComponent(id)}`;
  return (
    <>
      <SimulatedWatch simulated={simulated} />
      <h1 dir="auto">{title}</h1>
      {status === "cancelled" ? <Unbilled /> : <Billing />}
      {problem && (
        <p class="notice mt-4" role="alert">
          Parallel did not confirm the cancellation. The watch may still be active. Try again.
        </p>
      )}
      {status === "active" && <Cancel path={path} />}
      <dl class="triples mt-4">
        <div>
          <dt>Checks</dt>
          <dd>{frequencyWords(frequency)}</dd>
          <dd>{processor}, {dollars(MONITOR_PRICES[processor])} per check</dd>
        </div>
        <div>
          <dt>State</dt>
          <dd>{status}</dd>
          <dd>
            {last_run_ms === null ? "not checked yet" : (
              <>
                checked <Ago ms={last_run_ms} now={now} />
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>Since</dt>
          <dd>{created_ms === null ? "–" : exact(created_ms)}</dd>
          <dd>
            <code>{id}</code>
          </dd>
        </div>
        {task_run_id !== null && (
          <div>
            <dt>Compares with</dt>
            <dd>
              <a href={`/tasks/${encodeURIComponent(task_run_id)}`}>the result of this task</a>
            </dd>
            <dd></dd>
          </div>
        )}
      </dl>
      <section aria-labelledby="events" class="mt-8">
        <h2 id="events">Changes</h2>
        {failure !== null && (
          <p class="notice mt-2" role="alert">
            Parallel did not list the events: {failureWords(failure)}
          </p>
        )}
        {events.length === 0 && failure === null && <p class="mt-2 text-soft">Nothing yet.</p>}
        {events.map((event, index) => <Event key={index} event={event} />)}
        <p class="flex flex-wrap gap-4 mt-4 text-sm">
          <a href={completions ? path : `${path}?all=1`}>
            {completions ? "Show changes only" : "Show checks without changes"}
          </a>
          {next !== null && (
            <a
              rel="next"
              href={`${path}?cursor=${encodeURIComponent(next)}${completions ? "&all=1" : ""}`}
            >
              Older →
            </a>
          )}
        </p>
      </section>
      <p class="mt-8 text-sm">
        <a href="/watches">All watches</a>
      </p>
    </>
  );
}

function Cancel({ path }: { readonly path: string }) {
  return (
    <details class="menu start mt-4">
      <summary>
        Cancel watch <Icon name="chevron-down" small />
      </summary>
      <form method="post" action={`${path}/cancel`}>
        <p class="text-sm">Parallel stops checking and billing. It cannot be resumed.</p>
        <button type="submit" class="button danger my-2">Cancel watch</button>
      </form>
    </details>
  );
}

function Event({ event }: { readonly event: MonitorEvent }) {
  switch (event.kind) {
    case "nothing":
      return <p class="mt-2 text-soft">{at(event.at_ms)}: nothing new</p>;
    case "error":
      return <p class="mt-2 bad" dir="auto">{at(event.at_ms)}: failed. {event.message}</p>;
    case "change":
      return <Change event={event} />;
  }
}

/** The fields that changed: what · from and to · sources. */
function Change({ event }: { readonly event: Extract<MonitorEvent, { kind: "change" }> }) {
  const { date, output, previous } = event;
  if (output === null) return <p class="mt-2">{date ?? "–"}: the result changed.</p>;
  const fields = compareFields([previous, output])
    // What is new has the changed fields only.
    .filter(({ values }) => values[1]?.text !== null);
  return (
    <section class="mt-4">
      <h3 class="text-sm">{date ?? "Changed"}</h3>
      <dl class="triples">
        {fields.slice(0, FIELDS).map(({ path, values: [before, after] }) => (
          <div key={path}>
            <dt dir="auto">{path === "" ? "Text" : path}</dt>
            <dd dir="auto" class="whitespace-pre-wrap">
              {before?.text != null && (
                <>
                  <del class="text-soft">{short(before.text)}</del>
                  {" "}
                </>
              )}
              <ins>{short(after?.text ?? "–")}</ins>
            </dd>
            <dd class="hosts">
              {after?.urls.slice(0, SOURCES).map((url) => (
                <WebLink key={url} href={url}>{hostOf(url)}</WebLink>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      {fields.length > FIELDS && (
        <p class="text-sm text-soft">and {fields.length - FIELDS} more fields</p>
      )}
    </section>
  );
}

function short(text: string): string {
  return text.length > VALUE_CHARS ? `${beginning(text, VALUE_CHARS)}…` : text;
}

function at(ms: number | null): string {
  return ms === null ? "–" : exact(ms);
}
