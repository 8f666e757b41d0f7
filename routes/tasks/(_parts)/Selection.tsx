/** The actions for the ticked tasks. The bar appears once something is ticked. */
import { Icon, type IconName } from "../../../components/ui/Icon.tsx";

/** The most runs that can be compared. */
const MAX_COMPARED = 4;

export interface SelectionProps {
  /** The number of ticked tasks; `null` before the script has counted. */
  readonly count: number | null;
  readonly onAll: () => void;
  readonly onNone: () => void;
}

export function Selection({ count, onAll, onNone }: SelectionProps) {
  const cannotCompare = count !== null && (count < 2 || count > MAX_COMPARED);
  return (
    <div class="bulk" role="group" aria-label="With the ticked tasks">
      <span>
        {count === null ? "Ticked" : (
          <>
            <b>{count}</b> ticked
          </>
        )}
      </span>
      <button
        type="submit"
        name="action"
        value="compare"
        disabled={cannotCompare}
        title={cannotCompare ? "Two to four tasks can be compared" : undefined}
      >
        <Icon name="columns-2" />
        {/* On a phone there is room for the reason or the word. */}
        <span class={cannotCompare ? "word" : ""}>Compare</span>
        {cannotCompare && <small>(2 to 4)</small>}
      </button>
      <Action action="table" icon="table" word="Table" />
      <Action action="rerun" icon="rotate-cw" word="Run again" />
      <details class="menu up">
        <summary>
          <Icon name="download" />
          <span class="word">Export</span>
        </summary>
        <ul>
          <Format action="csv" words="Table (CSV)" />
          <Format action="ndjson" words="For Taskstream (NDJSON)" />
          <Format action="zip" words="Reports (ZIP)" />
        </ul>
      </details>
      <Action action="delete" icon="trash-2" word="Delete" />
      {/* For a table, which a person opens in a spreadsheet. */}
      <input type="hidden" name="bom" value="1" />
      <button type="button" class="scripted hidden sm:inline-flex" onClick={onAll}>All</button>
      <button type="button" class="scripted" onClick={onNone} aria-label="Untick all">
        <Icon name="x" />
      </button>
    </div>
  );
}

interface ActionProps {
  readonly action: string;
  readonly icon: IconName;
  readonly word: string;
}

function Action({ action, icon, word }: ActionProps) {
  return (
    <button type="submit" name="action" value={action} aria-label={word}>
      <Icon name={icon} />
      <span class="word">{word}</span>
    </button>
  );
}

function Format({ action, words }: { readonly action: string; readonly words: string }) {
  return (
    <li>
      <button type="submit" name="action" value={action}>{words}</button>
    </li>
  );
}
