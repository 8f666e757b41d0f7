/** Plain controls that filter the trace by kind without script. */
import type { EventKind } from "../../lib/runs/model/mod.ts";

/** Not `IS_BROWSER`: that would import Preact's hooks, 1 KB of a live page's 15. */
const ON_SERVER = typeof document === "undefined";

/** The kinds worth filtering by, in the order of a run. */
const PICKS: readonly (readonly [label: string, kinds?: readonly EventKind[]])[] = [
  ["all"],
  ["plan", ["plan"]],
  ["search", ["search"]],
  ["read", ["extract"]],
  ["result", ["result", "reasoning", "analysis"]],
  ["tools", ["tool"]],
  ["errors", ["error"]],
];

/** Filters by kind: radio buttons that the stylesheet evaluates, with counts. */
export function TracePicks({ counts }: { counts: Readonly<Record<EventKind, number>> }) {
  return (
    <fieldset class="picks">
      <legend class="sr-only">Show</legend>
      {PICKS.map(([label, kinds]) => (
        <label key={label} class="pick">
          {/* Only the server sets it: later renders must not undo what the reader picked. */}
          <input
            type="radio"
            name="pick"
            value={label}
            checked={ON_SERVER && !kinds || undefined}
          />
          {label}{" "}
          <b>
            {(kinds?.map((kind) => counts[kind]) ?? Object.values(counts))
              .reduce((sum, each) => sum + each, 0)}
          </b>
        </label>
      ))}
    </fieldset>
  );
}
