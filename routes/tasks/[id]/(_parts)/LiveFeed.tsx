/** The island of a run's page, with what it starts from. */
import type { RunTerms } from "../../../../components/run/RunDetails.tsx";
import RunFeed from "../../../../islands/RunFeed.tsx";
import { idleAfterMs, STORE_AWAY_NOTICE } from "../../../../lib/runs/mod.ts";
import type { RunPage } from "../../../../lib/runs/model/mod.ts";

export interface LiveFeedProps {
  readonly page: RunPage;
  readonly terms: RunTerms;
  /** The run's stream. */
  readonly eventsUrl: string;
  /** How often that stream carries a heartbeat while it is silent (ms). */
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
