/**
 * Rejects requests that the SDK would answer badly: it calls most wrong parameters an internal error (-32603),
 * ignores a cursor, and offers subscriptions that this server does not have.
 */
import {
  isJSONRPCRequest,
  ProtocolErrorCode,
  specTypeSchemas,
  type StandardSchemaV1Sync,
} from "@modelcontextprotocol/server";

/** The schemas of requests, by method. The SDK rejects other methods. */
const REQUESTS = new Map<string, StandardSchemaV1Sync>(Object.entries({
  "completion/complete": specTypeSchemas.CompleteRequest,
  "initialize": specTypeSchemas.InitializeRequest,
  "ping": specTypeSchemas.PingRequest,
  "prompts/get": specTypeSchemas.GetPromptRequest,
  "prompts/list": specTypeSchemas.ListPromptsRequest,
  "resources/list": specTypeSchemas.ListResourcesRequest,
  "resources/read": specTypeSchemas.ReadResourceRequest,
  "resources/templates/list": specTypeSchemas.ListResourceTemplatesRequest,
  "server/discover": specTypeSchemas.DiscoverRequest,
  "tools/call": specTypeSchemas.CallToolRequest,
  "tools/list": specTypeSchemas.ListToolsRequest,
}));

/** Longest URI of a resource (characters). The SDK throws for very long ones. */
const MAX_URI_CHARS = 1_000;
/** Maximum number of problems that an error lists. */
const MAX_ISSUES = 5;

/** Returns the error for a request that must not reach the SDK, or `null`. */
export function rejectionOf(message: unknown): Response | null {
  if (!isJSONRPCRequest(message)) return null;
  const { id, method, params } = message;
  const refused = (code: ProtocolErrorCode, words: string, status = 200) =>
    Response.json({ jsonrpc: "2.0", id, error: { code, message: words } }, { status });
  if (method === "subscriptions/listen") {
    const words = "Method not found: this server sends no notifications of changes.";
    // The SDK's status for a method that it does not know.
    return refused(ProtocolErrorCode.MethodNotFound, words, 404);
  }
  const problem = problemOf(message, method, params);
  return problem === null ? null : refused(ProtocolErrorCode.InvalidParams, problem);
}

function problemOf(
  message: unknown,
  method: string,
  params: Readonly<Record<string, unknown>> | undefined,
): string | null {
  const request = REQUESTS.get(method);
  if (request === undefined) return null;
  // Each list has a single page, so no cursor comes from this server.
  if (method.endsWith("/list") && params?.cursor !== undefined) {
    return "Invalid cursor. This list has a single page: leave the cursor out.";
  }
  const { issues } = request["~standard"].validate(message);
  if (issues !== undefined) {
    const words = issues.slice(0, MAX_ISSUES).map(({ path = [], message }) =>
      `${
        path.map((part) => String(typeof part === "object" ? part.key : part)).join(".")
      }: ${message}`
    );
    return `Invalid params for ${method}: ${words.join("; ")}`;
  }
  if (method === "resources/read" && String(params?.uri).length > MAX_URI_CHARS) {
    return "Invalid params for resources/read: the URI is too long.";
  }
  return null;
}
