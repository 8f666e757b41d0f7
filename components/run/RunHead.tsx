/** The head of a finished run: status, confidence and cost, then its actions. */
import type { ComponentChildren } from "preact";
import type { FieldBasis, TaskRunInput } from "../../lib/parallel/mod.ts";
import type { TracedPage } from "../../lib/runs/model/mod.ts";
import { type Appraisal, hasPlace, hostOf, pathKey, showValue } from "../../lib/results/mod.ts";
import { count, dollars, duration, exact } from "../../lib/base/mod.ts";
import { hasReasons, Reasons } from "../result/Evidence.tsx";
import { fieldHref, pathWords } from "../result/reading.ts";
import { Ago } from "../ui/Ago.tsx";
import {
  ConfidenceBar,
  ConfidenceMark,
  confidenceParts,
  type ConfidenceSegment,
} from "../ui/Confidence.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Status } from "../ui/Status.tsx";

/** The most characters of an input's members that a title shows. */
const TITLE_CHARS = 280;

/** The title. An input of several members shows its first, then the others that fit. */
export function RunTitle({ title, input }: { title: string; input: TaskRunInput }) {
  const [first, ...others] = titleParts(title, input);
  return (
    <h1 class="run-title" dir="auto" title={title}>
      {first === undefined ? title : `${first} `}
      {others.map((text, at) => <span key={at}>{`${text} `}</span>)}
    </h1>
  );
}

/** The values of the input's members, or none if the owner gave the run another title. */
export function titleParts(title: string, { input }: TaskRunInput): string[] {
  const parts: string[] = [];
  if (typeof input === "string") return parts;
  let left = TITLE_CHARS;
  for (const name of Object.keys(input)) {
    if (parts.length === 0 && !startsWith(title, name, input[name])) break;
    const text = memberText(input[name]);
    left -= text.length + 1;
    parts.push(left < 0 ? "…" : text);
    if (left < 0) break;
  }
  return parts;
}

/** Whether a title starts with a member, as it does unless the owner gave the run another. */
function startsWith(title: string, name: string, value: unknown): boolean {
  const [line = ""] = typeof value === "string" ? value.trim().split(/\r?\n/, 1) : [];
  return title.startsWith(`${name}: `) || line !== "" && title.startsWith(line.slice(0, 100));
}

function memberText(value: unknown): string {
  const { kind, text } = showValue(value);
  return kind === "link" ? hostOf(String(value)) : text;
}

export interface RunFactsProps {
  readonly page: TracedPage;
  readonly appraisal: Appraisal | null;
  readonly now: number;
  /** Whether the reader owns the run. */
  readonly own: boolean;
}

/** Line 1 of an ended run. */
export function RunFacts({ page, appraisal, now, own }: RunFactsProps) {
  const { run, view, ended_ms, output } = page;
  return (
    <div class="run-facts">
      <span>
        <Status status={view.status} />{" "}
        <span class="text-soft">
          {view.status === "completed" ? "in" : "after"}{" "}
          {duration(ended_ms === null ? null : ended_ms - run.created_ms)}
        </span>
      </span>
      {output !== null && appraisal !== null && (
        output.type === "text"
          ? <TextConfidence basis={output.basis} appraisal={appraisal} />
          : <FieldConfidence fields={segmentsOf(output.basis, output.content)} />
      )}
      <span title={run.simulated ? "On the real API. The sandbox is free." : undefined}>
        {view.status === "failed" ? "not billed" : dollars(run.price_usd)}{" "}
        <span class="text-soft">· {run.processor}</span>
      </span>
      <RunId page={page} now={now} own={own} />
    </div>
  );
}

