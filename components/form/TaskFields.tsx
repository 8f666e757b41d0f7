/** The form's questions: what to find out, what the answer looks like, and what else belongs to a task. */
import { type ComponentChildren, Fragment } from "preact";
import { TASK_SPEC_CHARS } from "../../lib/parallel/mod.ts";
import { FIELDS } from "../../lib/tasks/fields/mod.ts";
import { Icon } from "../ui/Icon.tsx";
import { Field, FieldProblem, FIRST_LINE, type FormState, invalid } from "./Field.tsx";
import { Help, Step } from "./Fold.tsx";
import { readSchema } from "./live/findings.ts";
import { IDLE, SchemaView } from "./live/schema_view.tsx";
import { charsOf, lengthWords } from "./values.ts";

export interface QuestionProps {
  readonly form: FormState;
  /** Each line is its own input: together they become a batch. */
  readonly several: boolean;
  /** Nothing on the page is more urgent: typing can begin. */
  readonly focused: boolean;
  /** What filled the form, in the line below the question. */
  readonly notes: ComponentChildren;
}

/** The question, and in the line below it what filled it, its format and its length. */
export function Question({ form, several, focused, notes }: QuestionProps) {
  return (
    <section class="part">
      <div class="part-head">
        <h1>
          <label for="input">{FIELDS.input.label}</label>
        </h1>
        <Help page="runs" topic="inputs">
          {several
            ? "Each line becomes a run of one batch, with the same output, processor and options. " +
              "The next page shows the total price and can try three inputs first."
            : "Ask a question, or paste a JSON record; the output fields say what to fill in."}
        </Help>
        <span class="part-links">
          <a href="#examples" class="lg:hidden">
            Examples <Icon name="arrow-down" small />
          </a>
          <button
            type="submit"
            name="show"
            value={several ? "single" : "several"}
            class="plain touch"
          >
            {several ? "One input" : "Several inputs"} <Icon name="arrow-right" small />
          </button>
        </span>
      </div>
      <textarea
        id="input"
        name="input"
        rows={several ? 8 : 3}
        class="ask"
        autofocus={focused}
        {...invalid("input", form, several)}
      >
        {FIRST_LINE + form.values.input}
      </textarea>
      <FieldProblem name="input" form={form} />
      <div class="under">
        <div class="under-notes">{notes}</div>
        {several
          ? (
            <span id="input-hint">
              One input per line
              <input type="hidden" name="several" value="on" />
            </span>
          )
          : (
            <>
              <Field name="input_format" form={form} />
              <span class="scripted" data-length>{lengthWords(charsOf(form.values))}</span>
            </>
          )}
      </div>
    </section>
  );
}

export interface OutputProps {
  readonly form: FormState;
  /** A button that drafts the schema without script: from the question, or from a table's columns. */
  readonly suggest?: ComponentChildren;
  /** Whether a script may suggest the schema from the form's question. */
  readonly hasQuestion?: boolean;
}

/** What a task returns. */
export function Output({ form, suggest, hasQuestion = false }: OutputProps) {
  return (
    <Step
      id="output-title"
      title="What should the answer look like?"
      about={{
        page: "specs",
        topic: "outputs",
        children:
          "Auto lets the API choose the structure (a full report with pro and above). Text " +
          "is a report with references. JSON fields are the values you want, as a JSON schema.",
      }}
    >
      <div class="beside">
        <Field name="output_type" form={form} labelledBy="output-title" />
        <p class="text-sm text-soft hidden sm:block">
          <span class="when-text">A report with its sources.</span>
          <span class="when-auto">The API chooses the structure.</span>
          <span class="when-json">Each field comes with its own confidence and sources.</span>
        </p>
      </div>
      <div class="when-text mt-3">
        <Field name="text_description" form={form} />
      </div>
      <div class="when-json mt-3 schema">
        <SchemaField form={form} hasQuestion={hasQuestion} />
        {suggest}
      </div>
    </Step>
  );
}

/**
 * The schema's text, and above it the fields that a script edits. They are drawn at once, so that nothing
 * moves when the script arrives; but not for a text that is wrong, or longer than the API takes.
 */
function SchemaField({ form, hasQuestion }: { form: FormState; hasQuestion: boolean }) {
  const text = form.values.json_schema;
  const { label, hint, control } = FIELDS.json_schema;
  const reading = form.problems.json_schema !== undefined || text.length > TASK_SPEC_CHARS
    ? null
    : readSchema(text, form.values.processor);
  return (
    <Fragment>
      <div class="source">
        <label for="json_schema">{label}</label>
        <p id="json_schema-hint" class="text-sm text-soft">{hint}</p>
      </div>
      <div
        data-tool="schema"
        data-field="json_schema"
        data-suggest={hasQuestion ? "" : undefined}
        class="scripted"
      >
        {reading?.editable && (
          <SchemaView
            {...IDLE}
            reading={reading}
            isEmpty={text.trim() === ""}
            asRows
            suggest={hasQuestion ? () => {} : null}
          />
        )}
      </div>
      <div class="source">
        <textarea
          id="json_schema"
          name="json_schema"
          rows={control.kind === "json" ? control.rows : undefined}
          class="mt-1 font-mono text-sm"
          data-json=""
          spellcheck={false}
          {...invalid("json_schema", form, true)}
        >
          {FIRST_LINE + text}
        </textarea>
      </div>
      <FieldProblem name="json_schema" form={form} />
    </Fragment>
  );
}

/** Whether a task reports its progress. */
export function Events({ form }: { form: FormState }) {
  return (
    <div class="beside">
      <Field name="enable_events" form={form} />
      <Help page="events" topic="progress events">
        Without progress events there is little to watch, and they cannot be turned on later. The
        API’s default is on for pro and above; here the tick decides.
      </Help>
    </div>
  );
}
