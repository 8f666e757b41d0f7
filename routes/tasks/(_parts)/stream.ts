/** Follows the account's list while the page is visible. */
import { followSSE } from "../../../lib/sse/mod.ts";
import { inTurn, requests } from "../../../components/feed/turns.ts";
import type { ListChange } from "./live_list.ts";
import type { Connection } from "./ListNotices.tsx";

export interface FollowOptions {
  /** The last change included in the page. */
  readonly lastId: string;
  /** How long the connection may be silent before it counts as dead (ms). */
  readonly idleMs: number;
  /** The stream's notice while the server's store is unavailable. */
  readonly awayNotice: string;
  readonly signal: AbortSignal;
  readonly onChange: (change: ListChange) => void;
  /** The server no longer has the changes after the page's last one. */
  readonly onReset: () => void;
  readonly onConnection: (connection: Connection) => void;
}

/** Follows until the signal aborts. A hidden page closes its connection and resumes when it is shown. */
export function followList(options: FollowOptions): void {
  const { signal } = options;
  let { lastId } = options;
  let shown: AbortController | null = null;
  const follow = (turn: AbortSignal) =>
    inTurn((own) => read(lastId, { ...options, signal: own }, (id) => lastId = id), turn)
      // Do not retry after this: the user signed out, or the server was replaced.
      .catch(() => turn.aborted || options.onConnection("over"));
  const look = () => {
    if (document.hidden) {
      shown?.abort();
      shown = null;
    } else if (shown === null) {
      shown = new AbortController();
      void follow(AbortSignal.any([signal, shown.signal]));
    }
  };
  document.addEventListener("visibilitychange", look, { signal });
  look();
}

async function read(
  lastEventId: string,
  { signal, idleMs, awayNotice, onChange, onReset, onConnection }: FollowOptions,
  seen: (id: string) => void,
): Promise<void> {
  const events = followSSE(
    "/tasks/events",
    {
      lastEventId,
      // The list never ends.
      repeat: true,
      idleTimeoutMs: idleMs,
      reconnect: { initialMs: 500, maxMs: 10_000, maxAttempts: Infinity },
      onState: (now) => {
        if (now.state === "open") onConnection("live");
        if (now.state === "waiting") {
          onConnection(now.error?.status === 503 ? "away" : "waiting");
        }
      },
      onComment: (comment) => onConnection(comment === awayNotice ? "away" : "live"),
    },
    signal,
    requests,
  );
  for await (const { id, event, data } of events) {
    seen(id ?? "");
    if (event === "reset") return onReset();
    const payload = JSON.parse(data);
    if (event === "removed") onChange({ kind: event, run_id: payload.run_id });
    else if (event === "created" || event === "changed") onChange({ kind: event, run: payload });
  }
}
