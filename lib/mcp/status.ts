/** `get_status`: waits for the end of a task and returns its status, so that agents need not poll. */
import { z } from "zod";
import { processor } from "../parallel/mod.ts";
import { isActiveStatus, type RunSummary } from "../runs/model/mod.ts";
import { type Agent, type McpContext, pageUrl } from "./context.ts";
import { findRun, type Found, withPage } from "./find.ts";
import type { ToolResult } from "./tool_result.ts";

/** The longest wait (s). Many clients time out after 60 s. */
export const MAX_WAIT_S = 45;
/** Interval of progress notifications (ms). */
const PROGRESS_MS = 5_000;
/** Bounds of `check_again_in_s` (s). */
const AGAIN = { min: 5, max: 300 };
/** For simulated tasks (s). The sandbox is faster than real processors. */
const SIMULATED_AGAIN_S = 5;
/** When to check a batch again (s). */
export const BATCH_AGAIN_S = { real: 30, simulated: SIMULATED_AGAIN_S } as const;

export const STATUS_INPUT = z.object({
  id: z.string().max(100).describe("The task: trun_…, or the batch: tgrp_…"),
  wait_s: z.number().min(0).max(MAX_WAIT_S).optional().describe(
    `Seconds to wait for the end of the task. Default and maximum: ${MAX_WAIT_S}.`,
  ),
});

export const STATUS = z.object({
  id: z.string(),
  url: z.string(),
  status: z.string().describe(
    "queued, running, completed, failed, cancelled, action_required; lost: recording had to stop. For a " +
      "batch: running, paused (error says why), done.",
  ),
  is_over: z.boolean(),
  processor: z.string(),
  progress: z.number().nullable().describe("Percent."),
  sources_considered: z.number().nullable(),
  sources_read: z.number().nullable(),
  created_at: z.string(),
  ended_at: z.string().nullable(),
  error: z.string().nullable(),
  simulated: z.boolean(),
  check_again_in_s: z.number().nullable().describe("null: the task is over."),
  rows: z.number().optional().describe("Batches only."),
  counts: z.record(z.string(), z.number()).optional().describe(
    "Batches only: number of rows by status.",
  ),
});

/** Reports progress of a wait to the client, in seconds. */
export type OnProgress = (passed: number, total: number, message: string) => Promise<void>;

/** Waits for the end of a task, at most `wait_s`, and returns its status. */
export async function getStatus(
  context: McpContext,
  agent: Agent,
  { id, wait_s: waitS = MAX_WAIT_S }: z.infer<typeof STATUS_INPUT>,
  onProgress: OnProgress | null,
): Promise<ToolResult> {
  const found = await findRun(context, agent, id);
  let line = await lineOf(context, found);
  if (isOver(found, line) || waitS === 0) return await statusResult(context, agent, found, line);
  await waitForEnd(context, agent, found, { waitS, onProgress });
  const now = await findRun(context, agent, id);
  line = await lineOf(context, now);
  return await statusResult(context, agent, now, line);
}

/** Reads the run's history line, which has its progress without the trace. */
async function lineOf(
  { histories }: Pick<McpContext, "histories">,
  { account, request: { run } }: Found,
): Promise<RunSummary | null> {
  return (await histories.summaries(account, [run]))[0] ?? null;
}

function isOver({ request }: Found, line: RunSummary | null): boolean {
  return request.ended || !isActiveStatus(line?.status ?? request.status);
}

