/** What can be done with the tasks that are ticked. */

const ACTIONS = [
  ["compare", "Compare"],
  ["ndjson", "Export NDJSON"],
  ["csv", "CSV"],
  ["zip", "ZIP"],
  ["delete", "Delete"],
] as const;

export interface SelectionProps {
  /** How many are ticked, where that is known. */
  readonly count: number | null;
  /** Ticks all of them, or none where all are. */
  readonly onAll: () => void;
}

export function Selection({ count, onAll }: SelectionProps) {
  return (
    <div class="selection" role="group" aria-label="With the selected tasks">
      <span class="text-muted">Selected{count !== null && ` ${count}`}:</span>
      {ACTIONS.map(([action, words]) => (
        <button key={action} type="submit" name="action" value={action} class="plain">
          {words}
        </button>
      ))}
      {/* For a table, which a person opens in a spreadsheet. */}
      <input type="hidden" name="bom" value="1" />
      <button type="button" class="plain scripted" onClick={onAll}>All or none</button>
    </div>
  );
}
