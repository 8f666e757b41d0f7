/** Two to four runs side by side: a row for each field of their results, a column for each run. */
import type { ComponentChildren } from "preact";
import { titleParts } from "../../../components/run/RunHead.tsx";
import { Icon } from "../../../components/ui/Icon.tsx";
import { SimulatedLine } from "../../../components/ui/Simulated.tsx";
import { statusWord } from "../../../components/ui/Status.tsx";
import { count } from "../../../lib/base/mod.ts";
import { fieldsThatFit, MAX_LEAVES } from "../../../lib/results/mod.ts";
import type { RunPage } from "../../../lib/runs/model/mod.ts";
import { ComparedFields, type ComparedRun } from "./ComparedFields.tsx";
import { askedFields, isShared } from "./asked.ts";
import { compareInputs } from "./input.ts";
import { AskedInputs, Inputs } from "./Inputs.tsx";
import { MAX_COMPARED, Siblings, type SiblingsProps } from "./Siblings.tsx";
import { verdictOf } from "./verdict.ts";
import { WORK_PER_PAGE } from "./Difference.tsx";

export interface CompareProps extends Pick<SiblingsProps, "budget" | "overBudget" | "chosen"> {
  readonly runs: readonly ComparedRun[];
  /** Other runs of the same task, for a comparison of one run. */
  readonly related: readonly { readonly run_id: string; readonly words: string }[];
  readonly problem: string | null;
  /** Fields in the order of the results instead of those that differ first. */
  readonly asAsked: boolean;
  /** Makes a double submit create one run. */
  readonly idempotencyKey: string;
  /** The runs' progress: an island. */
  readonly heads: ComponentChildren;
}

export function Compare(props: CompareProps) {
  const { runs, problem, heads, asAsked } = props;
  const [first] = runs;
  if (first === undefined) return <Choose problem={problem} />;
  const labels = labelsOf(runs);
  const workLeft = { ...WORK_PER_PAGE };
  const options = compareInputs(runs.map(({ run }) => run.input));
  const isSame = options.every(({ name, differs }) => name !== "input" || !differs);
  const outputs = runs.map(({ output }) => output);
  const results = outputs.filter((output) => output !== null).length;
  const fields = askedFields(runs);
  const common = fields.filter(isShared);
  const shown = fieldsThatFit(fields);
  const compares = isSame && results > 1;
  const alone = runs.length === 1;
  return (
    <>
      {runs.some(({ run }) => run.simulated) && <SimulatedLine />}
      <h1 class="compare-title" dir="auto">
        {isSame &&
          `${
            titleParts(first.title, first.run.input).join(" ") || first.title || "(empty input)"
          } `}
        <span class={isSame ? "font-normal text-soft" : ""}>
          {alone
            ? "on other processors"
            : `${runs.length} runs ${isSame ? "of the same input" : "of different inputs"}`}
        </span>
      </h1>
      {!alone && (
        <p class="text-sm text-soft mt-1">
          {compares && fields.length > 0
            ? (
              <>
                <b class="text-ink">
                  {common.length === 0
                    ? "The runs were asked for different fields."
                    : `${count(common.filter(({ differs }) => differs).length)} of ${
                      fields.length >= MAX_LEAVES ? "the first " : ""
                    }${count(common.length)} fields differ.`}
                </b>{" "}
                {verdictOf(fields, labels)}
              </>
            )
            : isSame
            ? "There are fewer than two results to compare."
            : "The results answer different questions, so no differences are marked."}
        </p>
      )}
      {problem !== null && <p class="notice my-4" role="alert">{problem}</p>}
      <Actions {...props} first={first} compares={compares} />
      {!isSame && (
        <section aria-label="What was asked" class="mt-4 mb-6">
          <AskedInputs options={options} labels={labels} workLeft={workLeft} />
        </section>
      )}
      <div class={runs.some(({ run }) => run.simulated) ? "simulated" : undefined}>
        {heads}
        <h2 class="sr-only">Results</h2>
        <Without runs={runs} labels={labels} />
        {fields.length > shown.length && (
          <p class="notice calm my-4">
            These results have {fields.length >= MAX_LEAVES ? "at least " : ""}
            {count(fields.length)} fields: the first {count(shown.length)}{" "}
            are compared here. All of them are in each task’s result.json.
          </p>
        )}
        <ComparedFields
          runs={runs}
          labels={labels}
          fields={shown}
          compares={compares}
          differingFirst={compares && !asAsked}
          workLeft={workLeft}
        />
      </div>
      <section aria-labelledby="inputs" class="mt-8">
        <h2 id="inputs" class="mb-2">{isSame ? "Input" : "Options"}</h2>
        <Inputs options={options} labels={labels} workLeft={workLeft} />
      </section>
    </>
  );
}

