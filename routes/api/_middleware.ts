import { handleApi, proxyContext } from "../../lib/proxy/mod.ts";
import { isStillSignedIn } from "../../lib/middleware/mod.ts";
import { define } from "../../lib/state.ts";

/**
 * Handles everything below `/api`. A middleware rather than a handler, because route parameters are decoded
 * before a handler runs: an undecodable path would get an HTML page.
 */
export default define.middleware(({ req, state, url }) => {
  const { account, client, network, services } = state;
  const origin = services.config.publicUrl ?? url.origin;
  return handleApi(proxyContext(services), {
    request: req,
    account,
    isStillSignedIn: () => isStillSignedIn(state),
    origin,
    client: { client, network },
  });
});
