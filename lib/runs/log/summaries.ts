/**
 * Keeps the members' lines in their histories true to the log. The lines of a few members are written in
 * the log's own commits. Those of many would not fit one: they follow in commits of their own, and the
 * mark `["lagging", run_id]`, which this module owns, makes sure that they do, also after a crash.
 */
import type { Committer } from "../../store/mod.ts";
import { type Log, reasonOf } from "../../base/mod.ts";
import { type Head, headKey, readHead, type VersionedHead } from "./head.ts";
import { changeHistory, type HistoryWrite, readSummary } from "../history/mod.ts";
import { foldEvents, type RunSummary, type RunView } from "../model/mod.ts";
import { readTrace } from "./trace.ts";

/** Members whose lines go into one commit: each takes up to 17 of KV's 1,000 mutations, and 6 KB. */
const AT_ONCE = 20;

/** The key of the mark that a run's lines may say less than its head. */
export function laggingKey(runId: string): Deno.KvKey {
  return ["lagging", runId];
}

/** Writes a run's figures into every member's history when they change. */
export class Summaries {
  readonly #kv: Deno.Kv;
  readonly #runId: string;
  /** What was last committed; most appends change nothing that a list shows. */
  #committed: { readonly head: Head; readonly view: RunView } | null = null;

  constructor(kv: Deno.Kv, runId: string) {
    this.#kv = kv;
    this.#runId = runId;
  }

  /** Whether the histories say what this head and view say: most appends write nothing there. */
  isCurrent(head: Head, view: RunView): boolean {
    const last = this.#committed;
    return last !== null && last.view.status === view.status &&
      last.view.progress === view.progress &&
      last.view.sourcesConsidered === view.sourcesConsidered &&
      last.view.sourcesRead === view.sourcesRead &&
      last.head.ended_ms === head.ended_ms &&
      last.head.members.join() === head.members.join();
  }

  /**
   * The writes that belong with this head and view. To be committed with a check of the head as it was
   * read before. `lagging`: {@linkcode catchUp} has to follow.
   */
  async writes(
    head: Head,
    view: RunView,
    nowMs: number,
  ): Promise<{ readonly writes: readonly HistoryWrite[]; readonly lagging: boolean }> {
    if (head.members.length > AT_ONCE) {
      const mark = { type: "set", key: laggingKey(this.#runId), value: null } as const;
      return { writes: [{ checks: [], mutations: [mark] }], lagging: true };
    }
    const lines = { runId: this.#runId, head, view, members: head.members, nowMs };
    return { writes: await lineWrites(this.#kv, lines), lagging: false };
  }

  /** The writes for this head and view are durable. */
  committed(head: Head, view: RunView): void {
    this.#committed = { head, view };
  }
}

/** What catching up needs of the world. */
export interface CatchUpContext {
  readonly kv: Deno.Kv;
  readonly committer: Pick<Committer, "commit">;
  readonly now: () => number;
}

/**
 * Writes the lines of all members, a few a commit. Each commit writes the head as well: whoever takes a
 * line out of a history reads it after the head, and checks the head. Returns the head that was left, or
 * `null` where another recorder has taken the run over: its first commit writes the lines.
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

/** Catches up with runs that ended when their process died; those under way have a recorder that does. */
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
      log("error", "the lines of a run could not be written", {
        run: runId,
        reason: reasonOf(error),
      });
    }
  }
}

/** What members' lines are to say. */
interface Lines {
  readonly runId: string;
  readonly head: Head;
  readonly view: RunView;
  readonly members: readonly string[];
  readonly nowMs: number;
}

/** The writes for those of the members whose lines say something else. */
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

/** A summary with the figures of a log as far as it goes. */
export function summaryWith(summary: RunSummary, head: Head, view: RunView): RunSummary {
  return {
    ...summary,
    status: view.status,
    progress: view.progress,
    sources_considered: view.sourcesConsidered,
    sources_read: view.sourcesRead,
    ended_ms: head.ended_ms,
  };
}
