/**
 * A table of the processors: price, time, fields, and strengths. The fast variants are values of the same
 * field, behind a switch that needs no script.
 */
import type { ComponentChildren } from "preact";
import { type Processor, processor, PROCESSORS } from "../../lib/parallel/mod.ts";
import { count, dollars } from "../../lib/base/mod.ts";
import { FieldProblem, type FormState, invalid } from "./Field.tsx";
import { About } from "./Fold.tsx";

const STANDARD = PROCESSORS.filter((each) => !each.fast);

export function ProcessorChoice({ form }: { form: FormState }) {
  const chosen = form.values.processor;
  return (
    <fieldset
      id="processor"
      role="radiogroup"
      aria-labelledby="processor-legend"
      {...invalid("processor", form)}
    >
      <legend id="processor-legend" class="sr-only">Processor</legend>
      <About page="processors" topic="processors">
        The price is per run, regardless of the number of fields. Failed runs are free.
      </About>
      <table class="processors">
        <thead>
          <tr>
            <th scope="col">Processor</th>
            <th scope="col" class="number hidden sm:table-cell">a run</th>
            <th scope="col" class="number hidden sm:table-cell">1,000 runs</th>
            <th scope="col">usually</th>
            <th scope="col" class="fast">
              fast<span class="sr-only">er, with less fresh data</span>
            </th>
            <th scope="col" class="number hidden sm:table-cell">fields</th>
            <th scope="col" class="hidden sm:table-cell">
              events<span class="sr-only">by default</span>
            </th>
            <th scope="col" class="hidden lg:table-cell">good at</th>
          </tr>
        </thead>
        <tbody>
          {STANDARD.map((each) => {
            const fast = processor(`${each.name}-fast`);
            return (
              <tr key={each.name}>
                <th scope="row">
                  <Option processor={each} chosen={chosen}>
                    <span>
                      {each.name}
                      <span class="sm:hidden price">
                        {dollars(each.price)}, ${count(each.pricePerThousand)} per 1,000
                      </span>
                      <span class="price more">
                        <span class="sm:hidden">
                          ~{each.fields} fields; events {onOff(each.eventsByDefault)};
                        </span>{" "}
                        {each.strengths}
                      </span>
                    </span>
                  </Option>
                </th>
                <td class="number hidden sm:table-cell">{dollars(each.price)}</td>
                <td class="number hidden sm:table-cell">${count(each.pricePerThousand)}</td>
                <td>{each.latency}</td>
                <td class="fast">
                  {fast && (
                    <Option processor={fast} chosen={chosen}>
                      <span class="sr-only">{fast.name}</span> {fast.latency}
                    </Option>
                  )}
                </td>
                <td class="number hidden sm:table-cell">~{each.fields}</td>
                <td class="hidden sm:table-cell">{onOff(each.eventsByDefault)}</td>
                <td class="hidden lg:table-cell text-soft">{each.strengths}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <label class="fast-switch">
        <input type="checkbox" checked={processor(chosen)?.fast} />
        show fast variants: two to five times faster, with less fresh data, at the same price
      </label>
      <FieldProblem name="processor" form={form} />
    </fieldset>
  );
}

const onOff = (on: boolean) => on ? "on" : "off";

function Option(props: { processor: Processor; chosen: string; children: ComponentChildren }) {
  const { name } = props.processor;
  return (
    <label>
      <input type="radio" name="processor" value={name} checked={name === props.chosen} />
      {props.children}
    </label>
  );
}
