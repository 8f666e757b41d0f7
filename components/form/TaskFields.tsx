/** All fields of a new task. The common ones are open, the rest fold away until they hold something. */
import { About } from "./About.tsx";
import { Field, FieldProblem, FIRST_LINE, type FormState, invalid } from "./Field.tsx";
import { FIELD_LABELS } from "./labels.ts";
import { OptionFields, type OptionFieldsProps } from "./OptionFields.tsx";
import { ProcessorChoice } from "./ProcessorChoice.tsx";
import { Radios } from "./Radios.tsx";

export function TaskFields(props: OptionFieldsProps) {
  const { form } = props;
  return (
    <div class="stack">
      <div>
        <h1>
          <label for="input">{FIELD_LABELS.input}</label>
        </h1>
        <textarea
          id="input"
          name="input"
          rows={4}
          class="ask mt-2"
          {...invalid("input", form)}
        >
          {FIRST_LINE + form.values.input}
        </textarea>
        <FieldProblem name="input" form={form} />
        <div class="mt-2">
          <Radios
            name="input_format"
            legend="Input is"
            form={form}
            choices={[{ value: "text", label: "text" }, { value: "json", label: "a JSON object" }]}
          />
        </div>
        <About page="runs" topic="inputs">
          Ask a question, or paste a JSON record; the output schema lists the fields to fill in.
        </About>
      </div>
      <ProcessorChoice form={form} />
      <Output form={form} />
      <Events form={form} />
      <OptionFields {...props} />
    </div>
  );
}

function Output({ form }: { form: FormState }) {
  return (
    <div>
      <Radios
        name="output_type"
        legend="Output"
        form={form}
        choices={[
          { value: "auto", label: "auto" },
          { value: "text", label: "text" },
          { value: "json", label: "JSON schema" },
        ]}
      />
      <About page="specs" topic="outputs">
        Auto lets the API choose the structure (a full report with pro and above). Text is a report
        with references. A JSON schema lists the fields you want.
      </About>
      <div class="when-text mt-2">
        <Field
          name="text_description"
          label={FIELD_LABELS.text_description}
          hint="Length, tone, sections. Optional."
          rows={2}
          form={form}
        />
      </div>
      <div class="when-json mt-2">
        <Field
          name="json_schema"
          label={FIELD_LABELS.json_schema}
          tool="schema"
          hint="An object with properties; the description of each says what to find."
          rows={10}
          json
          form={form}
        />
      </div>
    </div>
  );
}

function Events({ form }: { form: FormState }) {
  return (
    <div>
      <label class="flex items-center gap-2 py-2 font-normal">
        <input
          type="checkbox"
          id="enable_events"
          name="enable_events"
          checked={form.values.enable_events !== ""}
        />
        Report progress while it runs
      </label>
      <FieldProblem name="enable_events" form={form} />
      <About page="events" topic="progress events">
        Without progress events there is little to watch, and they cannot be turned on later. The
        API’s default is on for pro and above; here the checkbox decides.
      </About>
    </div>
  );
}
