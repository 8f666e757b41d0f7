/** Runs and events as pages get them. */
import { renderToString } from "preact-render-to-string";
import type { VNode } from "preact";
import type { Citation, TaskRunOutput } from "../../lib/parallel/types.ts";
import type { LogEvent } from "../../lib/runs/model/event.ts";
import { digestEvents, emptyDigest } from "../../lib/runs/model/digest.ts";
import type { RunPage, RunSummary, TracedPage } from "../../lib/runs/model/model.ts";

export const START_MS = Date.UTC(2026, 9, 5, 12);
export const RUN_ID = "trun_9907962f83aa4d9d98fd7f4bf745d654";

/** What no page may ever let through as markup. */
export const HOSTILE = `"><img src=x onerror=alert(1)><script>alert(2)</script>`;

/** The component's HTML, without the spaces that keyed elements leave in their tags. */
export function htmlOf(node: VNode): string {
  return renderToString(node).replace(/<[^<>]+>/g, (tag) => tag.replace(/ +(?=[ >])/g, ""));
}

/** An event of the log, some seconds into the run. */
export function event(
  id: number,
  type: string,
  payload: unknown,
  { seconds = 0, received = true }: { seconds?: number; received?: boolean } = {},
): LogEvent {
  const at = START_MS + seconds * 1000;
  return {
    id,
    type,
    received_ms: received ? at : null,
    data: typeof payload === "string" ? payload : JSON.stringify({ type, ...payload as object }),
  };
}

/** A progress message. */
export function message(id: number, subtype: string, text: string, seconds = 0): LogEvent {
  return event(id, `task_run.progress_msg.${subtype}`, {
    message: text,
    timestamp: new Date(START_MS + seconds * 1000).toISOString(),
  });
}

/** A change of the run's status. */
export function state(
  id: number,
  status: string,
  run: Record<string, unknown> = {},
): LogEvent {
  return event(id, "task_run.state", {
    run: { status, is_active: ["queued", "running", "cancelling"].includes(status), ...run },
  });
}

/** A run's page as the store returns it. */
export function runPage(
  events: readonly LogEvent[],
  { output = null, ended = false, simulated = false }: {
    output?: TaskRunOutput | null;
    ended?: boolean;
    simulated?: boolean;
  } = {},
): TracedPage {
  return traced({
    run: {
      run_id: RUN_ID,
      interaction_id: RUN_ID,
      input: { input: "Which rivers are longest?", processor: "core", enable_events: true },
      processor: "core",
      price_usd: 0.025,
      source: "form",
      rerun_of: null,
      follows: null,
      group_id: null,
      created_ms: START_MS,
      simulated,
    },
    title: "Which rivers are longest?",
    view: digestEvents(events, emptyDigest(START_MS)).view,
    events,
    output,
    ended,
    ended_ms: ended ? START_MS + 220_000 : null,
  });
}

/** A page that shows the whole of its trace. */
export function traced(page: RunPage): TracedPage {
  const total = page.events.length;
  return {
    ...page,
    timeline: digestEvents(page.events, emptyDigest(page.run.created_ms)).timeline,
    part: {
      query: { from: null, to: null, find: "", kind: "", raw: null },
      total,
      found: total,
      upTo: total,
      earlier: null,
      later: null,
    },
  };
}

/** A line of the history. */
export function summary(change: Partial<RunSummary> = {}): RunSummary {
  return {
    run_id: RUN_ID,
    title: "Which rivers are longest?",
    status: "completed",
    processor: "core",
    price_usd: 0.025,
    output_type: "auto",
    progress: 100,
    sources_considered: 40,
    sources_read: 12,
    created_ms: START_MS,
    ended_ms: START_MS + 220_000,
    simulated: false,
    ...change,
  };
}

/** A citation of the n-th page. */
export function cite(n: number): Citation {
  return { url: `https://site${n}.example/`, title: `Page ${n}`, excerpts: [`Excerpt ${n}`] };
}
