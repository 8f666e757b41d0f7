/** Finds a run by the ID an agent sends. */
import type { RunPage, RunRequest } from "../runs/model/mod.ts";
import type { Agent, McpContext } from "./context.ts";
import { ToolError } from "./tool_result.ts";

/** A run of the agent's account. */
export interface Found {
  readonly account: string;
  readonly request: RunRequest;
}

/** Whether an ID is a task group's. */
export function isBatchId(id: string): boolean {
  return id.startsWith("tgrp_");
}

/**
 * Finds a run. Imports a run that was created elsewhere with the same key. Throws the same {@linkcode
 * ToolError} for another account's run as for a missing one.
 */
export async function findRun(
  { runs, views }: Pick<McpContext, "runs" | "views">,
  agent: Agent,
  id: string,
): Promise<Found> {
  if (isBatchId(id)) {
    throw new ToolError(
      "That is a batch, and this tool takes a task. get_result of the batch has each row's task as run_id.",
    );
  }
  const find = () => ownRun({ runs, views }, agent, id);
  const known = await find();
  if (known !== null) return known;
  const adopted = await runs.adopt(agent, id) ? await find() : null;
  if (adopted !== null) return adopted;
  throw new ToolError(
    "This key has no task with that ID. IDs look like trun_… and come from create_task or search_tasks.",
  );
}

async function ownRun(
  { runs, views }: Pick<McpContext, "runs" | "views">,
  agent: Agent,
  id: string,
): Promise<Found | null> {
  const account = await agent.account();
  if (account === null) return null;
  using view = views.open(agent.client.client);
  const request = await runs.request(account, id, view.weigh);
  return request === null ? null : { account, request };
}

/** Reads a whole run and passes it to `work`, within the limit of concurrent reads. */
export async function withPage<Result>(
  { runs, views }: Pick<McpContext, "runs" | "views">,
  { client }: Pick<Agent, "client">,
  { account, request }: Found,
  work: (page: RunPage) => Result | Promise<Result>,
): Promise<Result> {
  using view = views.open(client.client);
  const page = await runs.page(account, request.run.run_id, view.weigh);
  if (page === null) throw new ToolError("This task was deleted.");
  return await work(page);
}
