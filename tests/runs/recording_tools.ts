/** Shared by the tests of recording: a recorder on a scripted upstream, and the run in the API's format. */
import { TaskClient } from "../../lib/parallel/client.ts";
import type { RecorderContext } from "../../lib/runs/log/recorder.ts";
import { type Process, RUN } from "./log_tools.ts";
import type { ScriptedUpstream } from "./upstream.ts";

/** A recorder's world on a scripted upstream; every wait is over at once. */
export function recorderOf(
  process: Process,
  upstream: Pick<ScriptedUpstream, "fetch">,
  more: Partial<RecorderContext> = {},
): RecorderContext {
  const client = new TaskClient({
    baseUrl: "http://up.invalid",
    apiKey: "k",
    fetch: upstream.fetch,
  });
  return {
    ...process.context,
    stallMs: 2_000_000,
    connectTimeoutMs: 2_000_000,
    clientFor: () => Promise.resolve({ client, fetch: upstream.fetch }),
    timers: {
      setTimeout: (run: () => void, ms: number) => {
        if (ms < 1_000_000) queueMicrotask(run);
        return undefined;
      },
      clearTimeout: () => {},
      now: () => 0,
    },
    ...more,
  };
}

/** A run as the API answers a look at it. */
export function runJson(status: string, more: Record<string, unknown> = {}) {
  return {
    run_id: RUN,
    interaction_id: RUN,
    status,
    is_active: status === "queued" || status === "running",
    processor: "lite",
    created_at: null,
    modified_at: null,
    ...more,
  };
}
