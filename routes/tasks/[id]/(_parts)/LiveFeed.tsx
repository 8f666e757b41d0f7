/** A run page's island, and its initial data. */
import type { RunTerms } from "../../../../components/run/RunDetails.tsx";
import RunFeed from "../../../../islands/RunFeed.tsx";
import { idleAfterMs, STORE_AWAY_NOTICE } from "../../../../lib/runs/mod.ts";
import type { RunPage } from "../../../../lib/runs/model/mod.ts";

export interface LiveFeedProps {
  readonly page: RunPage;
  readonly terms: RunTerms;
  /** The URL of the run's stream. */
  readonly eventsUrl: string;
  /** The heartbeat interval of a silent stream (ms). */
  readonly heartbeatMs: number;
  /** The server's clock (Unix ms). */
  readonly now: number;
}

export function LiveFeed({ page, terms, eventsUrl, heartbeatMs, now }: LiveFeedProps) {
  return (
    <RunFeed
      eventsUrl={eventsUrl}
      idleMs={idleAfterMs(heartbeatMs)}
      notices={NOTICES}
      view={page.view}
      startMs={page.run.created_ms}
      nowMs={now}
      usual={terms.usual}
      cost={terms.cost}
    />
  );
}

const NOTICES = {
  away: STORE_AWAY_NOTICE,
  offline: "You are offline. Recording goes on; this page catches up when you are back",
  waiting: "Waiting for the server",
  full: "Too many live pages are open, close one",
} as const;
