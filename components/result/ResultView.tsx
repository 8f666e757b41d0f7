/** The result of a finished run: its content with the basis of each part, and all its sources. */
import type { FieldBasis, TaskRunInput, TaskRunOutput } from "../../lib/parallel/mod.ts";
import {
  type BasisIndex,
  describingSchema,
  type Fit,
  hasPlace,
  MAX_COUNTED,
  pathKey,
  referencesIn,
  type ResultRoom,
  type Source,
  stepsOf,
  strayBasis,
  type TrimmedBasis,
  trimValue,
  valueAt,
} from "../../lib/results/mod.ts";
import { bytes, count, isObject, jsonBeginning, jsonLength } from "../../lib/base/mod.ts";
import { hasReasons, Marks, Reasons, WhyToggle } from "./Evidence.tsx";
import { Fields, JsonValue } from "./JsonValue.tsx";
import { fieldHref, pathWords, type Reading, type ResultMode } from "./reading.ts";
import { ResultHead } from "./ResultHead.tsx";
import { SchemaFit } from "./SchemaFit.tsx";
import { type CitingPlace, Sources } from "./Sources.tsx";
import { renderReport, TextResult } from "./TextResult.tsx";
import { ToolCalls } from "./ToolCalls.tsx";

/** Characters of descriptions: those of a list's fields repeat with each of its items. */
const DESCRIPTION_CHARS = 20_000;
/** The API's name for the whole of a text or single-value output: meaningless in a list. */
const WHOLE = "output";
/** `1 entry, 2 citations and the reasoning` */
const LIST = new Intl.ListFormat("en-GB");

export interface ResultViewProps {
  readonly input: TaskRunInput;
  readonly output: TaskRunOutput;
  readonly basisIndex: BasisIndex;
  readonly shown: TrimmedBasis;
  /** `null` if the request had no schema. */
  readonly fit: Fit | null;
  readonly room: ResultRoom;
  readonly mode: ResultMode;
  /** The run's path; `null` for a visitor, who has no exports. */
  readonly base: string | null;
  /** The number of pages that the run read; `null` if unknown. */
  readonly read: number | null;
}

export function ResultView(props: ResultViewProps) {
  const { input, output, basisIndex, shown, fit, mode, base, read } = props;
  const { value, omitted, report } = shownPart(props);
  const reading: Reading = {
    basisIndex,
    quotes: shown.quotes,
    misfits: misfitsByPath(fit),
    lengthOf: (path) => {
      const list = valueAt(output.content, path);
      return Array.isArray(list) ? list.length : 0;
    },
    room: { descriptions: DESCRIPTION_CHARS },
  };
  const isShown = (field: string) => typeof value !== "string" && hasPlace(value, field);
  const placesOf = ({ number, fields }: Source): CitingPlace[] =>
    report === null
      ? topFields(fields).map(([name, first]) => ({
        name: pathWords(name),
        href: isShown(first) ? fieldHref(pathKey(first)) : null,
      }))
      : (report.citedUnder.get(`#source-${number}`) ?? []).map(({ id, text }) => ({
        name: text,
        href: `#${id}`,
      }));
  return (
    <>
      <ResultHead content={output.content} fit={fit} mode={mode} base={base} />
      <div class="result" id="result">
        {fit && <SchemaFit fit={fit} isShown={isShown} />}
        {mode === "raw"
          ? <Raw content={output.content} base={base} />
          : report !== null && typeof value === "string"
          ? <TextResult text={value} report={report} />
          : isObject(value)
          ? (
            <Fields
              value={value}
              path=""
              schema={describingSchema(input, output)}
              reading={reading}
            />
          )
          : (
            <div class="field wide-field">
              <JsonValue
                value={value}
                path=""
                name=""
                schema={describingSchema(input, output)}
                reading={reading}
              />
            </div>
          )}
        {mode !== "raw" && <LeftOut {...props} value={value} omitted={omitted} />}
        {mode !== "raw" && typeof output.content !== "string" && (
          <Stray basis={strayBasis(shown.basis, output.content)} reading={reading} />
        )}
        {basisIndex.sources.length > 0 && (
          <Sources sources={basisIndex.sources} placesOf={placesOf} read={read} />
        )}
      </div>
      <ToolCalls calls={output.mcp_tool_calls ?? []} />
    </>
  );
}

/** The most HTML of a text as its page opens (bytes): the link of a number is long, and some texts have a thousand. */
const REPORT_BYTES = 130_000;

/** The part of the content that the page shows; of a text also its report. */
function shownPart({ output: { content, basis }, basisIndex, room }: ResultViewProps) {
  const { value, omitted } = trimValue(content, room.value);
  if (typeof content !== "string" || typeof value !== "string") {
    return { value, omitted, report: null };
  }
  // Use the whole content: the list of sources is at the end, where a long text is cut.
  const references = referencesIn(content, basis, basisIndex);
  const report = renderReport(value, references, basisIndex);
  const { firstPart } = room.value, size = new TextEncoder().encode(report.html).length;
  if (firstPart === undefined || size <= REPORT_BYTES) return { value, omitted, report };
  const chars = Math.floor(value.length * REPORT_BYTES / size);
  const part = String(trimValue(content, { ...room.value, chars }).value);
  return { value: part, omitted: 1, report: renderReport(part, references, basisIndex) };
}

