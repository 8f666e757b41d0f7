/** Follows the account's list. */
import { followStream, type LiveStreamOptions } from "../../../components/live_stream.ts";
import type { ListChange } from "./live_list.ts";

export interface FollowListOptions extends Omit<LiveStreamOptions, "url" | "onEvents"> {
  readonly onChange: (change: ListChange) => void;
  /** The server no longer has the changes after the page's last one. */
  readonly onReset: () => void;
}

/** Follows the list until the signal aborts or the server refuses. */
export function followList({ onChange, onReset, ...options }: FollowListOptions): void {
  followStream({
    ...options,
    url: "/tasks/events",
    onEvents(events) {
      for (const { event, data } of events) {
        if (event === "reset") return onReset();
        // Our own server wrote it.
        const payload = JSON.parse(data);
        if (event === "removed") onChange({ kind: event, run_id: payload.run_id });
        else if (event === "created" || event === "changed") {
          onChange({ kind: event, run: payload });
        }
      }
    },
  });
}
