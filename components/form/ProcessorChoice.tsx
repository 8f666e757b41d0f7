/**
 * How deep a run looks: three plain choices as cards, every processor in a table behind them, and the fast
 * variant as a tick. Each standard processor has one radio button, so that nothing has to be kept in step,
 * and all of it works without script.
 */
import {
  fastOf,
  type Processor,
  processor,
  PROCESSORS,
  standardOf,
} from "../../lib/parallel/mod.ts";
import { count, dollars } from "../../lib/base/mod.ts";
import { Icon } from "../ui/Icon.tsx";
import { FieldProblem, type FormState, invalid } from "./Field.tsx";
import { Step } from "./Fold.tsx";

const STANDARD = PROCESSORS.filter(({ fast }) => !fast);
const CARDS = STANDARD.filter(({ choice }) => choice !== null);

export function ProcessorChoice({ form }: { form: FormState }) {
  const name = form.values.processor;
  const chosen = processor(standardOf(name));
  return (
    <Step
      id="processor-title"
      title="How deep should it look?"
      about={{
        page: "processors",
        topic: "processors",
        children: "The price is per run, regardless of the number of fields. Failed runs are free.",
      }}
    >
      <fieldset
        id="processor"
        data-tool="names"
        role="radiogroup"
        aria-labelledby="processor-title"
        {...invalid("processor", form)}
      >
        <div class="plans">
          {CARDS.map((each, at) => (
            <label key={each.name} class="plan" data-plan={at + 1}>
              <Radio processor={each} chosen={chosen} />
              <b>{each.choice?.title}</b>
              <b class="number">{dollars(each.price)}</b>
              <span class="text-sm text-soft">
                {each.latency} · <code>{each.name}</code>
                <br />
                {each.choice?.about}
              </span>
            </label>
          ))}
        </div>
        <details
          class="all-processors"
          open={chosen === null || chosen.choice === null}
        >
          <summary>
            All processors <Icon name="chevron-down" small />
          </summary>
          <ProcessorTable chosen={chosen} />
        </details>
        <label class="tick-line">
          <input type="checkbox" name="fast" checked={processor(name)?.fast ?? false} />
          <span>
            Fast variant{" "}
            <span class="text-soft">
              same price, <span class="unscripted">two to five times faster</span>
              {/* The script knows the choice, and says how fast. */}
              <span class="scripted" data-fast-time>
                {fastOf(chosen?.name ?? "")?.latency ?? "faster"}
              </span>
              , from pages seen before
            </span>
          </span>
        </label>
      </fieldset>
      <FieldProblem name="processor" form={form} />
    </Step>
  );
}

function Radio(props: { readonly processor: Processor; readonly chosen: Processor | null }) {
  const { name } = props.processor;
  return (
    <input
      type="radio"
      id={`processor-${name}`}
      name="processor"
      value={name}
      checked={name === props.chosen?.name}
    />
  );
}

function ProcessorTable({ chosen }: { readonly chosen: Processor | null }) {
  return (
    <table class="processors">
      <thead>
        <tr>
          <th scope="col">Processor</th>
          <th scope="col" class="number hidden sm:table-cell">a run</th>
          <th scope="col" class="number hidden sm:table-cell">1,000 runs</th>
          <th scope="col">usually</th>
          <th scope="col">fast</th>
          <th scope="col" class="number hidden sm:table-cell">fields</th>
          <th scope="col" class="hidden sm:table-cell">
            events<span class="sr-only">by default</span>
          </th>
          <th scope="col" class="hidden lg:table-cell">good at</th>
        </tr>
      </thead>
      <tbody>
        {STANDARD.map((each) => (
          <tr key={each.name} data-card={CARDS.indexOf(each) + 1}>
            <th scope="row">
              {/* A card's processor is chosen by its card: the label points there. */}
              <label for={`processor-${each.name}`}>
                {each.choice === null
                  ? <Radio processor={each} chosen={chosen} />
                  : <span class="radio"></span>}
                <span>
                  {each.name}
                  <span class="sm:hidden price">
                    {dollars(each.price)}, ${count(each.pricePerThousand)} per 1,000
                  </span>
                  <span class="lg:hidden price">
                    <span class="sm:hidden">
                      ~{each.fields} fields; events {onOff(each.eventsByDefault)};
                    </span>{" "}
                    {each.strengths}
                  </span>
                </span>
              </label>
            </th>
            <td class="number hidden sm:table-cell">{dollars(each.price)}</td>
            <td class="number hidden sm:table-cell">${count(each.pricePerThousand)}</td>
            <td>{each.latency}</td>
            <td>{fastOf(each.name)?.latency}</td>
            <td class="number hidden sm:table-cell">~{each.fields}</td>
            <td class="hidden sm:table-cell">{onOff(each.eventsByDefault)}</td>
            <td class="hidden lg:table-cell text-soft">{each.strengths}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const onOff = (on: boolean) => on ? "on" : "off";
