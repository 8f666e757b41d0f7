/**
 * Keeps the run's lines in its members' histories up to date with the log. For a few members, the log's
 * own commits contain the lines. For many they do not fit and follow in separate commits. The mark
 * `["lagging", run_id]`, which this module owns, ensures that they do, even after a crash.
 */
import type { Committer } from "../../store/mod.ts";
import { beginning, type Log, reasonOf } from "../../base/mod.ts";
import { type Head, headKey, readHead, type VersionedHead } from "./head.ts";
import { changeHistory, type HistoryWrite, keyPart, readSummary } from "../history/mod.ts";
import { foldEvents, type RunSummary, type RunView } from "../model/mod.ts";
import { readTrace } from "./trace.ts";

/** Members per commit: each takes up to 19 of KV's 1,000 mutations, and 6 KB. */
const AT_ONCE = 20;

/** The key that marks a run whose lines may be behind its head. */
export function laggingKey(runId: string): Deno.KvKey {
  return ["lagging", runId];
}

/** Updates a run's figures in every member's history when they change. */
export class Summaries {
  readonly #kv: Deno.Kv;
  readonly #runId: string;
  /** The last committed line. Most appends change nothing in a list. */
  #committed: { readonly head: Head; readonly view: RunView } | null = null;

  constructor(kv: Deno.Kv, runId: string) {
    this.#kv = kv;
    this.#runId = runId;
  }

  /** Returns whether the histories match this head and view, as they do after most appends. */
  #isCurrent(head: Head, view: RunView): boolean {
    const last = this.#committed;
    return last !== null && last.view.status === view.status &&
      last.view.progress === view.progress &&
      last.view.sourcesConsidered === view.sourcesConsidered &&
      last.view.sourcesRead === view.sourcesRead &&
      noticeOf(last.view) === noticeOf(view) &&
      last.head.ended_ms === head.ended_ms &&
      last.head.members.join() === head.members.join();
  }

  /**
   * Returns the writes that bring the histories in line with this head and view. Commit them with a check of
   * the head that was read. With `lagging`, call {@linkcode catchUp} afterwards.
   */
  async writes(
    head: Head,
    view: RunView,
    nowMs: number,
  ): Promise<{ readonly writes: readonly HistoryWrite[]; readonly lagging: boolean }> {
    if (this.#isCurrent(head, view)) return { writes: [], lagging: false };
    if (head.members.length > AT_ONCE) {
      const mark = { type: "set", key: laggingKey(this.#runId), value: null } as const;
      return { writes: [{ checks: [], mutations: [mark] }], lagging: true };
    }
    const lines = { runId: this.#runId, head, view, members: head.members, nowMs };
    return { writes: await lineWrites(this.#kv, lines), lagging: false };
  }

  /** Call when the writes for this head and view are durable. */
  committed(head: Head, view: RunView): void {
    this.#committed = { head, view };
  }
}

/** The dependencies for catching up. */
export interface CatchUpContext {
  readonly kv: Deno.Kv;
  readonly committer: Pick<Committer, "commit">;
  readonly now: () => number;
}

/**
 * Updates all members' lines, a few per commit. Each commit also writes the head: code that removes a
 * line from a history reads it after the head and checks the head. Returns the final head, or `null` if
 * another recorder has taken over the run: its first commit writes the lines.
 */
export async function catchUp(
  { kv, committer, now }: CatchUpContext,
  runId: string,
  { fence, view }: { readonly fence: number; readonly view: RunView },
): Promise<VersionedHead | null> {
  const done = new Set<string>();
  for (;;) {
    const found = await readHead(kv, runId);
    if (found === null || found.head.fence !== fence) return null;
    const { head, versionstamp } = found;
    const members = head.members.filter((id) => !done.has(id)).slice(0, AT_ONCE);
    const writes = await lineWrites(kv, { runId, head, view, members, nowMs: now() });
    const isLast = members.length < AT_ONCE;
    const result = await committer.commit({
      checks: [{ key: headKey(runId), versionstamp }],
      mutations: [
        { type: "set", key: headKey(runId), value: head },
        ...writes.flatMap(({ mutations }) => mutations),
        ...(isLast ? [{ type: "delete", key: laggingKey(runId) } as const] : []),
      ],
    });
    if (!result.ok) continue;
    if (isLast) return { head, versionstamp: result.versionstamp };
    for (const id of members) done.add(id);
  }
}

/**
 * Catches up with runs that ended when their process crashed. For active runs their recorder does it.
 */
export async function catchUpEnded(
  { log, ...context }: CatchUpContext & { readonly log: Log },
): Promise<void> {
  const { kv, committer } = context;
  for await (const mark of kv.list({ prefix: ["lagging"] })) {
    const runId = String(mark.key[1]);
    try {
      const found = await readHead(kv, runId);
      if (found === null) {
        await committer.commit({
          checks: [mark],
          mutations: [{ type: "delete", key: mark.key }],
        });
      } else if (found.head.ended) {
        const range = { from: 1, to: found.head.last_id, output: null };
        const view = foldEvents(await Array.fromAsync(readTrace(kv, runId, range)));
        await catchUp(context, runId, { fence: found.head.fence, view });
      }
    } catch (error) {
      log("error", "failed to update a run in its histories", {
        run: runId,
        reason: reasonOf(error),
      });
    }
  }
}

/** The new content of members' lines. */
interface Lines {
  readonly runId: string;
  readonly head: Head;
  readonly view: RunView;
  readonly members: readonly string[];
  readonly nowMs: number;
}

/** The writes for members whose lines differ. */
async function lineWrites(
  kv: Deno.Kv,
  { runId, head, view, members, nowMs }: Lines,
): Promise<HistoryWrite[]> {
  const writes: HistoryWrite[] = [];
  for (const account of members) {
    const before = await readSummary(kv, account, head.created_ms, runId);
    if (before === null) continue;
    writes.push(changeHistory(account, before, summaryWith(before, head, view), { nowMs }));
  }
  return writes;
}

/** A summary with the figures of the log so far. */
export function summaryWith(summary: RunSummary, head: Head, view: RunView): RunSummary {
  const { notice: _, ...rest } = summary;
  const notice = noticeOf(view);
  return {
    ...rest,
    ...notice !== null && { notice },
    status: keyPart(view.status),
    progress: view.progress,
    sources_considered: view.sourcesConsidered,
    sources_read: view.sourcesRead,
    ended_ms: head.ended_ms,
  };
}

/** The longest notice in a list (characters). */
const NOTICE_CHARS = 200;

/** Why a run failed, or the API's warning while the run waits for its owner. */
function noticeOf({ error, warnings, status }: RunView): string | null {
  const notice = error ?? (status === "action_required" ? warnings.at(-1) : undefined);
  if (notice === undefined) return null;
  const { message } = notice;
  return message.length <= NOTICE_CHARS ? message : `${beginning(message, NOTICE_CHARS - 1)}…`;
}
