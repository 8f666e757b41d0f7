import { answerApi, proxyContext } from "../../lib/proxy/mod.ts";
import { isStillSignedIn } from "../../lib/middleware/mod.ts";
import { define } from "../../lib/state.ts";

/**
 * Answers everything below `/api`. A middleware rather than a handler: a route's parameters are decoded
 * before its handler runs, and a path that cannot be decoded would get an HTML page for an answer.
 */
export default define.middleware(({ req, state, url }) => {
  const { account, client, network, services } = state;
  const origin = services.config.publicUrl ?? url.origin;
  return answerApi(proxyContext(services), {
    request: req,
    account,
    isStillSignedIn: () => isStillSignedIn(state),
    origin,
    client: { client, network },
  });
});
