/** The tools that spend money. They report a task's price, and refuse tasks beyond the account's budget. */
import { z } from "zod";
import type { BudgetState } from "../runs/model/mod.ts";
import type { CreateOutcome, RunOwner } from "../runs/mod.ts";
import { priceOf, PROCESSORS, type Warning } from "../parallel/mod.ts";
import { dollars, isObject } from "../base/mod.ts";
import { validateTaskInput } from "../tasks/fields/mod.ts";
import { type Agent, type McpContext, pageUrl } from "./context.ts";
import { findRun } from "./find.ts";
import { checkAgainSeconds } from "./status.ts";
import { createError, ToolError, type ToolResult } from "./tool_result.ts";

/** The default processor: the first that reports progress by default. */
const DEFAULT_PROCESSOR = "pro";

export const PROCESSOR = z.string().min(1).max(100).describe(
  `How deep to look. ${
    PROCESSORS.filter(({ fast }) => !fast).map(({ name, latency, price, strengths }) =>
      `${name}: ${dollars(price)}, ${latency}, ${strengths}`
    ).join("; ")
  }. The first ones also as lite-fast, base-fast and so on: quicker, less fresh.`,
);

/**
 * Any JSON object. Our Task API validator checks it. Not `z.record`, which copies: without a member that is called
 * `__proto__`, and with names made of digits in front.
 */
export const OBJECT = z.unknown().refine(isObject, {
  error: "Expected a JSON object",
  // So that a union of it reports the union's own message.
  abort: true,
}).meta({ type: "object" });

/** The output format. */
export const OUTPUT_SCHEMA = z.union([z.string(), OBJECT]).optional().describe(
  "The output format: a JSON Schema of an object to fill in, or a sentence that " +
    "describes a text report. Omit it to let Parallel choose.",
);

export const CREATE_INPUT = z.object({
  input: z.union([z.string(), OBJECT], {
    error: "Required: the question as text, or a JSON object",
  }).describe(
    "The question as text, or a JSON object (a record to complete).",
  ),
  processor: PROCESSOR.optional().describe(
    `${PROCESSOR.description} Default: ${DEFAULT_PROCESSOR}.`,
  ),
  output_schema: OUTPUT_SCHEMA,
  source_policy: OBJECT.optional().describe(
    "Which sources to use: {include_domains?: string[], exclude_domains?: string[], after_date?: YYYY-MM-DD}.",
  ),
  max_cost_usd: z.number().nonnegative().optional().describe(
    "The task is not created if it costs more than this (US dollars).",
  ),
});

export const RERUN_INPUT = z.object({
  id: z.string().max(100).describe("The task to run again: trun_…"),
  processor: PROCESSOR.optional().describe(
    `${PROCESSOR.description} Default: that of the first run.`,
  ),
});

export const CREATED = z.object({
  id: z.string(),
  url: z.string().describe("The page where users can watch the task."),
  status: z.string(),
  cost_usd: z.number().nullable().describe("US dollars; null if the price is unknown."),
  simulated: z.boolean().describe("Simulated by the sandbox: invented and not billed."),
  check_again_in_s: z.number(),
  warnings: z.array(z.string()),
});

/** Creates a task. */
export async function createTask(
  context: McpContext,
  agent: Agent,
  asked: z.infer<typeof CREATE_INPUT>,
): Promise<ToolResult> {
  const { input, processor = DEFAULT_PROCESSOR, output_schema, source_policy } = asked;
  const validation = validateTaskInput({
    input,
    processor,
    task_spec: { output_schema: schemaOf(output_schema) },
    ...(source_policy === undefined ? {} : { source_policy }),
    enable_events: true,
  });
  if (!validation.ok) {
    const lines = validation.problems.slice(0, 20).map(({ field, message }) =>
      field === "" ? message : `${field}: ${message}`
    );
    throw new ToolError(`Nothing was created. ${lines.join("\n")}`);
  }
  const owner = await ownerOf(agent);
  const price = { account: owner.id, processor, most: asked.max_cost_usd };
  const outcome = await withinBudget(
    context,
    agent,
    price,
    () =>
      context.runs.create(owner, validation.input, {
        source: "api",
        // The protocol has no idempotency key, and clients reuse request IDs.
        idempotencyKey: null,
        signal: agent.signal,
      }),
  );
  return created(agent, outcome, processor, validation.warnings);
}

