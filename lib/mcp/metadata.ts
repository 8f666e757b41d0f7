/**
 * Tells an MCP client where to get a key (RFC 9728): from Parallel's authorization server, whose access token
 * is the user's API key. This app takes no part in that sign-in.
 */

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
