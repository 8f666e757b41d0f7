import { define } from "../../lib/state.ts";
import { everyRun } from "../../lib/transfer/export.ts";
import { runsDownload, runsFormat } from "../(_pages)/runs_download.ts";
import { signInFirst } from "../(_pages)/sign_in_first.ts";

/** The whole history as one file: what another Taskstream takes in, or `?format=csv` or `zip`. */
export const handler = define.handlers({
  GET(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInFirst(ctx.url);
    const format = runsFormat(ctx.url.searchParams.get("format")) ?? "ndjson";
    return runsDownload(everyRun(services, account.id), format);
  },
});
