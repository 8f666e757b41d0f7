/** Two to four runs side by side: their inputs, progress and results. */
import type { ComponentChildren } from "preact";
import type { RunPage } from "../../../lib/runs/model/mod.ts";
import { SimulatedLine } from "../../../components/ui/Simulated.tsx";
import { statusWord } from "../../../components/ui/Status.tsx";
import { count } from "../../../lib/base/mod.ts";
import { WebLink } from "../../../components/ui/WebLink.tsx";
import {
  compareFields,
  fieldsThatFit,
  type FieldValue,
  hostOf,
  MOST_LEAVES,
  SHOWN_SOURCES,
} from "../../../lib/results/mod.ts";
import { Difference } from "./Difference.tsx";
import { Inputs } from "./Inputs.tsx";
import { MAX_COMPARED, Siblings, type SiblingsProps } from "./Siblings.tsx";

import { PATIENCE, type Patience } from "./words.ts";

export interface CompareProps extends Pick<SiblingsProps, "budget" | "overBudget" | "chosen"> {
  readonly runs: readonly RunPage[];
  readonly problem: string | null;
  /** Makes a double submit create one run. */
  readonly idempotencyKey: string;
  /** The runs' progress: an island. */
  readonly heads: ComponentChildren;
}

export function Compare(props: CompareProps) {
  const { runs, problem, idempotencyKey, heads } = props;
  const [first] = runs;
  if (first === undefined) return <Choose problem={problem} />;
  const labels = runs.map(labelOf);
  const patience = { characters: PATIENCE };
  const fields = compareFields(runs.map(({ output }) => output));
  const shown = fieldsThatFit(fields);
  const results = runs.filter(({ output }) => output !== null).length;
  const differing = fields.filter(({ differs }) => differs).length;
  return (
    <>
      {runs.some(({ run }) => run.simulated) && <SimulatedLine />}
      <h1 class="mt-6 mb-4">{runs.length === 1 ? "Compare with other processors" : "Compare"}</h1>
      {problem !== null && <p class="notice mb-4" role="alert">{problem}</p>}
      {heads}
      <section aria-labelledby="inputs" class="mt-8">
        <h2 id="inputs" class="ruled">Input</h2>
        <Inputs inputs={runs.map(({ run }) => run.input)} labels={labels} patience={patience} />
      </section>
      <section aria-labelledby="results" class="mt-8">
        <h2 id="results" class="ruled">
          Results{fields.length > 0 && results > 1 &&
            `: ${count(differing)} of ${fields.length >= MOST_LEAVES ? "the first " : ""}${
              count(fields.length)
            } differ`}
        </h2>
        <Without runs={runs} labels={labels} />
        {fields.length > shown.length && (
          <p class="notice calm mt-4">
            These results have {fields.length >= MOST_LEAVES ? "at least " : ""}
            {count(fields.length)} fields: the first {count(shown.length)}{" "}
            are compared here. All of them are in each task’s result.json.
          </p>
        )}
        {shown.map(({ path, values, differs }) => (
          <section key={path} class="mt-4">
            <h3>
              {path === "" ? "Text" : <code>{path}</code>}
              {differs && (
                <>
                  {" "}
                  <span class="stamp">differs</span>
                </>
              )}
            </h3>
            <div class="side">
              {values.map((value, index) => (
                <Value
                  key={labels[index]}
                  label={labels[index] ?? ""}
                  value={value}
                  patience={patience}
                  base={index === 0 ? null : values[0]?.text ?? null}
                />
              ))}
            </div>
          </section>
        ))}
      </section>
      {runs.length < MAX_COMPARED && (
        <Siblings {...props} run={first} others={runs.slice(1)} idempotencyKey={idempotencyKey} />
      )}
    </>
  );
}

/** A to D: names a run in the parts of the page, with its processor. */
function labelOf({ run }: RunPage, index: number): string {
  return `${"ABCD"[index]} · ${run.processor}`;
}

function Choose({ problem }: { problem: string | null }) {
  return (
    <>
      <h1 class="mt-6 mb-4">Compare</h1>
      {problem !== null && <p class="notice mb-4" role="alert">{problem}</p>}
      <p class="max-w-[60ch]">
        Tick two to four tasks in <a href="/tasks">the list</a>{" "}
        and press Compare, or open a task and run it on other processors.
      </p>
    </>
  );
}

/** For runs without a result, why: still running, or how they ended. */
function Without({ runs, labels }: { runs: readonly RunPage[]; labels: readonly string[] }) {
  const lines = runs.flatMap(({ output, ended, view }, index) => {
    if (output !== null) return [];
    const why = ended
      ? `${statusWord(view.status)}, without a result${
        view.error ? `: ${view.error.message}` : "."
      }`
      : "no result yet.";
    return [<li key={labels[index]}>{labels[index]}: {why}</li>];
  });
  return lines.length === 0 ? null : <ul>{lines}</ul>;
}

interface ValueProps {
  readonly label: string;
  readonly value: FieldValue;
  readonly base: string | null;
  readonly patience: Patience;
}

function Value({ label, value, base, patience }: ValueProps) {
  const { text, confidence, urls } = value;
  return (
    <div>
      <p class="text-sm text-soft">
        {label}
        {confidence !== null && ` · ${confidence} confidence`}
      </p>
      {text === null
        ? <p class="text-soft">–</p>
        : <Difference text={text} base={base} patience={patience} />}
      {urls.length > 0 && (
        <p class="text-sm hosts">
          {urls.slice(0, SHOWN_SOURCES).map((url) => (
            <WebLink key={url} href={url}>{hostOf(url)}</WebLink>
          ))}
          {urls.length > SHOWN_SOURCES && (
            <span class="text-soft">and {urls.length - SHOWN_SOURCES} more</span>
          )}
        </p>
      )}
    </div>
  );
}
