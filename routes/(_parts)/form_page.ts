/** Assembles the page around the task form. */
import type { FormFilled } from "../../components/form/FormNote.tsx";
import type { OverBudgetProps } from "../../components/form/Outcome.tsx";
import type { ApiFailure } from "../../lib/parallel/mod.ts";
import {
  formLink,
  type FormProblems,
  formRequest,
  type TaskFormValues,
} from "../../lib/tasks/fields/mod.ts";
import { isPrivateHost } from "../../lib/tasks/fields/mod.ts";
import type { Services } from "../../lib/services.ts";
import type { Account } from "../../lib/accounts/mod.ts";
import type { RunSummary } from "../../lib/runs/model/mod.ts";
import type { NewTaskPageProps } from "./NewTaskPage.tsx";

/** The form's contents, and why it is shown. */
export interface FormContent {
  readonly values: TaskFormValues;
  readonly problems?: FormProblems;
  readonly filled?: FormFilled | null;
  /** The submitted task. */
  readonly continues?: boolean;
  readonly failure?: ApiFailure;
  readonly overBudget?: OverBudgetProps | null;
  readonly idempotencyKey?: string;
  /** The run that is edited and run again. */
  readonly rerunOf?: string | null;
  readonly showCode?: boolean;
  readonly pasteProblem?: string;
  /** Each line of the question is an input. */
  readonly several?: boolean;
}

/** The number of runs beside the form. */
const LATEST = 5;
/** The most runs that the follow-up field offers. */
const OFFERED = 50;

/** Builds the page for the form's contents. */
export async function formPage(
  account: Account,
  services: Services,
  content: FormContent,
): Promise<NewTaskPageProps> {
  const { values, problems = {} } = content;
  const { runs } = await services.runs.list(account.id, { limit: OFFERED });
  return {
    form: { values, problems },
    idempotencyKey: content.idempotencyKey ?? crypto.randomUUID(),
    rerunOf: content.rerunOf ?? null,
    sandbox: account.sandbox,
    account: account.id,
    continues: content.continues ?? false,
    several: content.several ?? false,
    latest: runs.slice(0, LATEST),
    finished: finishedOf(runs),
    receiver: receiverOf(services.config.publicUrl),
    now: Date.now(),
    filled: content.filled ?? null,
    failure: content.failure ?? null,
    overBudget: content.overBudget ?? null,
    request: formRequest(values),
    showCode: content.showCode ?? false,
    pasteProblem: content.pasteProblem ?? null,
    link: formLink(values),
  };
}

/** The URL of our webhook receiver, if the API can reach it. */
export function receiverOf(publicUrl: string | null): string | null {
  if (publicUrl === null) return null;
  const url = new URL("/webhooks/parallel", publicUrl);
  return url.protocol === "https:" && !isPrivateHost(url.hostname) ? url.href : null;
}

/** Finished runs that a new one can follow, newest first. */
export async function finishedRuns(
  account: Account,
  services: Services,
): Promise<NewTaskPageProps["finished"]> {
  const { runs } = await services.runs.list(account.id, { limit: OFFERED });
  return finishedOf(runs);
}

function finishedOf(runs: readonly RunSummary[]): NewTaskPageProps["finished"] {
  return runs.filter(({ status }) => status === "completed")
    .map(({ run_id, title }) => ({ id: run_id, title }));
}
