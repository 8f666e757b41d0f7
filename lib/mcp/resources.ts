/** Resources: reports of tasks and tables of batches, and the IDs that a client can complete. */
import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceTemplate,
} from "@modelcontextprotocol/server";
import { NO_FILTER } from "../runs/mod.ts";
import { readBatch } from "./batch.ts";
import type { Agent, McpContext } from "./context.ts";
import { readTask } from "./result.ts";
import { errorMessage, UNTRUSTED_NOTICE } from "./tool_result.ts";

/** Tasks, and batches, listed for a client to choose from. */
const LISTED = 20;

interface Listed {
  readonly id: string;
  readonly title: string;
  readonly description: string;
}

async function newestTasks({ histories }: McpContext, agent: Agent): Promise<Listed[]> {
  const account = await agent.account();
  if (account === null) return [];
  const { runs } = await histories.list(account, { filter: NO_FILTER, limit: LISTED });
  return runs.map(({ run_id, title, status, processor }) => {
    return { id: run_id, title: title.toWellFormed(), description: `${status}, ${processor}` };
  });
}

async function newestBatches({ batches }: McpContext, agent: Agent): Promise<Listed[]> {
  const account = await agent.account();
  if (account === null) return [];
  const { batches: found } = await batches.list(account, { limit: LISTED });
  return found.map(({ id, name, state, rows, processor }) => {
    return { id, title: name, description: `${state}, ${rows} rows, ${processor}` };
  });
}

/** Returns the IDs of the newest tasks that start with a prefix. */
export async function completeTaskId(
  context: McpContext,
  agent: Agent,
  prefix: string,
): Promise<string[]> {
  return idsFrom(await newestTasks(context, agent), prefix);
}

function idsFrom(listed: readonly Listed[], prefix: string): string[] {
  return listed.map(({ id }) => id).filter((id) => id.startsWith(prefix));
}

/** A kind of resource. */
interface Kind {
  readonly name: "task" | "batch";
  readonly variable: "run_id" | "taskgroup_id";
  readonly title: string;
  readonly description: string;
  readonly newest: (context: McpContext, agent: Agent) => Promise<Listed[]>;
  readonly read: (context: McpContext, agent: Agent, id: string) => Promise<string>;
}

const KINDS: readonly Kind[] = [
  {
    name: "task",
    variable: "run_id",
    title: "A task's report",
    description: "Question, result and numbered sources of a task.",
    newest: newestTasks,
    read: readTask,
  },
  {
    name: "batch",
    variable: "taskgroup_id",
    title: "A batch's table",
    description: "The rows of a batch with their results.",
    newest: newestBatches,
    read: readBatch,
  },
];

/** Registers `task://…` and `batch://…`. */
export function addResources(server: McpServer, context: McpContext, agent: Agent): void {
  for (const { name, variable, title, description, newest, read } of KINDS) {
    const mimeType = "text/markdown";
    const template = new ResourceTemplate(`${name}://{${variable}}`, {
      list: async () => ({
        resources: (await newest(context, agent)).map(({ id, ...shown }) => {
          return { uri: `${name}://${id}`, name: id, ...shown, mimeType };
        }),
      }),
      // The SDK looks up names from clients, which may send `constructor`.
      complete: Object.assign(Object.create(null), {
        [variable]: async (prefix: string) => idsFrom(await newest(context, agent), prefix),
      }),
    });
    const about = { title, description: `${description} ${UNTRUSTED_NOTICE}`, mimeType };
    server.registerResource(name, template, about, async (uri, variables) => {
      try {
        const text = await read(context, agent, String(variables[variable]));
        return { contents: [{ uri: uri.href, mimeType, text: text.toWellFormed() }] };
      } catch (error) {
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, errorMessage(error, context.log));
      }
    });
  }
}
