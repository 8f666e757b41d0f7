import { answerApi } from "../../lib/proxy.ts";
import { define } from "../../lib/state.ts";

export const handler = define.handlers((ctx) =>
  answerApi(ctx.state.services, ctx.state.account, ctx.req)
);
