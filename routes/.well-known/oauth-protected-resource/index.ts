import { metadataResponse } from "../../../lib/mcp/mod.ts";
import { define } from "../../../lib/state.ts";

/** Where MCP clients get a key: the form for a server without a path. */
export const handler = define.handlers({
  GET({ state, url }) {
    const { parallelPlatformUrl, publicUrl } = state.services.config;
    return metadataResponse(publicUrl ?? url.origin, parallelPlatformUrl);
  },
});