/** Resolves when the run's log ends, the time is up or the client disconnects. */
async function waitForEnd(
  context: McpContext,
  agent: Agent,
  found: Found,
  { waitS, onProgress }: { readonly waitS: number; readonly onProgress: OnProgress | null },
): Promise<void> {
  const { runs, sandboxSlot, timers } = context;
  const { account, request: { run, last_id } } = found;
  const release = agent.simulated ? sandboxSlot(agent.client) : () => {};
  if (release === null) return;
  const stop = new AbortController();
  const deadline = timers.setTimeout(() => stop.abort(), waitS * 1000);
  let ticking: unknown;
  const tick = (passedS: number) => {
    if (onProgress === null) return;
    ticking = timers.setTimeout(async () => {
      const passed = passedS + PROGRESS_MS / 1000;
      // The client may have disconnected.
      await lineOf(context, found).then((line) => onProgress(passed, waitS, progressWords(line)))
        .catch(() => {});
      if (!stop.signal.aborted) tick(passed);
    }, PROGRESS_MS);
  };
  try {
    const stream = await runs.stream(account, run.run_id, last_id);
    if (stream.status !== "open") return;
    tick(0);
    const signal = AbortSignal.any([stop.signal, agent.signal]);
    // Only the end of the stream matters. The status is read from the store afterwards.
    await stream.body.pipeTo(new WritableStream(), { signal }).catch(() => {});
  } finally {
    stop.abort();
    timers.clearTimeout(deadline);
    timers.clearTimeout(ticking);
    release();
  }
}

function progressWords(line: RunSummary | null): string {
  if (line === null) return "waiting";
  const { status, progress, sources_considered, sources_read } = line;
  return [
    status,
    ...progress === null ? [] : [`${Math.round(progress)} %`],
    ...sources_read === null
      ? []
      : [`${sources_read} of ${sources_considered ?? "?"} sources read`],
  ].join(", ");
}

async function statusResult(
  context: McpContext,
  agent: Agent,
  found: Found,
  line: RunSummary | null,
): Promise<ToolResult> {
  const { request: { run, status: headStatus } } = found;
  const isDone = isOver(found, line);
  const status = line?.status ?? headStatus;
  const error = !isDone || status === "completed"
    ? null
    : await withPage(context, agent, found, ({ view }) => view.error?.message ?? null);
  const url = pageUrl(agent, run.run_id);
  const again = isDone ? null : checkAgainSeconds({
    processor: run.processor,
    simulated: run.simulated,
    elapsedMs: context.now() - run.created_ms,
    progress: line?.progress ?? null,
  });
  return {
    text: [
      `Task ${run.run_id}: ${line === null ? status : progressWords(line)}. Page: ${url}`,
      nextStep(status, again),
    ].join("\n"),
    ...(error === null ? {} : { untrusted: `Error: ${error}` }),
    data: {
      id: run.run_id,
      url,
      status,
      is_over: isDone,
      processor: run.processor,
      progress: line?.progress ?? null,
      sources_considered: line?.sources_considered ?? null,
      sources_read: line?.sources_read ?? null,
      created_at: new Date(run.created_ms).toISOString(),
      ended_at: line?.ended_ms == null ? null : new Date(line.ended_ms).toISOString(),
      error,
      simulated: run.simulated,
      check_again_in_s: again,
    },
  };
}

function nextStep(status: string, again: number | null): string {
  if (again !== null) {
    return `It is still running. Call get_status again now to keep waiting, or in about ${again} s. ` +
      "The task continues even if you stop waiting.";
  }
  if (status === "completed") return "It is completed. Call get_result for the result.";
  return "It is over and has no result. get_trace shows what it did. rerun_task runs it again.";
}

/** Estimates when to check again (s), from the run's progress or the processor's usual duration. */
export function checkAgainSeconds(
  { processor: name, simulated, elapsedMs, progress }: {
    readonly processor: string;
    readonly simulated: boolean;
    readonly elapsedMs: number;
    readonly progress: number | null;
  },
): number {
  if (simulated) return SIMULATED_AGAIN_S;
  const elapsed = elapsedMs / 1000;
  const usual = (processor(name)?.seconds.min ?? 60) - elapsed;
  const left = progress === null || progress < 5 ? usual : elapsed * (100 - progress) / progress;
  return Math.round(Math.min(AGAIN.max, Math.max(AGAIN.min, left)));
}
