/** The page that has Parallel watch a finished run. */
import { NoEnter } from "../../../components/form/Field.tsx";
import { dollars } from "../../../lib/base/mod.ts";
import { MONITOR_PRICES } from "../../../lib/parallel/mod.ts";
import { FREQUENCIES } from "../../../lib/schedules/mod.ts";
import { KeptNote } from "../../(_parts)/KeptNote.tsx";
import { Billing, SimulatedWatch } from "./parts.tsx";

export interface NewWatchProps {
  readonly runId: string;
  readonly title: string;
  readonly frequency: string;
  readonly processor: "lite" | "base";
  /** Makes a double submit create one watch. */
  readonly token: string;
  readonly simulated: boolean;
  /** Why it was not created. */
  readonly problem: string | null;
  /** What became of the fields that were typed before signing in. */
  readonly note: string | null;
}

export function NewWatch(props: NewWatchProps) {
  const { frequency, note, problem, processor, runId, simulated, title, token } = props;
  return (
    <>
      <SimulatedWatch simulated={simulated} />
      <h1>Watch for changes</h1>
      <p class="mt-2" dir="auto">
        <a href={`/tasks/${encodeURIComponent(runId)}`}>{title || "(empty input)"}</a>
      </p>
      <Billing />
      <KeptNote note={note} />
      {problem !== null && <p class="notice mt-4" role="alert">{problem}</p>}
      <form method="post" action="/watches" class="stack schedule-form mt-6">
        <NoEnter />
        <input type="hidden" name="run" value={runId} />
        <input type="hidden" name="token" value={token} />
        <div>
          <h2 id="frequency-title" class="text-base">Check every</h2>
          <fieldset class="segments mt-1" role="radiogroup" aria-labelledby="frequency-title">
            {FREQUENCIES.map(([value, words]) => (
              <label key={value}>
                <input type="radio" name="frequency" value={value} checked={value === frequency} />
                {words}
              </label>
            ))}
          </fieldset>
        </div>
        <div>
          <h2 id="processor-title" class="text-base">With</h2>
          <fieldset class="segments mt-1" role="radiogroup" aria-labelledby="processor-title">
            {(["lite", "base"] as const).map((name) => (
              <label key={name}>
                <input type="radio" name="processor" value={name} checked={name === processor} />
                {name} {dollars(MONITOR_PRICES[name])} per check
              </label>
            ))}
          </fieldset>
        </div>
        <p class="flex items-center gap-4">
          <button type="submit" class="button go">Start watching</button>
          <a href={`/tasks/${encodeURIComponent(runId)}`}>Cancel</a>
        </p>
      </form>
    </>
  );
}
