/** A run page's island, and its initial data. */
import type { RunTerms } from "../../../../components/run/RunDetails.tsx";
import RunFeed from "../../../../islands/RunFeed.tsx";
import { idleAfterMs, STORE_AWAY_NOTICE } from "../../../../lib/runs/mod.ts";
import type { TracedPage } from "../../../../lib/runs/model/mod.ts";

export interface LiveFeedProps {
  readonly page: TracedPage;
  readonly terms: RunTerms;
  /** The URL of the run's stream. */
  readonly eventsUrl: string;
  /** The heartbeat interval of a silent stream (ms). */
  readonly heartbeatMs: number;
  /** The server's clock (Unix ms). */
  readonly now: number;
}

export function LiveFeed({ page, terms, eventsUrl, heartbeatMs, now }: LiveFeedProps) {
  // What the page shows already needs no place in the island's data.
  const { sources: _, findings: __, warnings: ___, error: ____, ...view } = page.view;
  return (
    <RunFeed
      eventsUrl={eventsUrl}
      idleMs={idleAfterMs(heartbeatMs)}
      notices={NOTICES}
      view={view}
      startMs={page.run.created_ms}
      nowMs={now}
      {...terms}
    />
  );
}

const NOTICES = {
  away: STORE_AWAY_NOTICE,
  offline: "You are offline. Recording continues; this page catches up when you are back",
  waiting: "Network lost",
  full: "Too many live pages are open, close one",
  turn: "Other windows take their turn, this one is next",
  signedOut: "You are signed out. Sign in and reload this page.",
  unknown: "This run no longer exists on this server.",
  broken: "The live feed was interrupted. Recording continues; reload this page.",
  over: "The record of this run ends here.",
  ended: "The run has ended. No connection: its page loads when there is one.",
} as const;
