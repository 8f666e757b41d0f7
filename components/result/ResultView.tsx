/** The result of a finished run: its content, the basis of each part, and all its sources. */
import type { FieldBasis, TaskRunInput, TaskRunOutput } from "../../lib/parallel/mod.ts";
import {
  COUNTED,
  describingSchema,
  type Fit,
  type Grounds,
  hasPlace,
  strayBasis,
  type TrimmedBasis,
  trimValue,
} from "../../lib/results/mod.ts";
import { count } from "../../lib/base/mod.ts";
import { BasisNote } from "./Basis.tsx";
import { JsonValue } from "./JsonValue.tsx";
import type { Reading } from "./reading.ts";
import { SchemaFit } from "./SchemaFit.tsx";
import { Sources } from "./Sources.tsx";
import { TextResult } from "./TextResult.tsx";
import { ToolCalls } from "./ToolCalls.tsx";

/** The limit on rendering: within 200 ms, during which all other work waits. result.json has the rest. */
const SHOWN = { values: 3_000, chars: 100_000, marks: 25_000, paths: 200_000 };
/** Characters of descriptions: those of a list's fields repeat with each of its items. */
const DESCRIPTION_CHARS = 200_000;

export interface ResultViewProps {
  readonly input: TaskRunInput;
  readonly output: TaskRunOutput;
  readonly grounds: Grounds;
  readonly shown: TrimmedBasis;
  /** `null` if the request had no schema. */
  readonly fit: Fit | null;
  /** The URL of the whole result; `null` for a visitor, who has no export. */
  readonly jsonHref: string | null;
}

export function ResultView({ input, output, grounds, shown, fit, jsonHref }: ResultViewProps) {
  const { value, omitted } = trimValue(output.content, SHOWN);
  const stray = typeof output.content === "string" ? [] : strayBasis(shown.basis, output.content);
  const reading: Reading = {
    grounds,
    misfits: misfitsByPath(fit),
    room: { descriptions: DESCRIPTION_CHARS },
  };
  const isShown = (field: string) => typeof value !== "string" && hasPlace(value, field);
  return (
    <>
      {fit && <SchemaFit fit={fit} isShown={isShown} />}
      {typeof value === "string"
        ? <TextResult text={value} output={{ ...output, basis: shown.basis }} grounds={grounds} />
        : (
          <JsonValue
            value={value}
            path=""
            schema={describingSchema(input, output)}
            reading={reading}
          />
        )}
      {omitted > 0 && (
        <p class="notice calm mt-4">
          This result is too long to show whole ({omittedWords(omitted)}{" "}
          left out or cut). All of it is in <Whole href={jsonHref} />.
        </p>
      )}
      {shown.entriesLeft + shown.citationsLeft > 0 && (
        <p class="notice calm mt-4">
          The basis of this result is too long to show whole ({leftWords(shown)}{" "}
          left out). All of it is in <Whole href={jsonHref} />.
        </p>
      )}
      <Raw output={output} whole={omitted === 0} />
      <Stray basis={stray} grounds={grounds} />
      {grounds.sources.length > 0 && (
        <section class="mt-8" aria-labelledby="sources-title">
          <h2 id="sources-title" class="ruled">Sources {count(grounds.sources.length)}</h2>
          <Sources sources={grounds.sources} isShown={isShown} />
        </section>
      )}
      <ToolCalls calls={output.mcp_tool_calls ?? []} />
    </>
  );
}

function leftWords({ entriesLeft, citationsLeft }: TrimmedBasis): string {
  const parts = [[entriesLeft, "entry", "entries"], [
    citationsLeft,
    "citation",
    "citations",
  ]] as const;
  return parts.flatMap(([n, one, several]) =>
    n === 0 ? [] : `${count(n)} ${n === 1 ? one : several}`
  )
    .join(" and ");
}

function Whole({ href }: { href: string | null }) {
  return href === null ? <>its owner’s exports</> : <a href={href}>result.json</a>;
}

function omittedWords(omitted: number): string {
  if (omitted > COUNTED) return `more than ${count(COUNTED)} values`;
  return omitted === 1 ? "1 value" : `${count(omitted)} values`;
}

function misfitsByPath(fit: Fit | null): Map<string, string[]> {
  const byPath = new Map<string, string[]>();
  for (const { path, what } of fit?.kind === "misfits" ? fit.misfits : []) {
    byPath.set(path, [...byPath.get(path) ?? [], what]);
  }
  return byPath;
}

/** The content as returned by the API. */
function Raw({ output, whole }: { output: TaskRunOutput; whole: boolean }) {
  const isText = typeof output.content === "string";
  return (
    <details class="fold payload mt-4 print:hidden">
      <summary>{isText ? "Raw Markdown" : "Raw JSON"}</summary>
      {whole
        ? (
          <>
            <button type="button" class="plain scripted touch text-sm" data-copy-from="raw">
              copy
            </button>
            <pre id="raw" tabIndex={0} dir="auto">
              {isText ? output.content : JSON.stringify(output.content, null, 2)}
            </pre>
          </>
        )
        : <p>Too long to show here; result.json has it.</p>}
    </details>
  );
}

/** Basis entries for fields that the content does not have. */
function Stray({ basis, grounds }: { basis: readonly FieldBasis[]; grounds: Grounds }) {
  if (basis.length === 0) return null;
  return (
    <section class="mt-6">
      <h3>Also reported</h3>
      <dl class="fields">
        {basis.map((entry) => (
          <div key={entry.field} class="field">
            <dt>
              <code>{entry.field}</code>
            </dt>
            <dd class="note">
              <BasisNote basis={entry} grounds={grounds} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