/** Runs a task again, with the same request. */
export async function rerunTask(
  context: McpContext,
  agent: Agent,
  { id, processor }: z.infer<typeof RERUN_INPUT>,
): Promise<ToolResult> {
  const { account, request } = await findRun(context, agent, id);
  const chosen = processor ?? request.run.processor;
  const owner = await ownerOf(agent);
  const outcome = await withinBudget(
    context,
    agent,
    { account, processor: chosen },
    () =>
      context.runs.rerun(owner, id, {
        ...(processor === undefined ? {} : { processor }),
        idempotencyKey: null,
        signal: agent.signal,
      }),
  );
  if (outcome === null) throw new ToolError("This task was deleted.");
  if (outcome === "secrets") {
    throw new ToolError(
      "Nothing was created. This task used MCP servers whose secrets are not stored for this " +
        `account. A user can enter them at ${agent.origin}/?edit=${encodeURIComponent(id)}.`,
    );
  }
  return created(agent, outcome, chosen, []);
}

/** The agent's account, which pays for its tasks. */
export async function ownerOf(agent: Agent): Promise<RunOwner> {
  return { ...await agent.owner(), client: agent.client.client };
}

/** Accepts the API's own forms, a JSON Schema, or a sentence. */
export function schemaOf(schema: string | Record<string, unknown> | undefined): unknown {
  if (schema === undefined) return { type: "auto" };
  if (!isObject(schema)) return { type: "text", description: schema };
  const isOurs = schema.type === "auto" || schema.type === "text" || schema.type === "json";
  return isOurs ? schema : { type: "json", json_schema: schema };
}

/**
 * Calls `create` unless the task would exceed `most` or the account's budget; then throws {@linkcode
 * ToolError}. Agents create many tasks at once, so an allowed price is reserved immediately.
 */
export async function withinBudget<Outcome>(
  { histories }: Pick<McpContext, "histories">,
  { simulated, origin }: Agent,
  { account, processor, most, tasks = 1 }: {
    readonly account: string;
    readonly processor: string;
    readonly most?: number | undefined;
    readonly tasks?: number;
  },
  create: () => Promise<Outcome>,
): Promise<Outcome> {
  const each = priceOf(processor), price = each === null ? null : each * tasks;
  if (most !== undefined && (price === null || price > most)) {
    const costs = each === null
      ? "has no known price"
      : `costs ${dollars(each)} per task${tasks === 1 ? "" : `, ${dollars(price)} for ${tasks}`}`;
    throw new ToolError(
      `Nothing was created: the processor ${processor} ${costs}, and max_cost_usd is ${most}.`,
    );
  }
  // The sandbox charges nothing.
  const held = await histories.budgets.hold(account, simulated ? null : price);
  if (typeof held !== "function") throw new ToolError(overBudget(held, price, origin));
  try {
    return await create();
  } finally {
    held();
  }
}

function overBudget(
  { budget_usd, spent_usd, open_usd }: BudgetState,
  price: number | null,
  origin: string,
): string {
  return `Nothing was created: this costs ${dollars(price)}, and this month's budget of ` +
    `${dollars(budget_usd)} has ${dollars(spent_usd)} spent and ${
      dollars(open_usd)
    } reserved for ` +
    `running tasks. Choose a cheaper processor, or ask the account's owner to raise the budget at ` +
    `${origin}/tasks#budget.`;
}

function created(
  agent: Agent,
  outcome: CreateOutcome,
  processor: string,
  warnings: readonly Warning[],
): ToolResult {
  if (!outcome.ok) throw createError(outcome.failure);
  const { runId: id } = outcome;
  const { simulated } = agent;
  const cost = priceOf(processor);
  const url = pageUrl(agent, id);
  const again = checkAgainSeconds({ processor, simulated, elapsedMs: 0, progress: null });
  const price = cost === null ? "The price is unknown" : `It costs ${dollars(cost)}`;
  const billed = simulated
    ? "This is a simulation: nothing is billed."
    : `${price} if it completes.`;
  const notes = warnings.map(({ message }) => message);
  return {
    text: [
      `Created task ${id} (processor ${processor}). ${billed}`,
      `Users can watch it at ${url}.`,
      `Call get_status with this ID in about ${again} s. It waits up to 45 s for the end.`,
      ...notes.map((note) => `Warning: ${note}`),
    ].join("\n"),
    data: {
      id,
      url,
      status: "queued",
      cost_usd: cost,
      simulated,
      check_again_in_s: again,
      warnings: notes,
    },
  };
}
