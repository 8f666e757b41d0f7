/** Offers to ask Parallel again about a run whose log stopped before its end. */
import { LOST, mayHaveMore, type RunPage, WAITS } from "../../lib/runs/model/mod.ts";

export interface AskAgainProps {
  readonly page: RunPage;
  /** The run's path. */
  readonly base: string;
  /** The outcome of a recent attempt: a status or a code; empty if there was none. */
  readonly asked: string;
}

/** What Parallel may have, by the status that the log ended with. */
const MISSING: Readonly<Record<string, string>> = {
  [LOST]: "Parallel may have the rest of this run.",
  [WAITS]: "Parallel may have more of this run by now.",
  completed: "Parallel reports this run as completed but has not returned its result.",
};

export function AskAgain({ page: { ended, run, view, output }, base, asked }: AskAgainProps) {
  if (!ended || run.source === "import" || !mayHaveMore(view.status, output)) return null;
  return (
    <form class="notice caution mt-4" method="post" action={`${base}/ask-again`}>
      <p>
        <strong>{MISSING[view.status]}</strong>
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
