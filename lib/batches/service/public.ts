/**
 * What a share link shows of a batch: the table, its progress and the results. It hides run IDs and pages,
 * the reason for a pause, and the addresses of webhooks and MCP servers.
 */
import { isObject } from "../../base/mod.ts";
import { hiding, publicPage, type StreamOutcome } from "../../runs/mod.ts";
import type { RunPage } from "../../runs/model/mod.ts";
import { type BatchEvent, type BatchView, mapRows, type RowView, sendView } from "../model/mod.ts";
import type { BatchReader } from "./reader.ts";
import type { BatchStreams } from "./streams.ts";
import type { BatchPage, BatchTask } from "./types.ts";

/** Removes a batch's private addresses from every string of a value. */
type Hide = ReturnType<typeof hiding>;

/** Reads shared batches. */
export class SharedBatches {
  readonly #reader: BatchReader;
  readonly #streams: BatchStreams;
  readonly #runPage: (account: string, runId: string) => Promise<RunPage | null>;

  constructor(
    reader: BatchReader,
    streams: BatchStreams,
    runPage: (account: string, runId: string) => Promise<RunPage | null>,
  ) {
    this.#reader = reader;
    this.#streams = streams;
    this.#runPage = runPage;
  }

  async page(token: string): Promise<BatchPage | null> {
    const shared = await this.#find(token);
    return shared === null ? null : publicBatch(shared.page);
  }

  async run(token: string, row: number, set: number): Promise<RunPage | null> {
    const shared = await this.#find(token);
    if (shared === null) return null;
    const { run_id } = sendView(shared.page.view, set, row);
    const run = run_id === null ? null : await this.#runPage(shared.account, run_id);
    return run === null ? null : publicPage(run);
  }

  async stream(token: string, after: number): Promise<StreamOutcome> {
    const shared = await this.#find(token);
    if (shared === null) return { status: "unknown" };
    const { id, account, head, page } = shared;
    const hide = hidingFor(page.batch.task);
    const show = (event: BatchEvent) => publicBatchEvent(event, hide);
    return this.#streams.open(id, { head, account, after, share: token, show });
  }

  async isShared(token: string): Promise<boolean> {
    return await this.#reader.shared(token) !== null;
  }

  async #find(token: string) {
    const shared = await this.#reader.shared(token);
    if (shared === null) return null;
    const { id, found } = shared;
    const { head, record: { account } } = found;
    return { id, account, head, page: await this.#reader.page(id, found) };
  }
}

/** Removes the addresses of a task's webhook and MCP servers from strings. */
function hidingFor(task: BatchTask): Hide {
  return hiding({ ...task, input: "" });
}

/** Returns a batch's page without its owner's private data. */
function publicBatch({ batch, view, rows }: BatchPage): BatchPage {
  const hide = hidingFor(batch.task);
  const { processor, task_spec, source_policy } = batch.task;
  return {
    batch: {
      ...batch,
      task: {
        processor,
        ...task_spec && { task_spec },
        ...source_policy && { source_policy },
      },
    },
    view: publicView(view, hide),
    rows,
    share: null,
  };
}

function publicView(view: BatchView, hide: Hide): BatchView {
  const shown = (row: RowView): RowView => ({
    ...row,
    run_id: null,
    reason: row.reason === null ? null : hide(row.reason),
    cells: row.cells === null ? null : hide(row.cells),
    earlier: [],
  });
  return mapRows({ ...view, reason: null }, shown);
}

/** The members of a row change that are public. Members added later are private until listed here. */
const ROW_MEMBERS = ["row", "attempt", "status", "reason", "processor", "cost_usd", "cells"];

/** The public form of an event, with the same ID and type. */
function publicBatchEvent(event: BatchEvent, hide: Hide): BatchEvent {
  return { ...event, data: hide(publicData(event)) };
}

function publicData({ type, data }: BatchEvent): unknown {
  if (!isObject(data)) return {};
  switch (type) {
    case "state":
      return { state: data.state, reason: null };
    case "rows":
      return { rows: Array.isArray(data.rows) ? data.rows.map(publicChange) : [] };
    case "named":
    case "added":
    case "columns":
    case "joined":
      return data;
    default:
      return {};
  }
}

function publicChange(change: unknown): unknown {
  if (!isObject(change)) return {};
  return Object.fromEntries(
    ROW_MEMBERS.filter((name) => Object.hasOwn(change, name)).map((name) => [name, change[name]]),
  );
}
