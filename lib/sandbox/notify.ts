/** Webhooks as the API sends them: once a run is over, and again while they are not taken. */
import type { SandboxRecord } from "./record.ts";
import { type SetTimer, timestamp, wait } from "./time.ts";
import type { Timeline } from "./timeline.ts";
import { restRun } from "./wire.ts";

/** A notification on its way; whoever delivers it signs it. */
export interface Notification {
  /** The same for every try. */
  readonly id: string;
  readonly runId: string;
  /** The body's JSON text. */
  readonly body: string;
}

/** Time, and what ends it. */
export interface NotifyWorld {
  readonly setTimer: SetTimer;
  readonly nowUs: () => number;
  readonly signal: AbortSignal;
}

/** How often a run that may go on late is looked at (ms): one that stalled ends when it likes. */
const LOOK_AGAIN_MS = 1_000;
/** The first wait after a delivery that was not taken (ms at speed 1), doubled each time; and tries. */
const RETRY_MS = 5_000;
const TRIES = 6;

/** Waits for a run's end and delivers the notification of it. Never rejects. */
export async function notifyOfEnd(
  { setTimer, nowUs, signal }: NotifyWorld,
  record: SandboxRecord,
  timelineOf: () => Promise<Timeline>,
  deliver: (notification: Notification) => Promise<boolean>,
): Promise<void> {
  try {
    let timeline = await timelineOf();
    while (nowUs() < timeline.ending.us) {
      const restMs = Math.ceil((timeline.ending.us - nowUs()) / 1000);
      const stalls = timeline.faults.has("stall");
      await wait(setTimer, stalls ? Math.min(LOOK_AGAIN_MS, restMs) : restMs, signal);
      timeline = await timelineOf();
    }
    const { us } = timeline.ending;
    const notification: Notification = {
      id: `whevent_${record.runId.replace(/^trun_/, "")}`,
      runId: record.runId,
      body: JSON.stringify({
        timestamp: timestamp(us),
        type: "task_run.status",
        // Without the output: whoever wants it asks for the result.
        data: restRun(record, timeline, us),
      }),
    };
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (await deliver(notification).catch(() => false)) return;
      await wait(setTimer, RETRY_MS * 2 ** attempt / record.speed, signal);
    }
  } catch {
    // The sandbox was closed.
  }
}
