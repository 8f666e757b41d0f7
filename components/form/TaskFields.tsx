/** All fields of a new task: the common ones are shown, the others are folded. */
import { FIELDS } from "../../lib/tasks/fields/mod.ts";
import { Field, FieldProblem, FIRST_LINE, type FormState, invalid } from "./Field.tsx";
import { About } from "./Fold.tsx";
import { OptionFields, type OptionFieldsProps } from "./OptionFields.tsx";
import { ProcessorChoice } from "./ProcessorChoice.tsx";

export function TaskFields(props: OptionFieldsProps) {
  const { form } = props;
  return (
    <div class="stack">
      <Question form={form} />
      <ProcessorChoice form={form} />
      <Output form={form} />
      <Events form={form} />
      <OptionFields {...props} />
    </div>
  );
}

function Question({ form }: { form: FormState }) {
  return (
    <div>
      <h1>
        <label for="input">{FIELDS.input.label}</label>
      </h1>
      <textarea id="input" name="input" rows={4} class="ask mt-2" {...invalid("input", form)}>
        {FIRST_LINE + form.values.input}
      </textarea>
      <FieldProblem name="input" form={form} />
      <div class="mt-2">
        <Field name="input_format" form={form} />
      </div>
      <About page="runs" topic="inputs">
        Ask a question, or paste a JSON record; the output schema lists the fields to fill in.
      </About>
    </div>
  );
}

/** What a task returns. */
export function Output({ form }: { form: FormState }) {
  return (
    <div>
      <Field name="output_type" form={form} />
      <About page="specs" topic="outputs">
        Auto lets the API choose the structure (a full report with pro and above). Text is a report
        with references. A JSON schema lists the fields you want.
      </About>
      <div class="when-text mt-2">
        <Field name="text_description" form={form} />
      </div>
      <div class="when-json mt-2">
        <Field name="json_schema" form={form} />
      </div>
    </div>
  );
}

/** Whether a task reports its progress. */
export function Events({ form }: { form: FormState }) {
  return (
    <div>
      <Field name="enable_events" form={form} />
      <About page="events" topic="progress events">
        Without progress events there is little to watch, and they cannot be turned on later. The
        API’s default is on for pro and above; here the checkbox decides.
      </About>
    </div>
  );
}
