/** Handles requests to `/mcp`: checks origin, key and body, then passes the message to the protocol. */
import {
  beginning,
  BODY_MS,
  checkJson,
  count,
  isObject,
  MAX_BODY_BYTES,
  Numeral,
  readBody,
  readJson,
  readVerbatim,
  reasonOf,
  repeatedName,
  REQUEST_BOUNDS,
} from "../base/mod.ts";
import { isStoreAway } from "../store/mod.ts";
import type { ClientSubject } from "../limits/mod.ts";
import { isKeyShaped, keyCaller, optionsResponse, ownKeyOf, withCors } from "../proxy/mod.ts";
import type { McpContext } from "./context.ts";

/** A request to the MCP server. */
export interface McpRequest {
  readonly request: Request;
  /** Its URL as browsers see it. */
  readonly url: URL;
  /** The client whose limits apply. */
  readonly client: ClientSubject;
}

/** Enough for a table of 10,000 rows. Without a bound, a body full of empty lists would take half a second. */
const CALL_BOUNDS = { ...REQUEST_BOUNDS, maxValues: 150_000 };
/** A message that calls no tool has no table. */
const OTHER_BOUNDS = { maxValues: 10_000 };
/** The longest name in a message (characters). */
const NAME_CHARS = 100;
/** `Retry-After` while Parallel does not confirm a key (s). */
const RETRY_SECONDS = 5;

/** Handles a request. Rejects only while the store is unavailable, which a middleware handles. */
export async function handleMcp(context: McpContext, asked: McpRequest): Promise<Response> {
  const { request } = asked;
  let response: Response;
  try {
    response = await handle(context, asked);
  } catch (error) {
    if (isStoreAway(error)) throw error;
    if (request.signal.aborted) response = refusal(499, "The client disconnected.");
    else {
      const id = crypto.randomUUID();
      const stack = error instanceof Error ? error.stack : undefined;
      context.log("error", "mcp failed", { id, reason: reasonOf(error), stack });
      response = refusal(500, `Internal error. Its log entry has the ID ${id}.`);
    }
  }
  return withCors(response, request, context.corsOrigins);
}

async function handle(context: McpContext, asked: McpRequest): Promise<Response> {
  const { request, url, client } = asked;
  const { corsOrigins, upstreams, keyAttempts } = context;
  if (!isAllowedOrigin(context, request.headers.get("origin"), url)) {
    return refusal(403, "Pages of this origin may not call this server. See CORS_ORIGINS.");
  }
  if (request.method === "OPTIONS") return preflight(request, corsOrigins);
  const apiKey = ownKeyOf({ req: request, url });
  if (apiKey === null || !isKeyShaped(apiKey)) {
    const message = "Send your Parallel API key as “Authorization: Bearer <key>” or as x-api-key.";
    return refusal(401, message, { "www-authenticate": challenge(originOf(context, url), null) });
  }
  // The sandbox accepts every key, so guessing keys there gains nothing.
  if (upstreams.forKey(apiKey).simulated) return await serve(context, asked, apiKey);
  return await keyAttempts.admit(apiKey, client, () => serve(context, asked, apiKey));
}

async function serve(
  context: McpContext,
  { request, url, client }: McpRequest,
  apiKey: string,
): Promise<Response> {
  const origin = originOf(context, url);
  const { runs, standings, timers, upstreams } = context;
  const verdict = await standings.mayRead(apiKey);
  if (verdict === "refused") {
    const headers = { "www-authenticate": challenge(origin, "invalid_token") };
    return refusal(401, "Parallel does not accept this API key.", headers);
  }
  if (verdict === "silent") {
    const message = "Parallel could not confirm this API key. Try again in a moment.";
    return refusal(503, message, { "retry-after": `${RETRY_SECONDS}` });
  }
  if (request.method !== "POST") {
    const message = "This server has no sessions and sends no messages of its own. Use POST.";
    return refusal(405, message, { allow: "POST, OPTIONS" });
  }
  const body = await readBody(request, { timers });
  if (!body.ok) return refusal(body.status, BODY_WORDS[body.status]);
  const text = new TextDecoder().decode(body.bytes);
  const message = parsed(text);
  if (message === undefined) {
    return refusal(
      400,
      "The body is not JSON, is nested too deeply, or has too many values.",
      {},
      -32700,
    );
  }
  const repeated = repeatedName(text);
  if (repeated !== null) {
    const name = beginning(repeated.name, NAME_CHARS).toWellFormed();
    const words = `“${name}” appears twice in one object. Only one of its values would be used.`;
    return refusal(400, words, {}, -32700);
  }
  if (Array.isArray(message)) {
    return refusal(400, "Send one message per request: the protocol has no batches.", {}, -32600);
  }
  // Loading the SDK takes 200 ms. Load it on the first request of an agent.
  const { respond } = await import("./server.ts");
  return await respond(context, {
    ...keyCaller(runs, apiKey),
    simulated: upstreams.forKey(apiKey).simulated,
    client,
    origin,
    signal: request.signal,
  }, { request, message });
}

