/** `get_status`, `get_result` and `batch://…` for batches. */
import type { z } from "zod";
import { beginning, count, isObject, pause, readVerbatim } from "../base/mod.ts";
import type { BatchPage, BatchSummary, GroupAdoption } from "../batches/mod.ts";
import { isOver } from "../batches/model/mod.ts";
import { type Agent, batchUrl, type McpContext } from "./context.ts";
import type { RESULT_INPUT } from "./result.ts";
import { BATCH_AGAIN_S, MAX_WAIT_S, type OnProgress, type STATUS_INPUT } from "./status.ts";
import { markUntrusted, ToolError, type ToolResult } from "./tool_result.ts";

/** Rows per result page, and the maximum length of the page (characters). */
const PAGE_ROWS = 25, PAGE_CHARS = 50_000;
/** How often a wait checks the batch, and how often it reports progress (ms). */
const LOOK_MS = 1_000, PROGRESS_MS = 5_000;

/** Waits until a batch is done or paused, at most `wait_s`, and returns its status. */
export async function batchStatus(
  context: McpContext,
  agent: Agent,
  { id, wait_s: waitS = MAX_WAIT_S }: z.infer<typeof STATUS_INPUT>,
  onProgress: OnProgress | null,
): Promise<ToolResult> {
  const { now, sandboxSlot, timers } = context;
  let line = await lineOf(context, agent, id);
  const release = agent.simulated ? sandboxSlot(agent.client) : () => {};
  try {
    const since = now(), until = since + (release === null ? 0 : waitS * 1000);
    for (let reportedMs = since; line.state === "running" && now() < until;) {
      await pause(Math.min(LOOK_MS, until - now()), agent.signal, timers).catch(() => {});
      if (agent.signal.aborted) break;
      line = await lineOf(context, agent, id);
      if (onProgress === null || now() - reportedMs < PROGRESS_MS) continue;
      reportedMs = now();
      // The client may have disconnected.
      await onProgress((reportedMs - since) / 1000, waitS, progressWords(line)).catch(() => {});
    }
  } finally {
    release?.();
  }
  return batchStatusResult(agent, line);
}

function batchStatusResult(agent: Agent, line: BatchSummary): ToolResult {
  const { id, state, reason, rows, counts, created_ms, processor, simulated } = line;
  const isActive = state === "running";
  const again = isActive ? BATCH_AGAIN_S[simulated ? "simulated" : "real"] : null;
  const url = batchUrl(agent, id);
  const next = isActive
    ? `It is still running. Call get_status again now to keep waiting, or in about ${again} s.`
    : state === "paused"
    ? "It is paused. A user can resume it on its page."
    : "It is done. Call get_result for the results.";
  return {
    text: [`Batch ${id}: ${progressWords(line)}. Page: ${url}`, next].join("\n"),
    ...(reason === null ? {} : { untrusted: `Reason: ${reason}` }),
    data: {
      id,
      url,
      status: state,
      is_over: !isActive,
      processor,
      progress: rows === 0 ? null : Math.floor(100 * endedOf(line) / rows),
      sources_considered: null,
      sources_read: null,
      created_at: new Date(created_ms).toISOString(),
      ended_at: null,
      error: reason,
      simulated,
      check_again_in_s: again,
      rows,
      counts,
    },
  };
}

function progressWords(line: BatchSummary): string {
  const failed = line.counts.failed ?? 0;
  return `${line.state}, ${count(endedOf(line))} of ${count(line.rows)} rows` +
    `${failed > 0 ? `, ${count(failed)} failed` : ""}`;
}

function endedOf({ counts }: BatchSummary): number {
  return Object.entries(counts).reduce(
    (sum, [status, rows]) => isOver(status) ? sum + rows : sum,
    0,
  );
}

async function lineOf(context: McpContext, agent: Agent, id: string): Promise<BatchSummary> {
  const account = await agent.account();
  const { batches } = context;
  const known = account === null ? null : await batches.line(account, id);
  if (known !== null) return known;
  const adoption = account === null ? UNKNOWN : await batches.adopt(await agent.owner(), id);
  const line = account === null || adoption.state !== "adopted"
    ? null
    : await batches.line(account, id);
  if (line === null) throw new ToolError(refusalOf(adoption));
  return line;
}

const UNKNOWN: GroupAdoption = { state: "unknown" };

