/** Prefills a new form from an example, an earlier run, or a link with fields. */
import {
  emptyForm,
  example,
  formValuesFrom,
  MASKED,
  valuesFromQuery,
} from "../../lib/tasks/fields/mod.ts";
import { severalValues } from "../batches/(_parts)/several.ts";
import { leftOutOf } from "../../lib/tasks/paste/mod.ts";
import type { Services } from "../../lib/services.ts";
import type { Account } from "../../lib/accounts/mod.ts";
import type { FormContent } from "./form_page.ts";

/** Returns whether a query asks for a prefilled form. */
export function fillsForm(query: URLSearchParams): boolean {
  return ["example", "edit", "follow", "kept", "several"].some((name) => query.has(name)) ||
    valuesFromQuery(query) !== null;
}

/**
 * Reads the query: `?edit=` and `?follow=` name a run, `?example=` an example; `?several=1` asks for one
 * input a line.
 */
export async function prefill(
  query: URLSearchParams,
  account: Account,
  { runs }: Services,
): Promise<FormContent> {
  const chosen = example(query.get("example") ?? "");
  if (chosen !== null) {
    const filled = { by: "example", title: chosen.title } as const;
    return { values: formValuesFrom(chosen.input), filled };
  }
  const edit = query.get("edit");
  const follow = query.get("follow");
  const runId = edit ?? follow;
  const fromLink = valuesFromQuery(query);
  if (runId === null) {
    const several = query.has("several");
    const values = fromLink ?? emptyForm();
    return {
      values: several ? severalValues(values) : values,
      filled: fromLink === null ? null : { by: "link" },
      several,
    };
  }
  const found = await runs.request(account.id, runId);
  if (found === null) {
    return { values: emptyForm(), filled: { by: "unknown", run: { id: runId } } };
  }
  const { run, title, status } = found;
  const shown = { id: runId, title };
  if (edit === null) {
    const values = { ...emptyForm(), previous_interaction_id: run.interaction_id };
    return { values, filled: { by: "follow", run: shown, ended: status === "completed" } };
  }
  const values = formValuesFrom(run.input);
  const masked = values.mcp_servers.includes(MASKED);
  return {
    values,
    rerunOf: runId,
    filled: { by: "edit", run: shown, leftOut: leftOutOf(run.input), masked },
  };
}