interface ActionsProps extends CompareProps {
  readonly first: RunPage;
  readonly compares: boolean;
}

function Actions(props: ActionsProps) {
  const { runs, first, related, overBudget, problem, compares, asAsked } = props;
  const ids = runs.map(({ run }) => run.run_id);
  const alone = ids.length === 1;
  const address = `/compare?ids=${ids.map(encodeURIComponent).join(",")}`;
  return (
    <div class="compare-actions print:hidden">
      {runs.length < MAX_COMPARED && (
        <details class="add-processor" open={alone || overBudget || problem !== null}>
          <summary class="button">
            <Icon name="plus" />
            Add a processor
          </summary>
          <Siblings
            {...props}
            run={first}
            others={runs.slice(1)}
            idempotencyKey={props.idempotencyKey}
          />
          {related.length > 0 && (
            <div class="mt-4">
              <h2>Or compare with an earlier run of this task</h2>
              <ul class="text-sm">
                {related.map(({ run_id, words }) => (
                  <li key={run_id}>
                    <a href={`${address},${encodeURIComponent(run_id)}`} class="py-2 inline-flex">
                      {words}
                    </a>
                  </li>
                ))}
              </ul>
            </div>
          )}
        </details>
      )}
      {!alone && (
        <form method="post" action="/tasks/selected">
          {ids.map((id) => <input key={id} type="hidden" name="id" value={id} />)}
          <input type="hidden" name="bom" value="1" />
          <button type="submit" name="action" value="csv" class="button ghost">
            <Icon name="download" />
            Export
          </button>
        </form>
      )}
      {compares && (
        <nav class="segments" aria-label="Order of the fields">
          <a href={`${address}&order=asked`} aria-current={asAsked ? "true" : "false"}>As asked</a>
          <a href={address} aria-current={asAsked ? "false" : "true"}>Differing first</a>
        </nav>
      )}
    </div>
  );
}

/** The longest value of an input that names its run (characters). */
const NAME_CHARS = 24;

/** The runs' processors; if two have the same one, what they asked, or a letter with the processor. */
export function labelsOf(runs: readonly RunPage[]) {
  const names = runs.map(({ run }) => run.processor);
  if (new Set(names).size === names.length) return names;
  const asked = runs.map(({ title, run }) => titleParts(title, run.input)[0] ?? "");
  const isName = (text: string) => text.trim() !== "" && text.length <= NAME_CHARS;
  return asked.every(isName) && new Set(asked).size === asked.length
    ? asked
    : names.map((name, index) => `${"ABCD"[index]} · ${name}`);
}

function Choose({ problem }: { problem: string | null }) {
  return (
    <>
      <h1>Compare</h1>
      {problem !== null && <p class="notice my-4" role="alert">{problem}</p>}
      <p class="max-w-[60ch] mt-4">Nothing to compare yet.</p>
      <p class="max-w-[60ch] text-sm text-soft mb-4">
        Tick two to four tasks in the list and press Compare, or open a task and run it on other
        processors.
      </p>
      <a href="/tasks" class="button go">Choose tasks</a>
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
  return lines.length === 0 ? null : <ul class="text-sm text-soft my-4">{lines}</ul>;
}
