/**
 * Finishes creates even if the caller disconnects, because they are billed. The new run is recorded like one
 * from the form, before the caller gets the response.
 */
import {
  decoding,
  inTurns,
  isObject,
  JsonBoundsError,
  readingVerbatim,
  reasonOf,
  REQUEST_BOUNDS,
} from "../base/mod.ts";
import { sha256Hex } from "../store/mod.ts";
import type { Adding } from "../groups/mod.ts";
import type { Entry } from "../limits/mod.ts";
import {
  readAddedRuns,
  readRun,
  readRunInput,
  type TaskRun,
  type TaskRunInput,
  withoutKey,
} from "../parallel/mod.ts";
import { validateTaskInput } from "../tasks/fields/mod.ts";
import type { ProxyContext } from "./context.ts";
import type { Caller } from "./credentials.ts";
import { apiError, NO_RETRY } from "./headers.ts";
import {
  type Outgoing,
  passOnWhole,
  readUpstreamText,
  send,
  timeoutResponse,
  unreachableResponse,
} from "./forward.ts";

/** Sends a create and returns the response, or 504 if it is late. A late response is still recorded. */
export async function create(
  context: ProxyContext,
  outgoing: Outgoing,
  caller: Caller,
): Promise<Response> {
  let sent: unknown;
  try {
    // In steps: a request for a group may have 8 MiB.
    const text = await inTurns(decoding(outgoing.body ?? new Uint8Array()));
    sent = await inTurns(readingVerbatim(text, REQUEST_BOUNDS));
  } catch (error) {
    if (error instanceof JsonBoundsError) return apiError(422, error.message);
    // The API reports the syntax error.
    if (!(error instanceof SyntaxError)) throw error;
  }
  const entry = await admit(context, outgoing, sent, caller);
  if (entry instanceof Response) return entry;
  const { timers } = context;
  const { headersMs } = outgoing.target;
  let timer: unknown;
  const late = new Promise<Response>((resolve) => {
    timer = timers.setTimeout(() => resolve(timeoutResponse(headersMs, NO_RETRY)), headersMs);
  });
  try {
    return await Promise.race([
      context.runs.inFlight.track(finish(context, outgoing, caller, entry.done)),
      late,
    ]);
  } finally {
    timers.clearTimeout(timer);
  }
}

/**
 * Counts a create against the limits, each input of a group as one. Over a limit, returns the 429 response.
 */
async function admit(
  { creates }: ProxyContext,
  { apiKey, client, target, upstream }: Outgoing,
  sent: unknown,
  caller: Caller,
): Promise<Extract<Entry, { ok: true }> | Response> {
  // A key that has created nothing has no account yet. A refused create does not make one.
  const subject = await caller.account() ?? await sha256Hex(apiKey);
  const creator = { subject, client, simulated: upstream.simulated };
  const entry = target.kind === "group-runs"
    ? await creates.enterGroup(creator, inputsIn(sent))
    : await creates.enter(creator);
  if (entry.ok) return entry;
  const { limit, retryAfterSeconds, tooMany } = entry;
  const headers = { "retry-after": `${retryAfterSeconds}` };
  return tooMany
    // The same request would be refused again, however long the SDK waits.
    ? apiError(429, `Too many inputs: ${limit}; send fewer at once`, { ...headers, ...NO_RETRY })
    : apiError(429, `Too many tasks: ${limit}; try again in ${retryAfterSeconds} s`, headers);
}

/** Returns how many runs a request adds to a group. A request that the API will reject counts as one. */
function inputsIn(sent: unknown): number {
  return isObject(sent) && Array.isArray(sent.inputs) ? Math.max(1, sent.inputs.length) : 1;
}

async function finish(
  context: ProxyContext,
  outgoing: Outgoing,
  caller: Caller,
  done: (runId?: string) => void,
): Promise<Response> {
  const adding = await markAdding(context, outgoing, caller).catch((error) => {
    done();
    throw error;
  });
  let response: Response, text: string | null;
  try {
    response = await send(outgoing);
    text = await readUpstreamText(response, {
      maxMs: outgoing.target.headersMs,
      timers: context.timers,
    });
  } catch (error) {
    done();
    await adding?.lost();
    return unreachableResponse(context.log, error, NO_RETRY);
  }
  const answer = response.ok ? await parsed(withoutKey(text ?? "", outgoing.apiKey)) : undefined;
  const isRun = response.ok && outgoing.target.kind === "create";
  const task = isRun ? readRun(answer) : null;
  done(task?.run_id);
  if (isRun) await keep(context, outgoing, caller, task);
  if (adding !== null) await settle(adding, response.status, answer);
  return passOnWhole(response, outgoing.apiKey, text, NO_RETRY);
}

/** Marks the group before runs are added, so they are found even if the response is lost. */
async function markAdding(
  { groups }: Pick<ProxyContext, "groups">,
  { apiKey, target: { groupId, kind } }: Outgoing,
  caller: Caller,
): Promise<Adding | null> {
  if (kind !== "group-runs" || groupId === null) return null;
  return await groups.adding(groupId, apiKey, await caller.account());
}

/** Records the runs that the response lists. If it lists none, looks for them in the group. */
async function settle(adding: Adding, status: number, answer: unknown): Promise<void> {
  if (status >= 400 && status < 500) return await adding.refused();
  const added = status < 300 ? readAddedRuns(answer) : null;
  await (added === null ? adding.lost() : adding.accepted(added));
}

/** Never rejects: a caller that got an error would create the run again. */
async function keep(
  { runs, log }: Pick<ProxyContext, "runs" | "log">,
  { upstream, body }: Outgoing,
  caller: Caller,
  task: TaskRun | null,
): Promise<void> {
  if (task === null) {
    log("error", "the response to a create is not a run");
    return;
  }
  try {
    await runs.keep(() => caller.owner(), {
      task,
      input: inputOf(await parsed(new TextDecoder().decode(body ?? undefined)), task),
      source: "api",
      simulated: upstream.simulated,
    });
  } catch (error) {
    const reason = reasonOf(error);
    log("error", "a run was created but not recorded", { run: task.run_id, reason });
  }
}

/** Returns the request to store. If our rules reject what the API accepted, only `input` and `processor`. */
function inputOf(body: unknown, { processor }: TaskRun): TaskRunInput {
  const checked = validateTaskInput(body);
  if (checked.ok) return checked.input;
  const read = readRunInput(body);
  if (read !== null) return { input: read.input, processor: read.processor };
  const input = isObject(body) && "input" in body ? body.input : body;
  return { input: typeof input === "string" ? input : JSON.stringify(input ?? ""), processor };
}

/** Parses in steps: a response may have 16 MiB. Returns `undefined` if it is not JSON. */
async function parsed(text: string): Promise<unknown> {
  try {
    return await inTurns(readingVerbatim(text));
  } catch {
    return undefined;
  }
}
