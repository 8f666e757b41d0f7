/** A result with its confidence, reasoning and sources: in a popover over the table, or as its own page. */
import type { ComponentChildren } from "preact";
import { Head } from "fresh/runtime";
import { ConfidenceMark } from "../../../../components/ui/Confidence.tsx";
import { Icon } from "../../../../components/ui/Icon.tsx";
import { Status } from "../../../../components/ui/Status.tsx";
import { SimulatedStamp } from "../../../../components/ui/Simulated.tsx";
import { WebLink } from "../../../../components/ui/WebLink.tsx";
import {
  beginning,
  count,
  dollars,
  isNumber,
  isObject,
  jsonBeginning,
} from "../../../../lib/base/mod.ts";
import type { Citation } from "../../../../lib/parallel/mod.ts";
import {
  hostOf,
  itemOf,
  labelOf,
  memberOf,
  orderedEntries,
  type Schema,
  shownLine,
  showValue,
  webUrl,
} from "../../../../lib/results/mod.ts";
import type { CellView, ReasonView } from "./opened_cell.ts";

/** Limits of the popover. The run's page shows everything. */
const MAX_REASONINGS = 5;
const MAX_CITATIONS = 12;
const REASONING_CHARS = 2_000;
const EXCERPT_CHARS = 600;
const VALUE_CHARS = 20_000;

export function OpenedCell(cell: CellView | ReasonView) {
  return "reason" in cell ? <OpenedReason {...cell} /> : <OpenedValue {...cell} />;
}

function OpenedReason({ base, row, rowName, status, reason, runId, retry }: ReasonView) {
  return (
    <Opened base={base} row={row} rowName={rowName} what="Status">
      <Status status={status} />
      <p class="whole" dir="auto">{reason}</p>
      <div class="flex flex-wrap items-center justify-between gap-x-4 text-sm">
        {retry !== null && (
          <form method="post" action={`${base}/retry`}>
            <input type="hidden" name="row" value={row} />
            <button type="submit" class="plain touch">
              Retry this row{retry.price_usd !== null && ` · ${dollars(retry.price_usd)}`}
            </button>
          </form>
        )}
        <RunLink runId={runId} />
      </div>
    </Opened>
  );
}

function RunLink({ runId }: Pick<CellView, "runId">) {
  return runId !== null && <a href={`/tasks/${encodeURIComponent(runId)}`}>Open the run</a>;
}

/** What a popover shows, and the page around it. */
function Opened(
  { base, row, rowName, what, children }: Pick<CellView, "base" | "row" | "rowName"> & {
    readonly what: string;
    readonly children: ComponentChildren;
  },
) {
  return (
    <>
      <Head>
        <title>{`${rowName}: ${what} · Taskstream`}</title>
      </Head>
      <p class="text-sm mb-4">
        <a href={`${base}#r${row}`}>Back to the table</a>
      </p>
      <article id="cell" class="opened-page">
        <div class="opened">
          <p class="flex items-center justify-between gap-4 text-sm text-soft">
            <span>
              {rowName} · {labelOf(what)}
            </span>
            <a href={`${base}#r${row}`} class="button ghost" data-close="" aria-label="Close">
              <Icon name="x" />
            </a>
          </p>
          {children}
        </div>
      </article>
    </>
  );
}