/** The top-level fields among paths, each with the first path in it. */
function topFields(paths: readonly string[]): [field: string, first: string][] {
  const fields = new Map<string, string>();
  for (const path of paths) {
    const [field = path] = stepsOf(path) ?? [];
    if (path !== WHOLE && !fields.has(field)) fields.set(field, path);
  }
  return [...fields];
}

/** Says what the page omits, and links to all of it. */
function LeftOut(
  { output, shown, mode, base, value, omitted }: ResultViewProps & {
    value: unknown;
    omitted: number;
  },
) {
  const { content } = output;
  const basisLeft = leftWords(shown);
  const left = typeof value === "string" && typeof content === "string"
    ? `this is the first ${count(value.length)} of ${count(content.length)} characters`
    : `${omittedWords(omitted)} left out or cut`;
  if (omitted === 0 && basisLeft === "") return null;
  return (
    <p class="notice calm mt-4">
      {omitted > 0 &&
        `This result is too long to show whole (${left}). `}
      {basisLeft !== "" &&
        `The basis of this result is too long to show whole (${basisLeft} left out). `}
      {mode === "read"
        ? (
          <a href="?view=all#result-title">
            {omitted > 0
              ? `Show the whole result, ${bytes(jsonLength(content))}`
              : "Show the whole basis"}
          </a>
        )
        : (
          <>
            All of it is in <Whole base={base} />.
          </>
        )}
    </p>
  );
}

function leftWords({ basis, entriesLeft, citationsLeft, quotes }: TrimmedBasis): string {
  const parts = [[entriesLeft, "entry", "entries"], [
    citationsLeft,
    "citation",
    "citations",
  ]] as const;
  const words = parts.flatMap(([n, one, several]) =>
    n === 0 ? [] : `${count(n)} ${n === 1 ? one : several}`
  );
  const isUnreasoned = quotes.reasoning === 0 && basis.some(({ reasoning }) => reasoning !== "");
  return LIST.format([...words, ...isUnreasoned ? ["the reasoning"] : []]);
}

function Whole({ base }: { base: string | null }) {
  return base === null ? <>its owner’s exports</> : <a href={`${base}/result.json`}>result.json</a>;
}

function omittedWords(omitted: number): string {
  if (omitted > MAX_COUNTED) return `more than ${count(MAX_COUNTED)} values`;
  return omitted === 1 ? "1 value" : `${count(omitted)} values`;
}

function misfitsByPath(fit: Fit | null): Map<string, string[]> {
  const byPath = new Map<string, string[]>();
  for (const { path, what } of fit?.kind === "misfits" ? fit.misfits : []) {
    byPath.set(path, [...byPath.get(path) ?? [], what]);
  }
  return byPath;
}

/** The most of a raw content that a page shows (bytes). */
const RAW_BYTES = 120_000;

/** The content as returned by the API. */
function Raw({ content, base }: { content: TaskRunOutput["content"]; base: string | null }) {
  const isText = typeof content === "string";
  const text = isText ? content : jsonBeginning(content, RAW_BYTES + 1, 2);
  const limits = { values: 1, chars: RAW_BYTES, inHtml: true };
  const { value, omitted } = trimValue(text, limits);
  const shown = String(value);
  return (
    <div class="payload">
      {/* HTML ignores a line feed that begins the content. */}
      <pre id="raw" tabIndex={0} dir="auto">{shown.startsWith("\n") ? `\n${shown}` : shown}</pre>
      {omitted > 0 && (
        <p class="notice calm mt-4">
          This is the beginning of{" "}
          {bytes(isText ? text.length : jsonLength(content))}. All of it is in{" "}
          <Whole base={base} />.
        </p>
      )}
    </div>
  );
}

/** Basis entries for fields that the content does not have. */
function Stray({ basis, reading }: { basis: readonly FieldBasis[]; reading: Reading }) {
  if (basis.length === 0) return null;
  return (
    <section class="section">
      <h3 class="section-head">Also reported</h3>
      <dl class="fields">
        {basis.map((entry) => (
          <div key={entry.field} class="field">
            <dt>
              <code>{entry.field}</code>
            </dt>
            <dd class="evidence">
              <Marks basis={entry} reading={reading} />
              {hasReasons(entry, reading) && <WhyToggle label={entry.field} />}
            </dd>
            {hasReasons(entry, reading) && (
              <dd class="reasons">
                <Reasons basis={entry} reading={reading} value={null} />
              </dd>
            )}
          </div>
        ))}
      </dl>
    </section>
  );
}
