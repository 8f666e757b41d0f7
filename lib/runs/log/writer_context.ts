/** What the writer of a run's log needs of the world. */
import type { LogEvent, RunView } from "../model/mod.ts";
import type { Write } from "../../store/mod.ts";
import type { Head } from "./head.ts";
import type { LeaseContext } from "./lease.ts";

/** The dependencies of a writer. */
export interface WriterContext extends LeaseContext {
  /** Called after a commit with the events now durable. `ended` comes with the log's last events. */
  readonly onDurable: (runId: string, events: readonly LogEvent[], ended: boolean) => void;
  /** Called during a commit with the events that it makes durable if it succeeds. */
  readonly onCommitting?: (runId: string, events: readonly LogEvent[]) => void;
  /** Called when another writer changed who can see the run. */
  readonly onMembers?: (runId: string, members: readonly string[]) => void;
  /** The amount that all writers of this process hold unwritten (UTF-16 code units). */
  readonly held?: { chars: number };
  /**
   * Returns writes that belong into the commit that changes the run's status. At most 8 checks. If one of them
   * fails, it is asked again.
   */
  readonly onStatus?: (change: StatusChange) => Promise<Write>;
}

/** A run's status is about to change. */
export interface StatusChange {
  readonly runId: string;
  readonly head: Head;
  readonly view: RunView;
}