/** Why a group is not a batch, and what to do. */
function refusalOf(adoption: GroupAdoption): string {
  switch (adoption.state) {
    case "empty":
      return "This task group has no runs yet. Ask again once it has some.";
    case "large":
      return `This task group has ${count(adoption.runs)} runs, and a batch can have ` +
        `${count(adoption.most)} rows here. Ask for its runs one by one, by their IDs.`;
    case "limited":
      return "Too many unknown IDs were asked for. Try again in a minute.";
    case "away":
      return "The API did not say whether this key has that group. Try again later.";
    default:
      return "This key has no batch with that ID. IDs look like tgrp_… and come from create_batch or another program.";
  }
}

/** Returns a page of a batch's rows: a Markdown table, or JSON lines with confidence and sources. */
export async function batchResult(
  context: McpContext,
  agent: Agent,
  { id, page: number = 1, format = "markdown" }: z.infer<typeof RESULT_INPUT>,
): Promise<ToolResult> {
  const { state } = await lineOf(context, agent, id);
  const page = await pageOf(context, agent, id);
  const pages = Math.max(1, Math.ceil(page.rows.length / PAGE_ROWS));
  if (number > pages) throw new ToolError(`There is no page ${number}: this batch has ${pages}.`);
  const text = await pageText(context, page, { number, format });
  const url = batchUrl(agent, id);
  const more = number < pages ? ` Continue with page ${number + 1}.` : "";
  const going = state === "running"
    ? "  It is still running: rows without a result may still get one."
    : "";
  return {
    text: `Rows of batch ${id} (${state}), page ${number} of ${pages}.${more}${going} ` +
      `Call get_result with a row's run_id for its report with numbered sources. Web page: ${url}`,
    untrusted: text,
    data: {
      id,
      url,
      status: state,
      untrusted: true,
      page: number,
      pages,
      ...(format === "markdown" ? { markdown: text } : { json: text }),
    },
  };
}

/** The first page of a batch's rows as a resource. It says how to get the rest. */
export async function readBatch(context: McpContext, agent: Agent, id: string): Promise<string> {
  await lineOf(context, agent, id);
  const page = await pageOf(context, agent, id);
  const text = await pageText(context, page, { number: 1, format: "markdown" });
  const pages = Math.ceil(page.rows.length / PAGE_ROWS);
  const rest = pages < 2
    ? ""
    : `\n\n(Page 1 of ${pages}. Call get_result for the others. ${batchUrl(agent, id)})`;
  return `${markUntrusted(`# ${page.view.name}\n\n${text}`)}${rest}`;
}

interface OwnPage extends BatchPage {
  readonly account: string;
}

async function pageOf(context: McpContext, agent: Agent, id: string): Promise<OwnPage> {
  const account = await agent.account();
  const page = account === null ? null : await context.batches.page(account, id);
  if (account === null || page === null) throw new ToolError("This batch was deleted.");
  return { account, ...page };
}

async function pageText(
  { batches }: McpContext,
  page: OwnPage,
  { number, format }: { readonly number: number; readonly format: "markdown" | "json" },
): Promise<string> {
  const first = (number - 1) * PAGE_ROWS + 1;
  const last = Math.min(number * PAGE_ROWS, page.rows.length);
  const rows = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  const sources = format === "json";
  const lines = await Array.fromAsync(
    batches.ndjson(page.account, page, { rows, sources, bom: false }),
  );
  const text = format === "json" ? lines.join("") : markdownTable(lines.join(""));
  if (text.length <= PAGE_CHARS) return text;
  return `${beginning(text, PAGE_CHARS)}… (cut; call get_result with a row's run_id for the rest)`;
}

/** Converts lines of JSON objects to a Markdown table. */
function markdownTable(lines: string): string {
  const rows = lines.trim().split("\n").map((line) => readVerbatim(line)).filter(isObject);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  // Each row gets an equal share of the page.
  const most = Math.max(20, Math.floor(PAGE_CHARS / Math.max(1, rows.length * names.length)) - 4);
  const cell = (value: unknown) => {
    const text = value === null || value === undefined
      ? ""
      : typeof value === "string"
      ? value
      : JSON.stringify(value);
    const line = text.replace(/\s+/g, " ").replaceAll("|", "\\|").trim();
    return line.length <= most ? line : `${beginning(line, most)}…`;
  };
  const row = (cells: readonly unknown[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [
    row(names),
    `|${names.map(() => "---|").join("")}`,
    ...rows.map((each) => row(names.map((name) => each[name]))),
  ].join("\n");
}
