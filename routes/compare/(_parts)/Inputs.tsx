/** The compared runs' inputs: differences side by side, common values once. */
import { count } from "../../../lib/base/mod.ts";
import { Difference, type WorkLeft } from "./Difference.tsx";
import { type ComparedOption, optionsThatFit } from "./input.ts";

export interface InputsProps {
  /** Of all requests. */
  readonly options: readonly ComparedOption[];
  /** Names of the runs, in the same order. */
  readonly labels: readonly string[];
  readonly workLeft: WorkLeft;
}

/** What was asked, where it differs: one has to know it before one reads the answers. */
export function AskedInputs({ options, labels, workLeft }: InputsProps) {
  const asked = options.find(({ name, differs }) => differs && name === "input");
  return asked === undefined ? null : <Differing {...{ labels, workLeft }} texts={asked.texts} />;
}

/** The whole requests, without what {@linkcode AskedInputs} shows. */
export function Inputs({ options: all, labels, workLeft }: InputsProps) {
  const options = optionsThatFit(all);
  const differing = options.filter(({ name, differs }) => differs && name !== "input");
  const same = options.filter(({ name, differs }) => !differs && name !== "input");
  const asked = options.find(({ name, differs }) => !differs && name === "input");
  const one = labels.length === 1;
  return (
    <>
      {!one && asked && differing.length === 0 && <p class="text-soft">All have the same input:</p>}
      {asked && <Difference workLeft={workLeft} text={asked.texts[0] ?? ""} base={null} />}
      {differing.map(({ name, texts }) => (
        <section key={name} class="mt-4">
          <h3>
            <code>{name}</code> <span class="stamp">differs</span>
          </h3>
          <div class="request-part">
            <Differing {...{ labels, workLeft, texts }} />
          </div>
        </section>
      ))}
      {all.length > options.length && (
        <p class="notice calm mt-4">
          The first {count(options.length)} of {count(all.length)}{" "}
          options are shown here. All of them are in each task’s result.json.
        </p>
      )}
      {same.length > 0 && (
        <details class="fold mt-2">
          <summary>
            {one ? "Options" : "The same in all"}: {same.map(({ name }) => name).join(", ")}
          </summary>
          {same.map(({ name, texts }) => (
            <section key={name} class="mt-2">
              <h3>
                <code>{name}</code>
              </h3>
              <Difference workLeft={workLeft} text={texts[0] ?? ""} base={null} />
            </section>
          ))}
        </details>
      )}
    </>
  );
}

/** The texts of one option side by side. */
function Differing({ labels, workLeft, texts }: Omit<InputsProps, "options"> & {
  readonly texts: readonly (string | null)[];
}) {
  return (
    <div class="side">
      {texts.map((text, index) => (
        <div key={labels[index]}>
          <p class="text-sm text-soft">{labels[index]}</p>
          {text === null ? <p class="text-soft">–</p> : (
            <Difference
              workLeft={workLeft}
              text={text}
              base={index === 0 ? null : texts[0] ?? null}
            />
          )}
        </div>
      ))}
    </div>
  );
}
