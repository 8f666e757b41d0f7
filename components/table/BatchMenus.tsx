/** Menus of a batch: export, share and more. They work without JavaScript. */
import { NotifyOffer, type NotifyOfferProps } from "../run/NotifyOffer.tsx";
import { Icon } from "../ui/Icon.tsx";
import { count } from "../../lib/base/mod.ts";

export interface BatchMenusProps {
  /** The path of the batch's page. */
  readonly base: string;
  readonly name: string;
  readonly rows: number;
  /** The filter in the page's URL, without `?`, for exports. */
  readonly filter: string;
  /** Rows in the filter. */
  readonly matching: number;
  /** Whether the batch is shared. */
  readonly hasLink: boolean;
  /** Whether the owner will be notified when it ends; `null` once it has ended. */
  readonly offer: NotifyOfferProps["offer"] | null;
  /** The name that was entered before signing in again. */
  readonly nameKept: string | null;
}

const FORMATS: readonly (readonly [file: string, more: string, label: string])[] = [
  ["table.csv", "", "CSV"],
  ["table.csv", "bom=1", "CSV for Excel"],
  ["table.csv", "sources=1", "CSV with sources"],
  ["table.xlsx", "", "Excel workbook"],
  ["table.xlsx", "sources=1", "Excel workbook with sources"],
  ["rows.ndjson", "", "NDJSON"],
  ["reports.zip", "", "Row reports (ZIP)"],
];

/** Actions that are always available. Rendered only on the server. */
export function BatchMenus(props: BatchMenusProps) {
  const { base, hasLink } = props;
  return (
    <div class="actions batch-actions">
      <Export {...props} />
      {!hasLink && <Share base={base} />}
      <More {...props} />
    </div>
  );
}

function Export({ base, rows, filter, matching }: BatchMenusProps) {
  return (
    <details class="menu start" name="action">
      <summary class="button ghost">
        <Icon name="download" /> <span class="word">Export</span>
      </summary>
      <div>
        <p class="text-sm text-soft">
          {filter === "" ? `All ${count(rows)} rows.` : `The ${count(matching)} rows shown.`}
        </p>
        <ul>
          {FORMATS.map(([file, more, label]) => (
            <li key={label}>
              <a href={`${base}/${file}${query(filter, more)}`} download>{label}</a>
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

function Share({ base }: { readonly base: string }) {
  return (
    <details class="menu start" name="action">
      <summary class="button ghost">
        <Icon name="share-2" /> <span class="word">Share</span>
      </summary>
      <form method="post" action={`${base}/share`}>
        <p class="text-sm text-soft">
          Anyone with the link can read the table, its answers and their sources, live while it
          runs. The runs’ own pages, metadata, keys and the addresses of webhooks and tool servers
          stay hidden.
        </p>
        <button type="submit" class="button my-4">Make a link</button>
      </form>
    </details>
  );
}

function More({ base, name, nameKept, offer }: BatchMenusProps) {
  return (
    <details class="menu start" name="action" open={nameKept !== null}>
      <summary class="button ghost">
        <Icon name="ellipsis" /> <span class="sr-only">More actions</span>
      </summary>
      <div>
        <ul>
          {offer !== null && (
            <li>
              <NotifyOffer offer={offer} base={base} />
            </li>
          )}
          <li>
            <a href={`${base}/columns`}>
              <Icon name="columns-2" /> Add columns
            </a>
          </li>
          <li>
            <a href={`${base}/rows`}>
              <Icon name="plus" /> Add rows
            </a>
          </li>
          <li>
            <a href={`/schedules/new?batch=${base.slice("/batches/".length)}`}>
              <Icon name="calendar-clock" /> Run every …
            </a>
          </li>
        </ul>
        <form method="post" action={`${base}/rename`}>
          {nameKept !== null && (
            <p role="status">What you typed is back. Nothing was changed yet.</p>
          )}
          <label for="rename">Name</label>
          <input
            id="rename"
            name="name"
            value={nameKept ?? name}
            maxLength={200}
            autocomplete="off"
          />
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
