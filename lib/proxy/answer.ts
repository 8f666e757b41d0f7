/** Answers a request below `/api`: judged, authenticated, then sent on or answered from the log. */
import { reasonOf } from "../log.ts";
import type { Account } from "../state.ts";
import { MAX_BODY_BYTES, readBody } from "./body.ts";
import type { ProxyContext } from "./context.ts";
import { answerOptions, withCors } from "./cors.ts";
import { create } from "./create.ts";
import { credentialsOf } from "./credentials.ts";
import { apiError } from "./errors.ts";
import { answerEvents, lastEventId } from "./events.ts";
import { forward } from "./forward.ts";
import { judge, rawTargetOf } from "./paths.ts";

/** A request to the proxy. */
export interface ApiRequest {
  /** As the server received it: its URL is judged before any normalising. */
  readonly request: Request;
  /** Who is signed in, if anybody. */
  readonly account: Account | null;
  /** The app's own origin, as browsers see it. */
  readonly origin: string;
}

/** Answers a request. Never rejects: whatever goes wrong has the Task API's error shape. */
export async function answerApi(context: ProxyContext, asked: ApiRequest): Promise<Response> {
  const { request } = asked;
  let response: Response;
  try {
    response = await answer(context, asked);
  } catch (error) {
    // A body that breaks off is nobody's fault here.
    if (request.signal.aborted) return apiError(499, "The caller went away");
    const stack = error instanceof Error ? error.stack : undefined;
    context.log("error", "proxy failed", { reason: reasonOf(error), stack });
    response = apiError(500, "Taskstream failed to answer; its log says why");
  }
  return withCors(response, request, context.corsOrigins);
}

async function answer(
  context: ProxyContext,
  { request, account, origin }: ApiRequest,
): Promise<Response> {
  const { method } = request;
  const raw = rawTargetOf(request);
  const judgement = raw === null ? NOTHING : judge(method, raw);
  if (judgement.verdict === "nothing") {
    return apiError(404, "Not found: /api knows the Task API's runs, groups and chat");
  }
  if (judgement.verdict === "method") {
    const { allow } = judgement;
    if (method === "OPTIONS") return answerOptions(request, context.corsOrigins, allow);
    const methods = allow.join(", ");
    return apiError(405, `Method not allowed: use ${methods}`, { allow: methods });
  }
  const { target } = judgement;
  const credentials = credentialsOf(context, request, account, origin);
  if (!credentials.ok) return apiError(credentials.status, credentials.message);
  const { caller } = credentials;
  if (target.kind === "events" && target.runId !== null) {
    const after = lastEventId(request.headers, target.query);
    return await answerEvents(context, caller, target.runId, after);
  }
  const body = method === "GET" ? null : await readBody(request);
  if (body === null && method !== "GET") {
    return apiError(413, `Content too large: at most ${MAX_BODY_BYTES} bytes`);
  }
  const apiKey = await caller.apiKey();
  const upstream = context.upstreams.of(apiKey);
  const outgoing = { upstream, apiKey, method, headers: request.headers, target, body };
  return target.kind === "pass"
    ? await forward(context, outgoing, request.signal)
    : await create(context, outgoing, caller);
}

const NOTHING = { verdict: "nothing" } as const;
