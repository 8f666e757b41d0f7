/**
 * The responses to a submit: to the new run, or with the status that says why there is none. Before that, whether
 * the tasks would exceed the account's budget.
 */
import type { OverBudgetProps } from "../../components/form/Outcome.tsx";
import { type Account, setCookie } from "../../lib/accounts/mod.ts";
import type { ApiFailure } from "../../lib/parallel/mod.ts";
import type { Services } from "../../lib/services.ts";

/** The longest time until the page after a submit loads (s). */
const SOON_SECONDS = 60;

/** 303 to the run's page. */
export function createdResponse(runId: string, submit: string, secure: boolean): Response {
  return alreadyCreatedResponse(`/tasks/${encodeURIComponent(runId)}`, submit, secure);
}

/**
 * 303 to a page of ours, with a cookie for that page only: its script compares the submit's key with the one
 * it remembers, and only then deletes the submitted draft (static/page.js).
 */
export function alreadyCreatedResponse(
  location: string,
  submit: string,
  secure: boolean,
): Response {
  const [path = "/"] = location.split("?", 1);
  const headers = new Headers({ location });
  if (/^[\w-]{8,128}$/.test(submit)) {
    headers.append(
      "set-cookie",
      setCookie("created", submit, { secure, maxAgeSeconds: SOON_SECONDS, path, scripts: true }),
    );
  }
  return new Response(null, { status: 303, headers });
}

/** Returns the rejection's own status, the API's or ours, or 502 if there was no usable response. */
function statusOf({ kind, status }: ApiFailure): number {
  const refused = kind === "refused" || kind === "limited" || kind === "pending";
  return refused && status !== null && status >= 400 && status < 500 ? status : 502;
}

/** Status and headers, including how long a client should wait. */
export function failureResponse(failure: ApiFailure): { status: number; headers: HeadersInit } {
  const seconds = failure.retryAfterSeconds ?? null;
  return {
    status: statusOf(failure),
    headers: seconds === null ? {} : { "retry-after": `${seconds}` },
  };
}

/**
 * Returns the warning to show before the tasks are created, from their total cost (USD, `null`: unknown), or
 * `null` if they stay within the budget. The sandbox is free.
 */
export async function budgetWarning(
  { histories }: Services,
  { id, sandbox }: Account,
  price: number | null,
): Promise<OverBudgetProps | null> {
  const budget = sandbox ? null : await histories.budgets.check(id, price);
  return budget === null || price === null ? null : { budget, price };
}
