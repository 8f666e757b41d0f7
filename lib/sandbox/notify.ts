/** Sends webhooks as the API does: once a run has ended, with retries until they are accepted. */
import type { SandboxRecord } from "./record.ts";
import type { Timeline } from "./timeline.ts";
import { restRun } from "./wire.ts";
import { timestamp, wait, type World } from "./world.ts";

/** A notification to deliver. The deliverer signs it. */
export interface Notification {
  /** The same for every attempt. */
  readonly id: string;
  readonly runId: string;
  /** The body as JSON. */
  readonly body: string;
}

/** How often to check a run that may end late (ms), such as a stalled one. */
const LOOK_AGAIN_MS = 1_000;
/** The first wait after a failed delivery (ms at speed 1), doubled each time, and the number of attempts. */
const RETRY_MS = 5_000;
const TRIES = 6;

/** Waits for a run's end and delivers its notification. Never rejects. */
export async function notifyOfEnd(
  world: World,
  record: SandboxRecord,
  timelineOf: () => Promise<Timeline>,
  deliver: (notification: Notification) => Promise<boolean>,
): Promise<void> {
  try {
    let timeline = await timelineOf();
    for (;;) {
      const restMs = Math.ceil(timeline.ending.us / 1000 - world.now());
      if (restMs <= 0) break;
      const stalls = timeline.faults.has("stall");
      await wait(world, stalls ? Math.min(LOOK_AGAIN_MS, restMs) : restMs, world.closing);
      timeline = await timelineOf();
    }
    const { us } = timeline.ending;
    const notification: Notification = {
      id: `whevent_${record.runId.replace(/^trun_/, "")}`,
      runId: record.runId,
      body: JSON.stringify({
        timestamp: timestamp(us),
        type: "task_run.status",
        // Without the output: the receiver requests the result.
        data: restRun(record, timeline, us),
      }),
    };
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (await deliver(notification).catch(() => false)) return;
      await wait(world, RETRY_MS * 2 ** attempt / record.speed, world.closing);
    }
  } catch {
    // The sandbox was closed.
  }
}
