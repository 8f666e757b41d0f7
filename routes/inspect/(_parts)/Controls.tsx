/** Controls for filtering, replay and export. */
import { useState } from "preact/hooks";
import { count } from "../../../lib/base/mod.ts";
import type { FilterSpec } from "./filter.ts";
import type { Inspection } from "./inspection.ts";
import type { Pace } from "./chunks.ts";

export interface ControlsProps {
  readonly inspection: Inspection;
  /** Changes with each change of the inspection; see StreamInspector. */
  readonly drawn: number;
  readonly following: boolean;
  readonly onFollow: (following: boolean) => void;
  readonly onReplay: () => void;
  readonly onExport: () => void;
}

export function Controls(props: ControlsProps) {
  const { inspection, drawn, following, onFollow, onReplay, onExport } = props;
  const { spec, tally } = inspection;
  const ask = (change: Partial<FilterSpec>) =>
    inspection.setFilter({ ...inspection.spec, ...change });
  // Keep the selected type in the list even if a replay has not reached it.
  const types = [...new Set([...tally.types.keys(), spec.type])].filter((type) => type !== "");
  const moving = inspection.phase === "live" || inspection.replaying;
  return (
    <div class="controls">
      <div class="stream-find">
        <label for="stream-find" class="sr-only">Find in type, id, data and comments</label>
        <input
          id="stream-find"
          type="search"
          value={spec.text}
          placeholder="find… or /pattern/"
          spellcheck={false}
          autocomplete="off"
          aria-invalid={inspection.filterProblem === null ? undefined : "true"}
          aria-describedby="stream-found"
          onInput={({ currentTarget }) => ask({ text: currentTarget.value })}
        />
      </div>
      <label class="sr-only" for="stream-type">Type</label>
      <select
        id="stream-type"
        onChange={({ currentTarget }) => ask({ type: currentTarget.value })}
      >
        <option value="">all types</option>
        {types.map((type) => (
          <option key={type} value={type} selected={type === spec.type}>
            {type} ({count(tally.types.get(type) ?? 0)})
          </option>
        ))}
      </select>
      <label class="check">
        <input
          type="checkbox"
          checked={spec.faulty}
          onChange={({ currentTarget }) => ask({ faulty: currentTarget.checked })}
        />
        problems only
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={spec.noComments}
          onChange={({ currentTarget }) => ask({ noComments: currentTarget.checked })}
        />
        no heartbeats
      </label>
      <p id="stream-found" class="found">
        {inspection.filterProblem === null
          ? `${count(inspection.rows.length)} of ${count(inspection.shown)}`
          : <span class="error-text">{inspection.filterProblem}</span>}
      </p>
      <div class="doing">
        {moving && (
          <button
            type="button"
            class="plain touch"
            aria-pressed={following}
            onClick={() => onFollow(!following)}
          >
            {following ? "following" : "follow"}
          </button>
        )}
        {inspection.phase !== "done"
          ? (
            <button type="button" class="plain touch" onClick={() => inspection.stop()}>
              Stop
            </button>
          )
          : <Replay inspection={inspection} drawn={drawn} onStart={onReplay} />}
        <button type="button" class="plain touch" onClick={onExport} disabled={tally.events === 0}>
          Export NDJSON
        </button>
      </div>
    </div>
  );
}

/** Recorded times at a speed; without times, a number of blocks per second. */
const SPEEDS: readonly (readonly [string, Pace])[] = [1, 2, 5, 20].map((speed) => [
  speed === 1 ? "original speed" : `${speed}× as fast`,
  { speed },
]);
const RATES: readonly (readonly [string, Pace])[] = [5, 20, 100, 1000].map((perSecond) => [
  `${perSecond} a second`,
  { perSecond },
]);

function Replay(
  { inspection, onStart }: Pick<ControlsProps, "inspection" | "drawn"> & { onStart: () => void },
) {
  const paces = inspection.scanner.timed ? SPEEDS : RATES;
  const [chosen, setChosen] = useState(0);
  const pace = paces[chosen]?.[1] ?? { speed: 1 };
  if (inspection.blocks.length === 0) return null;
  return (
    <>
      <label class="sr-only" for="stream-pace">Replay at</label>
      <select
        id="stream-pace"
        onChange={({ currentTarget }) => {
          setChosen(currentTarget.selectedIndex);
          const wanted = paces[currentTarget.selectedIndex]?.[1];
          if (wanted !== undefined) inspection.setPace(wanted);
        }}
      >
        {paces.map(([label], at) => <option key={label} selected={at === chosen}>{label}</option>)}
      </select>
      {inspection.replaying
        ? (
          <button type="button" class="plain touch" onClick={() => inspection.endReplay()}>
            Show all
          </button>
        )
        : (
          <button
            type="button"
            class="plain touch"
            onClick={() => {
              onStart();
              inspection.replay(pace);
            }}
          >
            Replay
          </button>
        )}
    </>
  );
}
