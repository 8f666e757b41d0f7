/**
 * Creates go through to their end whatever the caller does: they are billed. A run that comes of one
 * is recorded as the form's are, before the caller hears of it.
 */
import { reasonOf } from "../log.ts";
import { isObject } from "../parallel/json.ts";
import { readRun, readRunInput } from "../parallel/read.ts";
import type { TaskRun, TaskRunInput } from "../parallel/types.ts";
import { validateTaskInput } from "../parallel/validate.ts";
import type { ProxyContext } from "./context.ts";
import type { Caller } from "./credentials.ts";
import { NO_RETRY } from "./errors.ts";
import { type Outgoing, passOn, send, timeoutAnswer, unreachableAnswer } from "./forward.ts";

/** Sends a create and answers with what came of it; late answers are still recorded. */
export async function create(
  context: ProxyContext,
  outgoing: Outgoing,
  caller: Caller,
): Promise<Response> {
  const { timers } = context;
  const { headersMs } = outgoing.target;
  let timer: unknown;
  const late = new Promise<Response>((resolve) => {
    timer = timers.setTimeout(() => resolve(timeoutAnswer(headersMs, NO_RETRY)), headersMs);
  });
  try {
    return await Promise.race([finish(context, outgoing, caller), late]);
  } finally {
    timers.clearTimeout(timer);
  }
}

async function finish(
  context: ProxyContext,
  outgoing: Outgoing,
  caller: Caller,
): Promise<Response> {
  let response: Response, text: string;
  try {
    response = await send(outgoing);
    text = await response.text();
  } catch (error) {
    return unreachableAnswer(context.log, error, NO_RETRY);
  }
  if (response.ok && outgoing.target.kind === "create") {
    await keep(context, outgoing, caller, text);
  }
  return passOn(response, text);
}

/** Never rejects: the caller has to learn of the run, or it would create a second one. */
async function keep(
  { runs, log }: Pick<ProxyContext, "runs" | "log">,
  { upstream, body }: Outgoing,
  caller: Caller,
  text: string,
): Promise<void> {
  const task = readRun(parsed(text));
  if (task === null) {
    log("error", "a create was answered with something other than a run");
    return;
  }
  try {
    await runs.keep(await caller.owner(), {
      task,
      input: inputOf(parsed(new TextDecoder().decode(body ?? undefined)), task),
      source: "api",
      simulated: upstream.simulated,
    });
  } catch (error) {
    const reason = reasonOf(error);
    log("error", "a run was created but not recorded", { run: task.run_id, reason });
  }
}

/** The request as it is kept. What the API took and our rules do not know keeps its main members only. */
function inputOf(body: unknown, { processor }: TaskRun): TaskRunInput {
  const checked = validateTaskInput(body);
  if (checked.ok) return checked.input;
  const read = readRunInput(body);
  if (read !== null) return { input: read.input, processor: read.processor };
  const input = isObject(body) && "input" in body ? body.input : body;
  return { input: typeof input === "string" ? input : JSON.stringify(input ?? ""), processor };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