/** Parses the body; `undefined` if it is not JSON. Numbers in a tool's objects and lists keep their spelling. */
function parsed(text: string): unknown {
  try {
    const message = readVerbatim(text, CALL_BOUNDS);
    if (!isObject(message) || message.method !== "tools/call") checkJson(text, OTHER_BOUNDS);
    setNumbers(message, ARGUMENT_LEVEL);
    return message;
  } catch {
    return undefined;
  }
}

/** The message, `params`, and `arguments` or `_meta`. */
const ARGUMENT_LEVEL = 3;

/** Converts the protocol's own numbers, down to a level, to doubles, as the SDK expects. */
function setNumbers(value: unknown, levels: number): void {
  if (!isObject(value)) return;
  for (const name of Object.keys(value)) {
    const member = value[name];
    if (member instanceof Numeral) value[name] = readJson(member.text);
    else if (levels > 1) setNumbers(member, levels - 1);
  }
}

/** The app's origin. */
function originOf({ publicUrl }: Pick<McpContext, "publicUrl">, { origin }: URL): string {
  return publicUrl ?? origin;
}

/**
 * Whether a request with this Origin may call. Programs send no Origin. Pages may call only from the app's
 * origin or from `CORS_ORIGINS`. Without `PUBLIC_URL` the app's origin comes from the Host header, and an
 * attacker's domain can resolve to this server (DNS rebinding), so only loopback names are accepted.
 */
function isAllowedOrigin(
  { corsOrigins, publicUrl }: Pick<McpContext, "corsOrigins" | "publicUrl">,
  sent: string | null,
  url: URL,
): boolean {
  if (sent === null || corsOrigins.includes(sent) || corsOrigins.includes("*")) return true;
  return publicUrl === null
    ? sent === url.origin && LOOPBACK.test(url.hostname)
    : sent === publicUrl;
}

const LOOPBACK = /^(?:(?:[\w-]+\.)*localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

function preflight(request: Request, corsOrigins: readonly string[]): Response {
  const response = optionsResponse(request, corsOrigins, ["POST"]);
  if (response.headers.has("access-control-allow-headers")) {
    // The wildcard does not cover this one (Fetch standard, section 3.3.3).
    response.headers.set("access-control-allow-headers", "*, authorization");
  }
  return response;
}

// An MCP client asks Parallel's authorization server for a key (RFC 9728): its access token is the user's API
// key. This app takes no part in that sign-in.
const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** The authorization server's scope for getting a key. */
const SCOPE = "key:read";

/** The metadata document. It is public. */
export function metadataResponse(origin: string, platformUrl: string): Response {
  return Response.json({
    resource: `${origin}/mcp`,
    authorization_servers: [platformUrl],
    scopes_supported: [SCOPE],
    bearer_methods_supported: ["header"],
    resource_name: "Taskstream",
  }, { headers: { "access-control-allow-origin": "*" } });
}

/** The value of `WWW-Authenticate` in a 401 (RFC 9728, section 5.1). */
export function challenge(origin: string, error: "invalid_token" | null): string {
  const parts = [
    ...(error === null ? [] : [`error="${error}"`]),
    `scope="${SCOPE}"`,
    `resource_metadata="${origin}${WELL_KNOWN}/mcp"`,
  ];
  return `Bearer ${parts.join(", ")}`;
}

const BODY_WORDS: Readonly<Record<400 | 408 | 413, string>> = {
  400: "The body is incomplete or badly framed.",
  408: `The body took longer than ${BODY_MS / 1000} s to arrive.`,
  413: `The body is too large: at most ${count(MAX_BODY_BYTES)} bytes.`,
};

/** A JSON-RPC error for a request whose message was not read. */
function refusal(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  code = -32000,
): Response {
  return Response.json({ jsonrpc: "2.0", error: { code, message }, id: null }, { status, headers });
}