/** When the run was created, and its id. */
export function RunId({ page: { run }, now, own }: Pick<RunFactsProps, "page" | "now" | "own">) {
  // An age would change the shared page, which is confirmed by its content.
  if (!own) {
    return (
      <span class="run-id run-shared">Shared, read only · created {exact(run.created_ms)}</span>
    );
  }
  return (
    <span class="run-id">
      <Ago ms={run.created_ms} now={now} /> · <code title={run.run_id}>{shortId(run.run_id)}</code>
      <button
        type="button"
        class="icon-button scripted touch"
        data-copy={run.run_id}
        aria-label="Copy the run ID"
      >
        <Icon name="copy" small />
        <span></span>
      </button>
    </span>
  );
}

function shortId(id: string): string {
  return id.length <= 16 ? id : `${id.slice(0, 13)}…`;
}

/** A segment for each basis entry, linked to its field. */
export function segmentsOf(basis: readonly FieldBasis[], content: unknown): ConfidenceSegment[] {
  return basis.map(({ field, confidence }) => ({
    name: pathWords(field),
    level: confidence || null,
    ...hasPlace(content, field) && { href: fieldHref(pathKey(field)) },
  }));
}

/** The levels of all fields as a bar and as counts. "low" leads to the first such field. */
function FieldConfidence({ fields }: { fields: readonly ConfidenceSegment[] }) {
  if (fields.length === 0) return null;
  return (
    <span class="confidence-line">
      <ConfidenceBar fields={fields} />
      <span>
        {confidenceParts(fields).map(({ level, fields }, at) => {
          const words = `${count(fields.length)} ${level}`;
          const href = level === "low" && fields.find(({ href }) => href !== undefined)?.href;
          return (
            <>
              {at > 0 && <span class="text-soft">·</span>}
              {href
                ? <a href={href} class="link text-warn touch inline-flex items-center">{words}</a>
                : words}
            </>
          );
        })}
      </span>
    </span>
  );
}

/** The confidence in a text. Its reasons open in a popover, which needs no script. */
function TextConfidence(
  { basis: [whole], appraisal }: { basis: readonly FieldBasis[]; appraisal: Appraisal },
) {
  const shown = appraisal.shown.basis[0];
  if (whole === undefined) return null;
  const reading = {
    basisIndex: appraisal.basisIndex,
    quotes: appraisal.shown.quotes,
    misfits: new Map(),
    lengthOf: () => 0,
    room: { descriptions: 0 },
  };
  return (
    <span class="confidence-line">
      <ConfidenceMark level={whole.confidence} long />
      {shown && hasReasons(shown, reading) && (
        <>
          <button type="button" class="why-button touch" popovertarget="why">
            Why <Icon name="chevron-down" small />
          </button>
          <div id="why" popover="auto" class="popover why-popover" role="dialog" aria-label="Why">
            <Reasons basis={shown} reading={reading} value={null} />
          </div>
        </>
      )}
    </span>
  );
}

export interface RunBarProps {
  readonly page: TracedPage;
  readonly fields: readonly ConfidenceSegment[];
  /** The number of sources listed; `null` without a result. */
  readonly sources: number | null;
  readonly hasTimeline: boolean;
  /** The actions. */
  readonly children: ComponentChildren;
}

/** Line 2: actions, and the ways to the page's parts. Once stuck, a title takes the actions' place. */
export function RunBar({ page, fields, sources, hasTimeline, children }: RunBarProps) {
  const { view, title, part, output } = page;
  return (
    <div class="run-bar print:hidden">
      <p class="run-bar-title" aria-hidden="true">
        <span class="status" data-status={view.status}>
          <i></i>
        </span>
        <b class="cut">{title}</b>
        <ConfidenceBar small fields={fields.map(({ name, level }) => ({ name, level }))} />
      </p>
      {children}
      <nav class="jumps" aria-label="On this page">
        {output !== null && <a href="#result-title">Result</a>}
        {sources !== null && sources > 0 && (
          <a href="#sources-title">
            Sources <small>{count(sources)}</small>
          </a>
        )}
        {hasTimeline && <a href="#timeline">Timeline</a>}
        <a href="#trace">
          Trace <small>{count(part.total)}</small>
        </a>
        <a href="#input">Input</a>
      </nav>
    </div>
  );
}
