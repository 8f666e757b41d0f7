/** Shared by the tests of batches. */
import { fail } from "@std/assert";
import { type BatchPage, type NewBatch, readTable } from "../../lib/batches/mod.ts";
import { type BatchState, planInputs, rowView } from "../../lib/batches/model/mod.ts";
import type { RunOwner } from "../../lib/runs/mod.ts";
import type { TestApp } from "../app/test_app.ts";

/** A table of this many companies. */
export function companies(rows: number): string {
  return `company,zip\n${
    Array.from({ length: rows }, (_, at) => `Acme ${at + 1},0${at}\n`).join("")
  }`;
}

/** A batch over a table, ready to be created. */
export async function batchOf(csv: string, more: Partial<NewBatch> = {}): Promise<NewBatch> {
  const read = await readTable(csv);
  if (!read.ok) return fail("the table cannot be read");
  const planned = planInputs(read.table, { columns: "", template: "" });
  if (!planned.ok) return fail("the columns cannot be read");
  return {
    name: "Companies",
    table: read.table,
    plan: planned.plan,
    task: {
      processor: "lite",
      task_spec: {
        output_schema: {
          type: "json",
          json_schema: {
            type: "object",
            properties: { founded: { type: "integer" }, city: { type: "string" } },
            required: ["founded", "city"],
            additionalProperties: false,
          },
        },
      },
    },
    trial: null,
    ...more,
  };
}

/** The owner of a key. */
export function ownerOf(app: TestApp, apiKey = "sandbox-batches-1234"): Promise<RunOwner> {
  return app.services.runs.ownerOf(apiKey);
}

/** Creates a batch and returns its id. */
export async function created(app: TestApp, owner: RunOwner, batch: NewBatch): Promise<string> {
  const outcome = await app.services.batches.create(owner, batch);
  return outcome.ok ? outcome.batchId : fail(outcome.failure.message);
}

/** The batch's page once it fulfils a condition. */
export async function pageWhen(
  app: TestApp,
  { id: account }: RunOwner,
  batchId: string,
  isMet: (page: BatchPage) => boolean,
): Promise<BatchPage> {
  for (;;) {
    const page = await app.services.batches.page(account, batchId) ?? fail("no batch");
    if (isMet(page)) return page;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The batch's page once it has a state. */
export function pageIn(
  app: TestApp,
  owner: RunOwner,
  batchId: string,
  state: BatchState,
): Promise<BatchPage> {
  return pageWhen(app, owner, batchId, ({ view }) => view.state === state);
}

/** What is known of every row. */
export function rowsOf({ view }: BatchPage) {
  return Array.from({ length: view.rows }, (_, at) => rowView(view, at + 1));
}
