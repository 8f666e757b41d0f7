/** What can be done with a batch, as forms that work without script. */
import { Icon } from "../ui/Icon.tsx";
import { type BatchView, WAITING } from "../../lib/batches/model/mod.ts";
import { count, dollars } from "../../lib/base/mod.ts";
import type { ComponentChildren } from "preact";
import type { BatchFacts } from "./columns.ts";

export interface ActionsProps {
  readonly facts: BatchFacts;
  readonly view: BatchView;
  readonly failed: number;
}

export function Actions({ facts, view, failed }: ActionsProps) {
  const base = `/batches/${encodeURIComponent(facts.id)}`;
  const waiting = view.counts[WAITING] ?? 0;
  const { stronger } = facts;
  return (
    <div class="actions batch-actions">
      {view.state === "running" && (
        <Press action={`${base}/pause`} title="Rows already sent cannot be stopped at Parallel.">
          Pause
        </Press>
      )}
      {view.state === "paused" && (
        <Press action={`${base}/start`} strong>
          {waiting > 0 ? `Run the other ${waiting === 1 ? "row" : count(waiting)}` : "Go on"}
          {waiting > 0 && facts.price_usd !== null && (
            <span class="font-normal">{dollars(waiting * facts.price_usd)}</span>
          )}
        </Press>
      )}
      {failed > 0 && <Press action={`${base}/retry`}>Retry {count(failed)}</Press>}
      {view.low > 0 && stronger !== null && (
        <Press action={`${base}/escalate`} fields={{ processor: stronger.name }}>
          Rerun {count(view.low)} on {stronger.name}
          <span class="font-normal">{dollars(view.low * stronger.price_usd)}</span>
        </Press>
      )}
      <Export base={base} facts={facts} rows={view.rows} />
      <More base={base} name={view.name} />
    </div>
  );
}

function Press(
  { action, strong = false, title, fields = {}, children }: {
    readonly action: string;
    readonly strong?: boolean;
    readonly title?: string;
    readonly fields?: Readonly<Record<string, string>>;
    readonly children: ComponentChildren;
  },
) {
  return (
    <form method="post" action={action}>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button type="submit" class={strong ? "button go" : "button"} title={title}>
        {children}
      </button>
    </form>
  );
}

const FORMATS: readonly (readonly [file: string, more: string, label: string])[] = [
  ["table.csv", "", "CSV"],
  ["table.csv", "bom=1", "CSV for Excel"],
  ["table.csv", "sources=1", "CSV with sources"],
  ["table.xlsx", "", "Excel workbook"],
  ["table.xlsx", "sources=1", "Excel workbook with sources"],
  ["rows.ndjson", "", "NDJSON"],
  ["reports.zip", "", "Reports of the rows, as ZIP"],
];

function Export(
  { base, facts, rows }: {
    readonly base: string;
    readonly facts: BatchFacts;
    readonly rows: number;
  },
) {
  return (
    <details class="menu start" name="action">
      <summary>
        Export <Icon name="chevron-down" small />
      </summary>
      <div>
        <p class="text-sm text-soft">
          {facts.query === ""
            ? `All ${count(rows)} rows.`
            : `The ${count(facts.matching)} rows shown.`}
        </p>
        <ul>
          {FORMATS.map(([file, more, label]) => (
            <li key={label}>
              <a href={`${base}/${file}${query(facts.query, more)}`} download>{label}</a>
            </li>
          ))}
        </ul>
      </div>
    </details>
  );
}

function query(...parts: readonly string[]): string {
  const all = parts.filter((part) => part !== "").join("&");
  return all === "" ? "" : `?${all}`;
}

function More({ base, name }: { readonly base: string; readonly name: string }) {
  return (
    <details class="menu start" name="action">
      <summary>
        More <Icon name="chevron-down" small />
      </summary>
      <div>
        <form method="post" action={`${base}/rename`}>
          <label for="rename">Name</label>
          <input id="rename" name="name" defaultValue={name} maxLength={200} autocomplete="off" />
          <button type="submit" class="button my-2">Rename</button>
        </form>
        <form method="post" action={`${base}/delete`}>
          <p class="text-sm text-soft">
            Deletes the table and its runs here. Rows already sent cannot be stopped at Parallel.
          </p>
          <button type="submit" class="button danger my-2">Delete the batch</button>
        </form>
      </div>
    </details>
  );
}
