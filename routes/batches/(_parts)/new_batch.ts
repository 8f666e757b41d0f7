/** Builds the page of a new batch around a table and its form. */
import type { Account } from "../../../lib/accounts/mod.ts";
import type { Draft } from "../../../lib/batches/mod.ts";
import { suggestSchemaFromColumns, type Table } from "../../../lib/batches/model/mod.ts";
import { emptyForm } from "../../../lib/tasks/fields/mod.ts";
import type { Services } from "../../../lib/services.ts";
import { finishedRuns, receiverOf } from "../../(_parts)/form_page.ts";
import { compose, type Composed } from "./compose.ts";
import type { NewBatchProps } from "./NewBatchPage.tsx";
import { NO_UPLOAD } from "./TableUpload.tsx";

/** The content of the page. Anything omitted has the initial value. */
export type NewBatchContent = Partial<
  Pick<
    NewBatchProps,
    "upload" | "fields" | "draft" | "problems" | "note" | "failure" | "overBudget"
  >
>;

/** Builds the page. */
export async function newBatchPage(
  account: Account,
  services: Services,
  content: NewBatchContent,
): Promise<NewBatchProps> {
  const [finished, unsent, budget] = await Promise.all([
    finishedRuns(account, services),
    content.draft ? [] : services.batches.unsentDrafts(account.id),
    account.sandbox ? null : services.histories.budgets.state(account.id),
  ]);
  return {
    sandbox: account.sandbox,
    limits: services.config.batchLimits,
    upload: content.upload ?? NO_UPLOAD,
    fields: content.fields ?? {},
    draft: content.draft ?? null,
    problems: content.problems ?? {},
    note: content.note ?? null,
    failure: content.failure ?? null,
    overBudget: content.overBudget ?? null,
    leftUsd: budget === null ? null : budget.budget_usd - budget.spent_usd - budget.open_usd,
    finished,
    unsent,
    now: Date.now(),
    receiver: receiverOf(services.config.publicUrl),
  };
}

/**
 * The initial fields for a table: a schema of its empty columns if there are any, otherwise automatic output.
 */
export function firstFields(table: Table): Record<string, string> {
  const suggested = suggestSchemaFromColumns(table);
  return {
    ...emptyForm(),
    // Progress events of a thousand runs are of no use.
    enable_events: "",
    processor: "core",
    ...suggested === null ? {} : {
      output_type: "json",
      json_schema: JSON.stringify(suggested.schema, null, 2),
    },
  };
}

/** The draft with its form. */
export async function draftView(draft: Draft, form: FormData): Promise<Composed & Draft> {
  return { ...draft, ...await compose(draft, form) };
}
