import { beginning } from "../../../lib/base/mod.ts";
import { HttpError, page } from "fresh";
import { readForm } from "../../../lib/form_body.ts";
import type { BatchCommand, BatchPage } from "../../../lib/batches/mod.ts";
import { lowSends, type RowsToRerun, waitingUsd } from "../../../lib/batches/model/mod.ts";
import { isStillSignedIn } from "../../../lib/middleware/mod.ts";
import { priceOf, processor } from "../../../lib/parallel/mod.ts";
import { budgetWarning } from "../../(_parts)/submit_responses.ts";
import { define } from "../../../lib/state.ts";
import { sessionEnded, signInAgain } from "../../(_parts)/session_ended.ts";
import { ownBatch, RENAME } from "./(_parts)/own_batch.ts";
import { textOf } from "../(_parts)/compose.ts";
import { retryUsd, rowPriceOf } from "./(_parts)/batch_view.ts";
import { OverBatchBudget } from "./(_parts)/OverBatchBudget.tsx";

/** Executes one action: start, pause, retry, escalate, rename, share or delete. */
export const handler = define.handlers({
  /** A GET of a form's action, such as after a reload. */
  async GET(ctx) {
    const batch = await ownBatch(ctx);
    if (batch instanceof Response) return batch;
    return ctx.redirect(`/batches/${encodeURIComponent(ctx.params.id ?? "")}`, 303);
  },

  async POST(ctx) {
    const { account, services } = ctx.state;
    const { id = "", action = "" } = ctx.params;
    const path = `/batches/${encodeURIComponent(id)}`;
    const form = await readForm(ctx.req);
    if (account === null || !await isStillSignedIn(ctx.state)) {
      return action === "rename"
        ? await sessionEnded(ctx.state, { [RENAME]: textOf(form, "name") }, path)
        : signInAgain(new URL(path, ctx.url));
    }
    if (action === "delete") {
      if (!await services.batches.remove(account.id, id)) throw new HttpError(404);
      return ctx.redirect(`${path}?deleted=1`, 303);
    }
    if (action === "undelete") {
      const outcome = await services.batches.restore(account.id, id);
      if (outcome === "unknown") throw new HttpError(404);
      if (outcome === "restored") return ctx.redirect(path, 303);
      throw new HttpError(410, "This batch was permanently deleted. It can no longer be restored.");
    }
    if (action === "share") {
      if (await services.batches.share(account.id, id) === null) throw new HttpError(404);
      return ctx.redirect(`${path}#share`, 303);
    }
    if (action === "unshare") {
      if (!await services.batches.unshare(account.id, id)) throw new HttpError(404);
      return ctx.redirect(path, 303);
    }
    const command = commandOf(action, form);
    if (command === null) throw new HttpError(404);
    const batch = await services.batches.page(account.id, id);
    if (batch === null) throw new HttpError(404);
    const price = costOf(command, batch);
    const over = form.has("over_budget") || price === 0
      ? null
      : await budgetWarning(services, account, price);
    if (over !== null) {
      return page({ over, action: ctx.url.pathname, fields: fieldsOf(form) }, { status: 409 });
    }
    const outcome = await services.batches.command(account, id, command);
    if (outcome === "unknown") throw new HttpError(404);
    return ctx.redirect(path + queryBefore(ctx.req, path), 303);
  },
});

/** The filters of the batch's page that the form was sent from. */
function queryBefore({ headers }: Request, path: string): string {
  const before = URL.parse(headers.get("referer") ?? "");
  return before?.pathname === path ? before.search : "";
}

/** The command of a form; `null` if there is no such action. */
function commandOf(action: string, form: FormData): BatchCommand | null {
  switch (action) {
    case "start":
      return { type: "start", rows: countOf(textOf(form, "rows")) };
    case "pause":
      return { type: "pause" };
    case "retry":
      return { type: "retry", rows: rowsOf(form), ...setIn(form) };
    case "escalate": {
      const name = textOf(form, "processor").trim();
      if (processor(name) === null) throw new HttpError(400, "Choose a processor to run them on.");
      return { type: "escalate", rows: rowsOf(form), ...setIn(form), processor: name };
    }
    case "rename": {
      const name = beginning(textOf(form, "name").trim(), 200);
      if (name === "") throw new HttpError(400, "Enter a name for the batch.");
      return { type: "rename", name };
    }
    default:
      return null;
  }
}

/** The rows selected in a form; `null` for all that the action applies to. */
function rowsOf(form: FormData): number[] | null {
  const rows = form.getAll("row").map(Number).filter((row) => Number.isSafeInteger(row) && row > 0);
  return rows.length === 0 ? null : [...new Set(rows)];
}

/** The column set selected in a form, if any. */
function setIn(form: FormData): Pick<RowsToRerun, "set"> {
  const set = Number(form.get("set") ?? NaN);
  return Number.isSafeInteger(set) && set >= 0 ? { set } : {};
}

function countOf(text: string): number | null {
  const rows = Number(text);
  return text.trim() !== "" && Number.isSafeInteger(rows) && rows > 0 ? rows : null;
}

/** The maximum price of a command (US dollars); `null` if the processor is unknown. */
function costOf(command: BatchCommand, page: BatchPage): number | null {
  const { view } = page;
  switch (command.type) {
    case "start":
      return waitingUsd(view, rowPriceOf(page), command.rows ?? Infinity);
    case "retry":
      return retryUsd(page, command);
    case "escalate": {
      const price = priceOf(command.processor);
      return price === null ? null : lowSends(view, command).length * price;
    }
    default:
      return 0;
  }
}

/** The form's fields, for resubmission. */
function fieldsOf(form: FormData): [string, string][] {
  return [...form].flatMap(([name, value]) => typeof value === "string" ? [[name, value]] : []);
}

export default define.page<typeof handler>(function BatchAction({ data }) {
  return <OverBatchBudget {...data} />;
});
