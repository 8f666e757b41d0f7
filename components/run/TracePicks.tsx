/** Plain controls that pick kinds of the trace without any script. */
import type { EventKind } from "../../lib/runs/model/mod.ts";

/** Not `IS_BROWSER`: that would bring Preact's hooks along, 1 KB of a live page's 15. */
const ON_SERVER = typeof document === "undefined";

/** The kinds worth picking out, in the order of a run. */
const PICKS: readonly (readonly [label: string, kinds?: readonly EventKind[]])[] = [
  ["all"],
  ["plan", ["plan"]],
  ["search", ["search"]],
  ["read", ["extract"]],
  ["result", ["result", "reasoning", "analysis"]],
  ["tools", ["tool"]],
  ["errors", ["error"]],
];

/** Picks kinds of the trace: radio buttons that the stylesheet obeys, counts beside them. */
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
