/** A few choices in a row, one of which holds. */
import type { FormField } from "../../lib/tasks/fields/mod.ts";
import { FieldProblem, type FormState, invalid } from "./Field.tsx";

export interface RadiosProps {
  readonly name: FormField;
  readonly legend: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly form: FormState;
}

export function Radios({ name, legend, choices, form }: RadiosProps) {
  return (
    <fieldset
      id={name}
      role="radiogroup"
      aria-labelledby={`${name}-legend`}
      class="radios"
      {...invalid(name, form)}
    >
      <legend id={`${name}-legend`}>{legend}</legend>
      <div class="choices">
        {choices.map(({ value, label }) => (
          <label key={value} class="choice">
            <input type="radio" name={name} value={value} checked={form.values[name] === value} />
            {label}
          </label>
        ))}
      </div>
      <FieldProblem name={name} form={form} />
    </fieldset>
  );
}
