import { count } from "../../lib/base/mod.ts";
import { HttpError } from "fresh";
import { define } from "../../lib/state.ts";
import { everyRequest, everyRun, MAX_ZIPPED_RUNS } from "../../lib/transfer/mod.ts";
import { runsDownload, runsFormat } from "./(_parts)/runs_download.ts";
import { signInFirst } from "../(_parts)/session_ended.ts";

/**
 * The whole history as one file, which another Taskstream can import, or `?format=csv` (with `&bom=1` for
 * Excel) or `zip`.
 */
export const handler = define.handlers({
  async GET(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInFirst(ctx.url);
    const format = runsFormat(ctx.url.searchParams.get("format")) ?? "ndjson";
    if (format === "zip" && await services.runs.count(account.id) > MAX_ZIPPED_RUNS) {
      throw new HttpError(
        413,
        `A ZIP has room for ${
          count(MAX_ZIPPED_RUNS)
        } tasks, and there are more. Export all of them as lines of JSON or CSV, or tick some in the list and export these.`,
      );
    }
    const owner = { account: account.id, client: ctx.state.client };
    return runsDownload(services.views, owner, (to) => everyRun(services, to), format, {
      requests: everyRequest(services, account.id),
      bom: ctx.url.searchParams.get("bom") === "1",
    });
  },
});
