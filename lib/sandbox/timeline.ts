/**
 * A run's whole life as a pure function of its ID, request, creation time and speed: what it reports and
 * when, and how it ends. Nothing runs in the background: every response is computed from this and the clock.
 */
import {
  type ErrorObject,
  processor,
  type TaskRunInput,
  type TaskRunOutput,
  type Warning,
} from "../parallel/mod.ts";
import { curatedFor } from "./curated/find.ts";
import { burst, type ExtraEvent, hugeMessage, inflate, malformed } from "./fault_events.ts";
import { type Fault, faultsOf } from "./faults.ts";
import { resultOf } from "./output/result.ts";
import { Random } from "./random.ts";
import { type Pace, paceOf } from "./script/pace.ts";
import { say, type Script, type Step, type ToolUse } from "./script/script.ts";
import { useTools } from "./script/tools.ts";
import { type Topic, topicOf } from "./script/topic.ts";
import { writeScript } from "./script/write.ts";
import { timestamp } from "./world.ts";
import { inputWarnings } from "./warnings.ts";

/** The inputs that determine a run. */
export interface RunSeed {
  readonly runId: string;
  readonly input: TaskRunInput;
  /** Unix ms. */
  readonly createdMs: number;
  /** 10 is ten times faster. */
  readonly speed: number;
  /** The subject of the previous run that this one follows up. */
  readonly follows: string | null;
  /** The request names an unknown previous run. */
  readonly followsUnknown: boolean;
  /** When a stalled run was resumed (Unix µs); `null` if it was not. */
  readonly resumedUs: number | null;
  /** How long a run of a group waits for a slot (µs); 0 if it does not wait. */
  readonly waitUs?: number;
  /** Whether it is one of the rows that the group was asked to fail. */
  readonly fails?: boolean;
  /** The warnings from the start, if already known. */
  readonly warnings?: readonly Warning[];
}

/** One event of the stream, as sent. */
export interface TimedEvent {
  /** When it becomes visible (Unix µs). */
  readonly us: number;
  readonly event: string;
  readonly data: string;
  /** Only the latest of these is replayed. */
  readonly isStats: boolean;
}

/** How a run ends. */
export interface Ending {
  readonly us: number;
  readonly status: "completed" | "failed" | "action_required";
  readonly error: ErrorObject | null;
}

/** The state of a run at any time. Cheap, because it leaves out messages. */
export interface Life {
  readonly createdUs: number;
  readonly runningUs: number;
  readonly ending: Ending;
  readonly faults: ReadonlySet<Fault>;
  /** Where a stalled run stops until a client connects again. */
  readonly pauseUs: number;
  /** Returns the API's warnings at a time. */
  warningsAt(us: number): readonly Warning[];
}

/** A run from its creation to its end. */
export interface Timeline extends Life {
  readonly events: readonly TimedEvent[];
  /** The result, generated on demand. `null` if the run does not complete. */
  output(): TaskRunOutput | null;
}

/** Fractions of a run's time: when it starts to run, and when it reports. */
const RUNNING_AT = 0.03;
const FIRST_AT = 0.05;
const LAST_AT = 0.97;
const FAILS_AT = 0.62;
const STALLS_AT = 0.35;
/** A stalled run without a second connection resumes by itself after this long (seconds at speed 1). */
const LONGEST_STALL_SECONDS = 600;

/** Computes when a run starts and how it ends. */
export function lifeOf(seed: RunSeed): Life {
  return measure(seed).life;
}

/** Computes a run. */
export function timelineOf(seed: RunSeed): Timeline {
  const { input, runId, createdMs } = seed;
  const { life, at, tools } = measure(seed);
  const { ending, faults } = life;
  const random = new Random(runId);
  const topic = topicOf(input.input);
  const pace = paceOf(input.processor);
  const year = new Date(createdMs).getUTCFullYear();
  const curated = curatedFor(input);
  const script = curated?.script ??
    writeScript({ input, topic, pace, random, createdMs });
  const steps = stepsOf(script, tools, seed);
  const timed = wantsEvents(input)
    ? timeSteps(steps, script, pace, at)
    : timeFewSteps(script, pace, at);
  const events = weave(timed, extraEvents(faults, topic), at);
  return {
    ...life,
    events: events.filter(({ us }) => us < ending.us),
    output() {
      if (ending.status !== "completed") return null;
      const brief = { input, topic, sources: script.sources, random, year };
      const made = curated?.output ?? resultOf(brief);
      const output = tools.calls.length > 0 ? { ...made, mcp_tool_calls: [...tools.calls] } : made;
      return faults.has("huge") ? inflate(output, random.fork("huge")) : output;
    },
  };
}

/** The times of a run, and what depends on nothing else. */
function measure(
  seed: RunSeed,
): { readonly life: Life; readonly at: At; readonly tools: ToolUse } {
  const { input, runId, createdMs, waitUs = 0 } = seed;
  const random = new Random(runId);
  const plan = faultsOf(input);
  const faults = seed.fails === true ? new Set<Fault>([...plan.faults, "fail"]) : plan.faults;
  const tools = input.mcp_servers?.length
    ? useTools(input, topicOf(input.input), random.fork("tools"))
    : NO_TOOLS;
  const pace = paceOf(input.processor);
  const seconds = plan.seconds ?? pace.seconds * (0.92 + random.fork("pace").next() * 0.16);
  const spanUs = Math.round(seconds * 1e6 / seed.speed);
  const createdUs = createdMs * 1000 + random.fork("micros").int(0, 999);
  const startUs = createdUs + waitUs;
  const pauseUs = startUs + Math.round(spanUs * STALLS_AT);
  const stallUs = faults.has("stall")
    ? Math.max(0, (seed.resumedUs ?? pauseUs + LONGEST_STALL_SECONDS * 1e6 / seed.speed) - pauseUs)
    : 0;
  const at = (share: number) => {
    const us = startUs + Math.round(spanUs * share);
    return us > pauseUs ? Math.round(us + stallUs) : us;
  };
  const warnings = seed.warnings ?? inputWarnings(seed, plan);
  const life: Life = {
    createdUs,
    runningUs: at(RUNNING_AT),
    ending: endingOf(faults, at, random),
    faults,
    pauseUs,
    warningsAt: (us) => us >= at(FIRST_AT) ? [...warnings, ...tools.warnings] : warnings,
  };
  return { life, at, tools };
}

