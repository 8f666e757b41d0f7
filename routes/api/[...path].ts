import { answerApi, proxyContext } from "../../lib/proxy/mod.ts";
import { define } from "../../lib/state.ts";

export const handler = define.handlers(({ req, state, url }) => {
  const { account, services } = state;
  const origin = services.config.publicUrl ?? url.origin;
  return answerApi(proxyContext(services), { request: req, account, origin });
});
