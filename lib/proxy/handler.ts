/** Handles a request below `/api`: checks it, authenticates it, and forwards it or responds from the log. */
import { BODY_MS, count, isSpeculative, MAX_BODY_BYTES, readBody, reasonOf } from "../base/mod.ts";
import type { ClientSubject } from "../limits/mod.ts";
import { isStoreAway } from "../store/mod.ts";
import type { Account } from "../accounts/mod.ts";
import type { ProxyContext } from "./context.ts";
import { optionsResponse, withCors } from "./cors.ts";
import { create } from "./create.ts";
import { type Caller, credentialsOf } from "./credentials.ts";
import { apiError } from "./headers.ts";
import { lastEventNumber, runEvents } from "./events.ts";
import { forward } from "./forward.ts";
import { type ApiTarget, checkTarget, rawTargetOf } from "./paths.ts";

/** A request to the proxy. */
export interface ApiRequest {
  /** As the server received it: the URL is checked before it is normalised. */
  readonly request: Request;
  /** The account that is signed in, if any. */
  readonly account: Account | null;
  /** Whether that session is still open once the body has arrived. */
  readonly isStillSignedIn?: (() => Promise<boolean>) | undefined;
  /** The app's own origin, as browsers see it. */
  readonly origin: string;
  /** The client whose limits it counts against: keys that it tries, tasks that it creates in the sandbox. */
  readonly client: ClientSubject;
}

/** The longest body of a request that adds runs to a group (bytes): a thousand of them, of 8 KiB each. */
const MAX_GROUP_BYTES = 8 * MAX_BODY_BYTES;

/**
 * Handles a request. Every failure has the Task API's error shape. Rejects only while the store is
 * unavailable: one middleware reports that for the whole app.
 */
export async function handleApi(context: ProxyContext, asked: ApiRequest): Promise<Response> {
  const { request } = asked;
  let response: Response;
  try {
    response = await handle(context, asked);
  } catch (error) {
    // The caller disconnected before the body was complete. This is not a server error.
    if (request.signal.aborted) return apiError(499, "The client disconnected");
    if (isStoreAway(error)) throw error;
    const stack = error instanceof Error ? error.stack : undefined;
    const id = crypto.randomUUID();
    context.log("error", "proxy failed", { id, reason: reasonOf(error), stack });
    response = apiError(
      500,
      "Internal error: Taskstream’s log has an entry with this ref_id",
      {},
      id,
    );
  }
  return withCors(response, request, context.corsOrigins);
}

async function handle(
  context: ProxyContext,
  { request, account, origin, client, isStillSignedIn }: ApiRequest,
): Promise<Response> {
  const { method } = request;
  const raw = rawTargetOf(request);
  const check = raw === null ? UNKNOWN : checkTarget(method, raw);
  if (check.verdict === "unknown") {
    return apiError(404, "Not found: /api serves the Task API's runs, groups and chat");
  }
  if (check.verdict === "method") {
    const { allow } = check;
    if (method === "OPTIONS") return optionsResponse(request, context.corsOrigins, allow);
    const methods = allow.join(", ");
    return apiError(405, `Method not allowed: use ${methods}`, { allow: methods });
  }
  const { target } = check;
  const credentials = credentialsOf(context, request, account, { origin, isStillSignedIn });
  if (!credentials.ok) return apiError(credentials.status, credentials.message);
  const { caller } = credentials;
  // The sandbox accepts every key, so trying keys there gains nothing.
  if (caller.ownKey === null || context.upstreams.forKey(caller.ownKey).simulated) {
    return await serve(context, request, target, caller, client);
  }
  return await context.keyAttempts.admit(
    caller.ownKey,
    client,
    () => serve(context, request, target, caller, client),
  );
}

async function serve(
  context: ProxyContext,
  request: Request,
  target: ApiTarget,
  caller: Caller,
  { client }: ClientSubject,
): Promise<Response> {
  const { method } = request;
  if (target.kind === "events" && target.runId !== null) {
    const after = lastEventNumber(request.headers, target.query);
    const mayAdopt = !isSpeculative(request);
    return await runEvents(context, caller, { runId: target.runId, after, mayAdopt });
  }
  const maxBytes = target.kind === "group-runs" ? MAX_GROUP_BYTES : MAX_BODY_BYTES;
  const read = method === "GET"
    ? null
    : await readBody(request, { timers: context.timers, maxBytes });
  if (read?.ok === false) return apiError(read.status, bodyErrorMessage(read.status, maxBytes));
  if (read !== null && !await caller.isStillValid()) {
    return apiError(401, "Unauthorized: the session ended while the body was arriving");
  }
  const body = read?.bytes ?? null;
  const apiKey = await caller.apiKey();
  const upstream = context.upstreams.forKey(apiKey);
  const outgoing = { upstream, apiKey, method, headers: request.headers, target, body, client };
  if (target.kind === "pass") return await forward(context, outgoing, request.signal);
  if (target.kind !== "run") return await create(context, outgoing, caller);
  if (isSpeculative(request)) return await forward(context, outgoing, request.signal);
  const adopting = () => adopt(context, caller, target.runId ?? "");
  // Waiting for a result may take as long as the run does. The run is recorded meanwhile.
  const early = /\/result(?:\?|$)/.test(target.path) ? adopting() : null;
  const response = await forward(context, outgoing, request.signal);
  await (early ?? (response.ok ? adopting() : null));
  return response;
}

/** Adopts a run that the caller's account does not have. Never rejects: the caller gets the API's answer. */
async function adopt(
  { runs, log }: Pick<ProxyContext, "runs" | "log">,
  caller: Caller,
  runId: string,
): Promise<void> {
  try {
    const account = await caller.account();
    if (account === null || !await runs.has(account, runId)) await runs.adopt(caller, runId);
  } catch (error) {
    log("warn", "a run could not be adopted", { run: runId, reason: reasonOf(error) });
  }
}

function bodyErrorMessage(status: 400 | 408 | 413, maxBytes: number): string {
  if (status === 413) return `Content too large: at most ${count(maxBytes)} bytes`;
  return status === 400
    ? "Bad request: the body was interrupted or is malformed"
    : `Request timeout: the body took longer than ${BODY_MS / 1000} s to arrive`;
}

const UNKNOWN = { verdict: "unknown" } as const;
