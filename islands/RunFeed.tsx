/**
 * The live run: moves the header's figures and appends to the trace that the server rendered. It
 * does not hydrate the trace, and never shows a result: for that the finished page is loaded.
 */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { appendRows } from "../components/feed/append.tsx";
import { firstReload, keepPlace } from "../components/feed/keep.ts";
import { type Following, followNewest } from "../components/feed/following.ts";
import { streamRun } from "../components/feed/stream.ts";
import { Figures } from "../components/Figures.tsx";
import { SampledSources } from "../components/SampledSources.tsx";
import { statusWord } from "../components/Status.tsx";
import { TracePicks } from "../components/Trace.tsx";
import { foldEvents, type RunView } from "../lib/runs/view.ts";

export interface RunFeedProps {
  readonly runId: string;
  /** The fold of what the page was rendered with. */
  readonly view: RunView;
  readonly startMs: number;
  /** The server's clock when it rendered the page (Unix ms). */
  readonly nowMs: number;
  readonly usual: string | null;
  readonly cost: string;
}

export default function RunFeed(props: RunFeedProps) {
  const view = useSignal(props.view);
  const now = useSignal(props.nowMs);
  const retryAt = useSignal<number | null>(null);
  const trouble = useSignal<string | null>(null);
  const said = useSignal("");
  const following = useSignal(true);
  const unseen = useSignal(0);
  const follow = useRef<Following>();

  useEffect(() => {
    const left = new AbortController();
    const skew = props.nowMs - Date.now();
    const clock = () => Date.now() + skew;
    const trace = document.getElementById("trace");
    const ticking = setInterval(() => now.value = clock(), 1000);
    const follower = followNewest((value) => {
      following.value = value;
      if (value) unseen.value = 0;
    }, left.signal);
    follow.current = follower;

    const finish = () => {
      if (!firstReload(view.value.lastId)) {
        trouble.value = "The record of this run ends here.";
        return;
      }
      said.value = `Run ${statusWord(view.value.status)}. Loading the page of the finished run.`;
      keepPlace(`Run ${statusWord(view.value.status)}.`, following.value);
      location.reload();
    };

    const watch = async (signal: AbortSignal) => {
      try {
        await streamRun({
          url: `/api/v1/tasks/runs/${encodeURIComponent(props.runId)}/events`,
          lastId: view.value.lastId,
          signal,
          now: clock,
          onState: (state) => {
            retryAt.value = state.state === "waiting" ? clock() + state.ms : null;
          },
          onBatch(events) {
            const fresh = events.filter((event) => event.id > view.value.lastId);
            const before = view.value.status;
            view.value = foldEvents(fresh, view.value);
            now.value = clock();
            if (trace) appendRows(trace, fresh, props.startMs);
            if (view.value.status !== before) said.value = `Run ${statusWord(view.value.status)}`;
            if (!following.value) unseen.value += fresh.length;
            follower.added();
          },
        });
        finish();
      } catch (error) {
        if (!signal.aborted) trouble.value = refusal(error);
      }
    };

    // A hidden tab lets its connection go (browsers open six per host) and resumes by id when shown.
    let watching: AbortController | null = null;
    const onVisible = () => {
      watching?.abort();
      watching = document.hidden ? null : new AbortController();
      if (watching) watch(watching.signal);
    };
    document.addEventListener("visibilitychange", onVisible, { signal: left.signal });
    onVisible();
    return () => {
      left.abort();
      watching?.abort();
      clearInterval(ticking);
    };
  }, []);

  const retrySeconds = retryAt.value === null
    ? null
    : Math.max(0, Math.ceil((retryAt.value - now.value) / 1000));
  return (
    <>
      <div class="pinned py-2">
        <Figures
          view={view.value}
          ended={false}
          tookMs={now.value - props.startMs}
          usual={props.usual}
          cost={props.cost}
        />
      </div>
      <SampledSources urls={view.value.sources} />
      <div class="flex flex-wrap items-center justify-between gap-2">
        <TracePicks counts={view.value.counts} />
        <button
          type="button"
          class="plain scripted touch text-sm"
          aria-pressed={following.value}
          onClick={() => following.value ? follow.current?.pause() : follow.current?.jump()}
        >
          {following.value ? "following" : "paused"}
        </button>
      </div>
      {(trouble.value ?? retrySeconds) !== null && (
        <p class="notice calm">
          {trouble.value ?? `Waiting for the server, retrying in ${retrySeconds} s.`}
        </p>
      )}
      <p role="status" class="sr-only">{said.value}</p>
      {unseen.value > 0 && (
        <div class="news">
          <button type="button" class="button quiet" onClick={() => follow.current?.jump()}>
            {unseen.value} new ↓
          </button>
        </div>
      )}
    </>
  );
}

function refusal(error: unknown): string {
  const status = error instanceof Error && "status" in error ? error.status : undefined;
  if (status === 401) return "You are signed out. Sign in and load this page again.";
  if (status === 404) return "This server does not know the run any more.";
  return "The live feed broke off. Recording goes on; load this page again to see it.";
}
