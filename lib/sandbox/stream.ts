/**
 * One connection to a run's event stream, with the API's own quirks: a state first, then the whole trace so
 * far with only the latest stats, then live events, and a final state when the run ends or after 570
 * seconds. A run that has ended sends exactly one state.
 */
import { STREAM_SECONDS } from "../parallel/mod.ts";
import { encodeSSE } from "../sse/mod.ts";
import type { SandboxRecord } from "./record.ts";
import type { TimedEvent, Timeline } from "./timeline.ts";
import { stateFrame } from "./wire.ts";
import { wait, type World } from "./world.ts";

/** The data of a connection. */
export interface Connection {
  readonly record: SandboxRecord;
  readonly timeline: Timeline;
  readonly world: Pick<World, "now" | "timers">;
  /** The number of this connection to the run, from 1. Counted only for stalled runs. */
  readonly ordinal: number;
}

/** With `cut` or `drop`, connections end at these fractions of the run's time. */
const BREAKS = [0.25, 0.5, 0.75];

/** Yields the frames of a connection when each is due. Throws if the connection breaks. */
export async function* frames(connection: Connection, signal: AbortSignal): AsyncGenerator<string> {
  const { record, timeline, world } = connection;
  const nowUs = () => world.now() * 1000;
  const startUs = nowUs();
  const state = (us: number) =>
    stateFrame(record, timeline, us, us >= timeline.ending.us ? timeline.output() : null);
  const until = async (us: number) => {
    for (;;) {
      signal.throwIfAborted();
      const restUs = us - nowUs();
      if (restUs <= 0) return;
      await wait(world, Math.ceil(restUs / 1000), signal);
    }
  };

  yield state(startUs);
  if (startUs >= timeline.ending.us) return;
  yield* replay(timeline.events, startUs);

  const { endUs, silentUs, breaks } = lifetime(connection, startUs);
  const lastUs = Math.min(endUs, silentUs, timeline.ending.us);
  let cutOff = state(startUs);
  for (const { us, frame } of coming(timeline, startUs)) {
    cutOff = frame ?? state(us);
    if (us >= lastUs) break;
    await until(us);
    yield cutOff;
  }
  if (silentUs === lastUs) {
    // Send nothing more, not even a proper end.
    await until(endUs);
  } else if (breaks && endUs === lastUs) {
    await until(endUs);
    yield cutOff.slice(0, Math.ceil(cutOff.length / 2));
    throw new TypeError("connection reset (simulated)");
  } else {
    await until(lastUs);
    yield state(lastUs);
  }
}

/** The remaining frames. `null` is the state in which the run starts to run. */
function coming(timeline: Timeline, nowUs: number): { us: number; frame: string | null }[] {
  const events = timeline.events.filter(({ us }) => us > nowUs);
  const frames = events.map((event) => ({ us: event.us, frame: frameOf(event) }));
  const starts = timeline.runningUs > nowUs ? [{ us: timeline.runningUs, frame: null }] : [];
  return [...starts, ...frames].sort((a, b) => a.us - b.us);
}

function* replay(events: readonly TimedEvent[], nowUs: number): Generator<string> {
  let stats: TimedEvent | null = null;
  for (const event of events) {
    if (event.us > nowUs) break;
    if (event.isStats) stats = event;
    else yield frameOf(event);
  }
  if (stats !== null) yield frameOf(stats);
}

function frameOf({ event, data }: TimedEvent): string {
  return encodeSSE({ event, data });
}

interface Lifetime {
  /** When the connection ends unless the run ends first (Unix µs). */
  readonly endUs: number;
  /** When sending stops. */
  readonly silentUs: number;
  /** Whether it ends in the middle of an event rather than cleanly. */
  readonly breaks: boolean;
}

function lifetime({ record, timeline, ordinal }: Connection, startUs: number): Lifetime {
  const { faults, createdUs, ending, pauseUs } = timeline;
  const windowUs = startUs + STREAM_SECONDS * 1e6 / record.speed;
  if (faults.has("stall") && ordinal === 1) {
    return { endUs: windowUs, silentUs: pauseUs, breaks: false };
  }
  const unreliable = faults.has("drop") || faults.has("cut");
  const breakUs = BREAKS.map((share) => createdUs + share * (ending.us - createdUs))
    .find((us) => us > startUs);
  if (!unreliable || breakUs === undefined || breakUs > windowUs) {
    return { endUs: windowUs, silentUs: Infinity, breaks: false };
  }
  return { endUs: breakUs, silentUs: Infinity, breaks: faults.has("drop") };
}