const NO_TOOLS: ToolUse = { steps: [], calls: [], warnings: [] };

/** On by default for `pro` and above, otherwise only on request. */
function wantsEvents(input: TaskRunInput): boolean {
  return input.enable_events ?? processor(input.processor)?.eventsByDefault ?? false;
}

function stepsOf(script: Script, tools: ToolUse, { follows }: RunSeed): Step[] {
  const [first, ...rest] = script.steps;
  const earlier = follows === null
    ? []
    : [say("plan", `This goes on from the earlier run about ${follows}.`)];
  return [...(first === undefined ? [] : [first]), ...earlier, ...tools.steps, ...rest];
}

type At = (share: number) => number;

function timeSteps(steps: readonly Step[], script: Script, pace: Pace, at: At): TimedEvent[] {
  const total = steps.reduce((sum, { weight = 1 }) => sum + weight, 0);
  const events: TimedEvent[] = [];
  let passed = 0, read = 0;
  for (const step of steps) {
    passed += step.weight ?? 1;
    const share = FIRST_AT + (LAST_AT - FIRST_AT) * (passed / total);
    if (step.kind === "read") {
      read++;
      events.push(message(at(share), "extract", `Extract: ${step.source.url}`));
    } else if (step.kind === "message") {
      events.push(message(at(share), step.subtype, step.text));
    } else {
      events.push(stats(at(share), share, read, script, pace));
    }
  }
  events.push(stats(at((1 + LAST_AT) / 2), 1, read, script, pace));
  return events;
}

/** Without events a run reports little more than its start and its approaching end. */
function timeFewSteps(script: Script, pace: Pace, at: At): TimedEvent[] {
  return [
    message(at(FIRST_AT), "exec_status", "Starting research (simulated)"),
    message(at(0.9), "exec_status", "Writing the output"),
    stats(at((1 + LAST_AT) / 2), 1, script.sources.length, script, pace),
  ];
}

function message(us: number, subtype: string, text: string): TimedEvent {
  const event = `task_run.progress_msg.${subtype}`;
  const data = JSON.stringify({ type: event, message: text, timestamp: timestamp(us) });
  return { us, event, data, isStats: false };
}

function stats(
  us: number,
  share: number,
  read: number,
  script: Script,
  pace: Pace,
): TimedEvent {
  const event = "task_run.progress_stats";
  const data = JSON.stringify({
    type: event,
    source_stats: {
      num_sources_considered: Math.max(read, Math.round(pace.considered * share)),
      num_sources_read: read,
      sources_read_sample: script.sources.slice(Math.max(0, read - 8), read).map(({ url }) => url),
    },
    progress_meter: Math.round(share * 1000) / 10,
  });
  return { us, event, data, isStats: true };
}

function extraEvents(faults: ReadonlySet<Fault>, topic: Topic): ExtraEvent[] {
  return [
    ...(faults.has("malformed") ? malformed() : []),
    ...(faults.has("burst") ? burst(topic) : []),
    ...(faults.has("huge") ? [hugeMessage(topic)] : []),
  ];
}

/** Merges the events of faults into the events, in time order. */
function weave(events: readonly TimedEvent[], extra: readonly ExtraEvent[], at: At): TimedEvent[] {
  const added = extra.map(({ at: share, event, data }) => {
    const us = at(share);
    return { us, event, data: data(timestamp(us)), isStats: event === "task_run.progress_stats" };
  });
  // Sorting is stable: events with equal times keep their order.
  return [...events, ...added].sort((a, b) => a.us - b.us);
}

function endingOf(faults: ReadonlySet<Fault>, at: At, random: Random): Ending {
  if (faults.has("fail")) {
    const error = {
      ref_id: random.fork("error").uuid(),
      message: "Task execution failed (simulated: metadata.sandbox asked for it)",
    };
    return { us: at(FAILS_AT), status: "failed", error };
  }
  if (faults.has("action_required")) {
    return { us: at(FAILS_AT), status: "action_required", error: null };
  }
  return { us: at(1), status: "completed", error: null };
}

// Caches recent timelines: a run is read many times, and each read would compute its timeline again.
/** The number of cached runs. The largest ordinary one takes about 50 KB. */
const KEPT = 64;

/** The latest timelines. Losing one only costs time, because they are pure. */
export class TimelineCache {
  readonly #timelines = new Map<string, Timeline>();

  /** Returns the timeline of a run. */
  forSeed(seed: RunSeed): Timeline {
    const key = `${seed.runId} ${seed.resumedUs}`;
    const kept = this.#timelines.get(key);
    const timeline = kept ?? timelineOf(seed);
    // Do not cache a simulated fault's megabytes.
    if (timeline.faults.has("huge")) return timeline;
    this.#timelines.delete(key);
    this.#timelines.set(key, timeline);
    if (this.#timelines.size > KEPT) {
      const [oldest] = this.#timelines.keys();
      if (oldest !== undefined) this.#timelines.delete(oldest);
    }
    return timeline;
  }
}
