/** A batch's events as they come, folded into its view once for each animation frame. */
import { applyBatchEvent, type BatchEvent, type BatchView } from "../../lib/batches/model/mod.ts";
import { isObject } from "../../lib/base/mod.ts";
import { followSSE } from "../../lib/sse/mod.ts";
import { inTurn, requests } from "../feed/turns.ts";
import type { Connection } from "../../routes/tasks/(_parts)/ListNotices.tsx";

export interface FollowBatchOptions {
  readonly url: string;
  /** The view that the page shows. */
  readonly view: BatchView;
  /** Silence after which the connection counts as dead (ms). */
  readonly idleMs: number;
  /** What the stream says while the server's store is away. */
  readonly awayNotice: string;
  readonly signal: AbortSignal;
  /** The new view, and the rows that changed. */
  readonly onChange: (view: BatchView, rows: ReadonlySet<number>) => void;
  readonly onConnection: (connection: Connection) => void;
}

/** Follows until nothing more can come or the signal ends it. A hidden page lets its connection go. */
export function followBatch(options: FollowBatchOptions): void {
  const { signal } = options;
  const events = new Folded(options);
  let shown: AbortController | null = null;
  const follow = (turn: AbortSignal) =>
    inTurn((own) => read(events, options, own), turn)
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

/** Folds events, and tells of them once for each frame: hundreds of rows may change in one. */
class Folded {
  #view: BatchView;
  #rows = new Set<number>();
  #frame = 0;
  readonly #onChange: FollowBatchOptions["onChange"];

  constructor({ view, onChange, signal }: FollowBatchOptions) {
    this.#view = view;
    this.#onChange = onChange;
    signal.addEventListener("abort", () => cancelAnimationFrame(this.#frame), { once: true });
  }

  get lastId(): number {
    return this.#view.lastId;
  }

  add(event: BatchEvent): void {
    if (event.id <= this.lastId) return;
    this.#view = applyBatchEvent(this.#view, event);
    for (const row of rowsOf(event)) this.#rows.add(row);
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      const rows = this.#rows;
      this.#rows = new Set();
      this.#onChange(this.#view, rows);
    });
  }
}

function rowsOf({ data }: BatchEvent): number[] {
  const rows = isObject(data) && Array.isArray(data.rows) ? data.rows : [];
  return rows.flatMap((change) =>
    isObject(change) && typeof change.row === "number" ? [change.row] : []
  );
}

async function read(
  folded: Folded,
  { url, idleMs, awayNotice, onConnection }: FollowBatchOptions,
  signal: AbortSignal,
): Promise<void> {
  const events = followSSE(
    url,
    {
      lastEventId: String(folded.lastId),
      repeat: true,
      idleTimeoutMs: idleMs,
      reconnect: { initialMs: 500, maxMs: 10_000, maxAttempts: Infinity },
      onState: (now) => {
        if (now.state === "open") onConnection("live");
        if (now.state === "waiting") onConnection(now.error?.status === 503 ? "away" : "waiting");
      },
      onComment: (comment) => onConnection(comment === awayNotice ? "away" : "live"),
    },
    signal,
    requests,
  );
  // Our own server wrote them.
  for await (const { data } of events) folded.add(JSON.parse(data));
}
