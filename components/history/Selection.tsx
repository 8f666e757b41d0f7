/** What can be done with the tasks that are ticked. */

const ACTIONS = [
  ["compare", "Compare"],
  ["ndjson", "Export NDJSON"],
  ["csv", "CSV"],
  ["zip", "ZIP"],
  ["delete", "Delete"],
] as const;

export function Selection() {
  return (
    <div class="selection" role="group" aria-label="With the selected tasks">
      <span class="text-muted">Selected:</span>
      {ACTIONS.map(([action, words]) => (
        <button key={action} type="submit" name="action" value={action} class="plain">
          {words}
        </button>
      ))}
    </div>
  );
}
