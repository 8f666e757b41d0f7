/**
 * Where an MCP client gets a key (RFC 9728): Parallel's own authorization server, whose access token is
 * the user's API key. Nothing of this app takes part in that sign-in.
 */

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** What the authorization server calls the right to get a key. */
const SCOPE = "key:read";

/** The metadata document. Public, and the same for everybody. */
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
