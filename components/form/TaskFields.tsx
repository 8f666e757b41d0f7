/** All fields of a new task. The common ones are open, the rest fold away until they hold something. */
import type { ComponentChildren } from "preact";
import type { FormField } from "../../lib/parallel/form.ts";
import { Field, FieldProblem, FIRST_LINE, type FormState, invalid } from "./Field.tsx";
import { FIELD_LABELS } from "./labels.ts";
import { ProcessorChoice } from "./ProcessorChoice.tsx";
import { Radios } from "./Radios.tsx";

export function TaskFields({ form }: { form: FormState }) {
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
      </div>
      <ProcessorChoice form={form} />
      <Output form={form} />
      <div>
        <Fold title="Sources" form={form} fields={SOURCES}>
          <Field
            name="include_domains"
            label={FIELD_LABELS.include_domains}
            hint="One on a line, or with commas. example.com takes its subdomains in; .gov works too."
            rows={2}
            form={form}
          />
          <Field
            name="exclude_domains"
            label={FIELD_LABELS.exclude_domains}
            hint="The API ignores these where the field above is filled."
            rows={2}
            form={form}
          />
          <Field
            name="after_date"
            label={FIELD_LABELS.after_date}
            hint="A day in UTC."
            type="date"
            form={form}
            class="max-w-xs"
          />
          <Field
            name="location"
            label={FIELD_LABELS.location}
            hint="A country as two letters, like de or us."
            maxLength={2}
            form={form}
            class="max-w-xs"
          />
        </Fold>
        <Fold title="Input schema, follow-up" form={form} fields={SHAPE}>
          <Field
            name="input_schema"
            label={FIELD_LABELS.input_schema}
            hint="Describes a JSON input. Input that does not match gets a warning, not an error."
            rows={5}
            json
            form={form}
          />
          <Field
            name="previous_interaction_id"
            label={FIELD_LABELS.previous_interaction_id}
            hint="The id of an earlier run, whose context this one goes on from."
            placeholder="trun_…"
            form={form}
          />
        </Fold>
        <Fold title="Webhook and metadata" form={form} fields={NOTES}>
          <Field
            name="webhook_url"
            label={FIELD_LABELS.webhook_url}
            hint="Parallel posts there when the run has ended."
            type="url"
            placeholder="https://"
            form={form}
          />
          <Field
            name="metadata"
            label={FIELD_LABELS.metadata}
            hint='A JSON object: keys up to 16 characters, values up to 512. {"customer": "a1"}'
            rows={2}
            json
            form={form}
          />
        </Fold>
        <Fold title="MCP servers and events" form={form} fields={TOOLS}>
          <Field
            name="mcp_servers"
            label={FIELD_LABELS.mcp_servers}
            hint='A JSON array: [{"name": "docs", "url": "https://…"}]. Header values are never shown again.'
            rows={4}
            json
            form={form}
          />
          <label class="flex items-center gap-2 py-2 font-normal">
            <input
              type="checkbox"
              id="enable_events"
              name="enable_events"
              checked={form.values.enable_events !== ""}
            />
            Report progress while it runs. Without it there is little to watch.
          </label>
          <FieldProblem name="enable_events" form={form} />
        </Fold>
      </div>
    </div>
  );
}

const SOURCES: readonly FormField[] = [
  "include_domains",
  "exclude_domains",
  "after_date",
  "location",
];
const SHAPE: readonly FormField[] = ["input_schema", "previous_interaction_id"];
const NOTES: readonly FormField[] = ["webhook_url", "metadata"];
const TOOLS: readonly FormField[] = ["mcp_servers"];

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
      <div class="when-text mt-2">
        <Field
          name="text_description"
          label={FIELD_LABELS.text_description}
          hint="Length, tone, sections. May stay empty."
          rows={2}
          form={form}
        />
      </div>
      <div class="when-json mt-2">
        <Field
          name="json_schema"
          label={FIELD_LABELS.json_schema}
          hint="An object with properties; a description on each says what to find."
          rows={10}
          json
          form={form}
        />
      </div>
    </div>
  );
}

/** Less used fields: open where one of them holds something or is wrong. */
function Fold(props: {
  title: string;
  fields: readonly FormField[];
  form: FormState;
  children: ComponentChildren;
}) {
  const { values, problems } = props.form;
  const used = props.fields.some((name) => values[name] !== "" || problems[name] !== undefined);
  return (
    <details class="fold" open={used}>
      <summary>{props.title}</summary>
      <div class="stack pb-4">{props.children}</div>
    </details>
  );
}
