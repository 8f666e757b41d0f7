/** `create_batch`: one task per table row. */
import { z } from "zod";
import { beginning, count, dollars, inTurns } from "../base/mod.ts";
import { readTable } from "../batches/mod.ts";
import {
  blankRows,
  inputOf,
  inputProblems,
  placeOf,
  planInputs,
  type Table,
} from "../batches/model/mod.ts";
import { priceOf } from "../parallel/mod.ts";
import { validateTaskInput } from "../tasks/fields/mod.ts";
import { type Agent, batchUrl, type McpContext } from "./context.ts";
import { OBJECT, OUTPUT_SCHEMA, ownerOf, PROCESSOR, schemaOf, withinBudget } from "./create.ts";
import { BATCH_AGAIN_S } from "./status.ts";
import { createError, ToolError, type ToolResult } from "./tool_result.ts";

/** The default processor: batches have many rows with few fields. */
const DEFAULT_PROCESSOR = "core";
/** Maximum rows per call. */
const MAX_ROWS = 10_000;

export const BATCH_INPUT = z.object({
  rows: z.array(z.union([z.string().min(1), OBJECT], {
    error: "A row is a JSON object, or a question as text",
  })).min(1).max(MAX_ROWS).describe(
    "One task per row: a JSON object (a record to complete) or a question as text.",
  ),
  instructions: z.string().max(10_000).optional().describe(
    "What to find out about each row. Use {{name}} for a row's value; otherwise the " +
      "row is appended.",
  ),
  processor: PROCESSOR.optional().describe(
    `${PROCESSOR.description} Default: ${DEFAULT_PROCESSOR}.`,
  ),
  output_schema: OUTPUT_SCHEMA,
  max_cost_usd: z.number().nonnegative().optional().describe(
    "Nothing is created if all rows together cost more than this (US dollars).",
  ),
});

/** Creates a batch and starts sending its rows. */
export async function createBatch(
  context: McpContext,
  agent: Agent,
  { rows, instructions = "", processor = DEFAULT_PROCESSOR, output_schema, max_cost_usd }: z.infer<
    typeof BATCH_INPUT
  >,
): Promise<ToolResult> {
  const refusal = (why: string) => new ToolError(`Nothing was created. ${why}`);
  const records = rows.map((row) => typeof row === "string" ? { input: row } : row);
  const read = await readTable(JSON.stringify(records), {
    format: "json",
    limits: context.batchLimits,
  });
  if (!read.ok) {
    const place = placeOf(read.format, read.problem);
    throw refusal([place, read.problem.message].filter(Boolean).join(": "));
  }
  const { table } = read;
  const blank = blankRows(table).length + rows.length - table.rows.length;
  if (blank > 0) {
    throw refusal(
      `${blank === 1 ? "1 row has" : `${count(blank)} rows have`} no values. Leave empty rows out.`,
    );
  }
  const planned = planInputs(table, {
    columns: "",
    template: templateOf(table, rows, instructions),
  });
  if (!planned.ok) throw refusal(planned.problems.map(({ message }) => message).join("\n"));
  const validation = validateTaskInput({
    input: inputOf(planned.plan, table.rows[0]!),
    processor,
    task_spec: { output_schema: schemaOf(output_schema) },
  });
  if (!validation.ok) {
    const lines = validation.problems.slice(0, 20).map(({ field, message }) =>
      field === "" ? message : `${field}: ${message}`
    );
    throw refusal(lines.join("\n"));
  }
  const { input: _, ...task } = validation.input;
  const specChars = JSON.stringify(task.task_spec ?? {}).length;
  const unfit = await inTurns(inputProblems(table, planned.plan, specChars, 20));
  if (unfit.length > 0) {
    throw refusal(unfit.map(({ row, message }) => `Row ${row + 1}: ${message}`).join("\n"));
  }
  const owner = await ownerOf(agent);
  const rowCount = `${count(rows.length)} ${rows.length === 1 ? "row" : "rows"}`;
  const name = beginning(instructions.replace(/\s+/g, " ").trim(), 80).toWellFormed() ||
    rowCount;
  const price = { account: owner.id, processor, most: max_cost_usd, tasks: rows.length };
  const outcome = await withinBudget(
    context,
    agent,
    price,
    () => context.batches.create(owner, { name, table, plan: planned.plan, task, trial: null }),
  );
  if (!outcome.ok) throw createError(outcome.failure);
  const { batchId: id } = outcome;
  const each = priceOf(processor), cost = each === null ? null : each * rows.length;
  const url = batchUrl(agent, id);
  const again = BATCH_AGAIN_S[agent.simulated ? "simulated" : "real"];
  const billed = agent.simulated
    ? "This is a simulation: nothing is billed."
    : `${dollars(cost)} in total if all rows complete.`;
  const warnings = validation.warnings.map(({ message }) => message);
  return {
    text: [
      `Created batch ${id} of ${rowCount} (processor ${processor}). ${billed}`,
      `Users can watch its table at ${url}.`,
      `Call get_status with this ID in about ${again} s. It waits up to 45 s for the end.`,
      ...warnings.map((note) => `Warning: ${note}`),
    ].join("\n"),
    data: {
      id,
      url,
      status: "running",
      cost_usd: cost,
      simulated: agent.simulated,
      check_again_in_s: again,
      warnings,
    },
  };
}

/** The text template of the rows; empty if the input is the row's object. */
function templateOf(table: Table, rows: readonly unknown[], instructions: string): string {
  const isText = rows.every((row) => typeof row === "string");
  const asked = instructions.trim();
  if (asked === "") return isText ? "{{input}}" : "";
  if (asked.includes("{{")) return asked;
  const lines = table.columns.map(({ name }) => isText ? "{{input}}" : `${name}: {{${name}}}`);
  return `${asked}\n\n${lines.join("\n")}`;
}
