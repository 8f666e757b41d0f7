/** The actions for the selected tasks. */

const ACTIONS = [
  ["compare", "Compare"],
  ["ndjson", "Export NDJSON"],
  ["csv", "CSV"],
  ["zip", "ZIP"],
  ["delete", "Delete"],
] as const;

export interface SelectionProps {
  /** The number of selected tasks, if known. */
  readonly count: number | null;
  /** Selects all, or none if all are selected. */
  readonly onAll: () => void;
}

export function Selection({ count, onAll }: SelectionProps) {
  return (
    <div class="selection" role="group" aria-label="With the selected tasks">
      <span class="text-soft">Selected{count !== null && ` ${count}`}:</span>
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
