/** An agent's session with a run that takes longer than one call may: from `initialize` to `get_trace`. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { CLIENTS, Progress } from "./agents.ts";

/** What a session took. */
export interface Session {
  readonly protocol: string | undefined;
  /** From the task's creation to the status that said it is over (ms). */
  readonly waitedMs: number;
  /** Calls of `get_status`. */
  readonly waits: number;
  /** The longest call of any tool (ms). */
  readonly longestMs: number;
  /** Notifications of progress. */
  readonly reports: number;
  /** Characters of the result's first page. */
  readonly resultChars: number;
}

/** Most that one call of a tool may take, as in many clients. */
const CALL_MS = 60_000;

/**
 * Creates a task, waits for its end and reads its result and trace. `waitS` is how long each wait asks for; by
 * default, as long as the server waits by itself. `fetch` may send requests to several processes.
 */
export async function playSession(
  connect: typeof CLIENTS[number]["connect"],
  { url, fetch, waitS }: {
    readonly url: string;
    readonly fetch?: typeof globalThis.fetch;
    readonly waitS?: number;
  },
): Promise<Session> {
  const headers = { authorization: "Bearer sandbox-agent" };
  const agent = await connect({ url, headers, fetch, timeoutMs: CALL_MS });
  let longestMs = 0, waits = 0, reports = 0;
  const call = async (
    name: string,
    args: Record<string, unknown>,
    onprogress?: (progress: Progress) => void,
  ) => {
    const sent = performance.now();
    const answer = await agent.call(name, args, onprogress);
    longestMs = Math.max(longestMs, performance.now() - sent);
    assert(!answer.isError, `${name}: ${answer.text}`);
    return answer;
  };
  const started = performance.now();
  const created = await call("create_task", { input: "Heat pumps", processor: "ultra8x" });
  const { id } = created.data;
  assertMatch(String(id), /^trun_/, created.text);
  for (let isOver = false; !isOver; waits++) {
    const wait = waitS === undefined ? {} : { wait_s: waitS };
    const { data } = await call("get_status", { id, ...wait }, () => void reports++);
    isOver = data.is_over === true;
  }
  const waitedMs = performance.now() - started;
  const result = await call("get_result", { id });
  assertEquals([result.data.status, result.data.page], ["completed", 1]);
  assertMatch(result.text, /\[\^1\]: \[/);
  const trace = await call("get_trace", { id, types: ["search"] });
  assert((trace.data.events as unknown[]).length > 0);
  await agent.close();
  const { protocol } = agent;
  return { protocol, waitedMs, waits, longestMs, reports, resultChars: result.text.length };
}

/** A `fetch` whose requests alternate between two servers. */
export function inTurn(...servers: readonly { readonly url: string }[]): typeof fetch {
  let requests = 0;
  return (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    url.port = new URL(servers[requests++ % servers.length]!.url).port;
    return fetch(new Request(url, request));
  };
}
