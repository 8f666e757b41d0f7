/** Offers to ask Parallel again about a run whose log stopped before its end. */
import { LOST, type RunPage } from "../../lib/runs/model/mod.ts";

export interface AskAgainProps {
  readonly page: RunPage;
  /** The run's path. */
  readonly base: string;
  /** The outcome of a recent attempt: a status or a code; empty if there was none. */
  readonly asked: string;
}

/** Returns whether anything is missing that Parallel may have. */
export function lacksEnd({ ended, run, view, output }: RunPage): boolean {
  return ended && run.source !== "import" &&
    (view.status === LOST || (view.status === "completed" && output === null));
}

export function AskAgain({ page, base, asked }: AskAgainProps) {
  if (!lacksEnd(page)) return null;
  return (
    <form class="notice caution mt-4" method="post" action={`${base}/ask-again`}>
      <p>
        <strong>
          {page.view.status === LOST
            ? "Parallel may have the rest of this run."
            : "Parallel reports this run as completed but has not returned its result."}
        </strong>
      </p>
      {asked !== "" && <p role="status">{outcomeText(asked)}</p>}
      <p class="mt-2">
        <button type="submit" class="button go">Ask Parallel again</button>
      </p>
    </form>
  );
}

function outcomeText(asked: string): string {
  if (asked === "limited") {
    return "Not asked: too many requests in the last minute. Try again shortly.";
  }
  return /^[1-5]\d\d$/.test(asked)
    ? `Asked just now: Parallel responded with status ${asked}.`
    : "Asked just now: Parallel gave no usable response.";
}