function OpenedValue(cell: CellView) {
  const { base, stronger } = cell;
  return (
    <Opened base={base} row={cell.row} rowName={cell.rowName} what={cell.column}>
      <div class="flex flex-wrap items-baseline gap-x-4">
        <Value value={cell.value} name={cell.column} schema={cell.schema} />
        <p class="text-sm">
          <ConfidenceMark level={cell.confidence} /> {cell.simulated && <SimulatedStamp />}
        </p>
      </div>
      {cell.reasonings.slice(0, MAX_REASONINGS).map((text, at) => (
        <p key={at} dir="auto">{cut(text, REASONING_CHARS)}</p>
      ))}
      {cell.citations.length > 0 && (
        <ol class="cited">
          {cell.citations.slice(0, MAX_CITATIONS).map((citation, at) => (
            <Cited key={at} citation={citation} number={at + 1} />
          ))}
        </ol>
      )}
      {cell.citations.length > MAX_CITATIONS && (
        <p class="text-sm">
          {count(cell.citations.length - MAX_CITATIONS)} more sources are on the run’s page
        </p>
      )}
      {cell.earlier.map(({ text, confidence, processor, runId }, at) => (
        <p key={at} class="text-sm text-soft">
          Before{processor !== null && `, on ${processor}`}: <b>{text || "–"}</b>{" "}
          <ConfidenceMark level={confidence} />{" "}
          {runId !== null && <a href={`/tasks/${encodeURIComponent(runId)}`}>Open that run</a>}
        </p>
      ))}
      <div class="flex flex-wrap items-center justify-between gap-x-4 text-sm">
        {stronger !== null && (
          <form method="post" action={`${base}/escalate`}>
            <input type="hidden" name="row" value={cell.row} />
            <input type="hidden" name="set" value={cell.set} />
            <input type="hidden" name="processor" value={stronger.name} />
            <button type="submit" class="plain touch">
              Rerun this row on {stronger.name} · {dollars(stronger.price_usd)}
            </button>
          </form>
        )}
        <RunLink runId={cell.runId} />
      </div>
    </Opened>
  );
}

interface CellValue {
  readonly value: unknown;
  readonly name: string;
  readonly schema: Schema | null;
}

function Value({ value, name, schema }: CellValue) {
  if (value === null || value === undefined || value === "") {
    return <p class="worth text-soft">No value was found</p>;
  }
  if (typeof value === "string" && webUrl(value) !== null && !/\s/.test(value)) {
    return (
      <p class="worth">
        <WebLink href={value} class="url" />
      </p>
    );
  }
  if (typeof value === "boolean" || isNumber(value)) {
    return <p class="worth">{shownLine(showValue(value, schema, name))}</p>;
  }
  if (typeof value === "string") {
    return (
      <p class={value.length > 80 ? "whole" : "worth"} dir="auto">{cut(value, VALUE_CHARS)}</p>
    );
  }
  const json = jsonBeginning(value, VALUE_CHARS + 1, 2);
  return json.length > VALUE_CHARS
    ? <pre class="code" tabIndex={0} aria-label="Value">{cut(json, VALUE_CHARS)}</pre>
    : (
      <div class="whole">
        <Parts value={value} name={name} schema={schema} />
      </div>
    );
}

/** A list or a record with its members, one below the other. */
function Parts({ value, name, schema }: CellValue) {
  if (Array.isArray(value) && value.length > 0) {
    return (
      <ul class="list-disc pl-5">
        {value.map((item, at) => (
          <li key={at}>
            <Parts value={item} name={name} schema={itemOf(schema)} />
          </li>
        ))}
      </ul>
    );
  }
  if (isObject(value)) {
    return orderedEntries(value, schema).map(([key, member]) => (
      <div key={key}>
        <span class="text-sm text-soft">{labelOf(key, member, memberOf(schema, key))}</span>{" "}
        <Parts value={member} name={key} schema={memberOf(schema, key)} />
      </div>
    ));
  }
  const { kind, text, unit } = showValue(value, schema, name);
  if (kind === "link") return <WebLink href={String(value)} class="url" />;
  const isText = kind === "text" || kind === "prose";
  return <bdi>{isText ? String(value) : shownLine({ kind, text, unit })}</bdi>;
}

function Cited({ citation, number }: { readonly citation: Citation; readonly number: number }) {
  const { url, title, excerpts } = citation;
  const host = hostOf(url);
  return (
    <li>
      <span class="text-soft">{number}</span>
      <div>
        <WebLink href={url}>{title || host}</WebLink>
        {title && <span class="text-soft">{` ${host}`}</span>}
        {(excerpts ?? []).slice(0, 3).map((excerpt, at) => (
          <blockquote key={at} dir="auto">{cut(excerpt, EXCERPT_CHARS)}</blockquote>
        ))}
      </div>
    </li>
  );
}

function cut(text: string, most: number): string {
  return text.length <= most
    ? text
    : `${beginning(text, most)}… (see the run’s page for the rest)`.toWellFormed();
}
