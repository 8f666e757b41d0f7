/** One field of the form as the table describes it: label, hint, control and error message, tied together. */
import {
  type Control,
  FIELDS,
  type FormField,
  type FormProblems,
  type TaskFormValues,
} from "../../lib/tasks/fields/mod.ts";
import { cx } from "../ui/cx.ts";

/** What the form shows: every field as typed, and a message for each wrong one. */
export interface FormState {
  readonly values: TaskFormValues;
  readonly problems: FormProblems;
}

export interface FieldProps {
  readonly name: FormField;
  readonly form: FormState;
  /** Replaces the table's hint. */
  readonly hint?: string | undefined;
  /** Values to choose from; any other can be typed. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  /** The id of the title of the form's step that is this choice. */
  readonly labelledBy?: string;
  /** The title above says the same as its label, which only screen readers get. */
  readonly titled?: boolean;
}

/** HTML drops one line break right after `<textarea>`: this one, and not one of the text's own. */
export const FIRST_LINE = "\n";

/** A field of any kind that has no component of its own. */
export function Field(props: FieldProps) {
  const { control } = FIELDS[props.name];
  switch (control.kind) {
    case "line":
      return <Line {...props} control={control} />;
    case "text":
    case "json":
      return <Area {...props} control={control} />;
    case "choice":
      return <Choices {...props} control={control} />;
    case "checkbox":
      return <Checkbox {...props} />;
    case "processor":
      return null;
  }
}

type Of<Kind extends Control["kind"]> = FieldProps & {
  readonly control: Control & { readonly kind: Kind };
};

function Line(props: Of<"line">) {
  const { name, form, hint = FIELDS[name].hint, options = [], control } = props;
  return (
    <div>
      <Label {...props} />
      <Hint name={name} hint={hint} />
      <div class="mt-1">
        <input
          id={name}
          name={name}
          type={control.type ?? "text"}
          placeholder={control.placeholder}
          value={form.values[name]}
          list={options.length > 0 ? `${name}-options` : undefined}
          autocomplete="off"
          spellcheck={false}
          {...invalid(name, form, hint !== undefined)}
        />
      </div>
      {options.length > 0 && (
        <datalist id={`${name}-options`}>
          {options.map(({ value, label }) => <option key={value} value={value}>{label}</option>)}
        </datalist>
      )}
      <FieldProblem name={name} form={form} />
    </div>
  );
}

function Area(props: Of<"text" | "json">) {
  const { name, form, hint = FIELDS[name].hint, control } = props;
  const isJson = control.kind === "json";
  return (
    <div>
      <Label {...props} />
      <Hint name={name} hint={hint} />
      {control.tool && <div data-tool={control.tool} data-field={name} />}
      <div class="mt-1">
        <textarea
          id={name}
          name={name}
          rows={control.rows}
          class={isJson ? "font-mono text-sm" : ""}
          data-json={isJson ? "" : undefined}
          spellcheck={!isJson}
          {...invalid(name, form, hint !== undefined)}
        >
          {FIRST_LINE + form.values[name]}
        </textarea>
      </div>
      <FieldProblem name={name} form={form} />
    </div>
  );
}

function Choices({ name, form, control, labelledBy }: Of<"choice">) {
  return (
    <div>
      <fieldset
        id={name}
        role="radiogroup"
        aria-label={labelledBy === undefined ? FIELDS[name].label : undefined}
        aria-labelledby={labelledBy}
        class={cx("segments", labelledBy !== undefined && "big")}
        {...invalid(name, form)}
      >
        {control.choices.map(({ value, label }) => (
          <label key={value}>
            <input type="radio" name={name} value={value} checked={form.values[name] === value} />
            {label}
          </label>
        ))}
      </fieldset>
      <FieldProblem name={name} form={form} />
    </div>
  );
}

function Checkbox({ name, form }: FieldProps) {
  return (
    <>
      <label class="tick-line">
        <input type="checkbox" id={name} name={name} checked={form.values[name] !== ""} />
        {FIELDS[name].label}
      </label>
      <FieldProblem name={name} form={form} />
    </>
  );
}

function Label({ name, titled }: FieldProps) {
  return <label for={name} class={titled ? "sr-only" : undefined}>{FIELDS[name].label}</label>;
}

function Hint({ name, hint }: { name: FormField; hint: string | undefined }) {
  return hint === undefined ? null : <p id={`${name}-hint`} class="text-sm text-soft">{hint}</p>;
}

/** The attributes that tie a field of the table to its hint and its error message. */
export function invalid(name: FormField, form: FormState, hinted = false) {
  return described(name, form.problems[name], hinted);
}

/** The attributes that tie a control to its hint and its error message, by ID. */
export function described(name: string, problem: string | undefined, hinted = false) {
  const ids = [hinted ? `${name}-hint` : "", problem === undefined ? "" : `${name}-error`];
  return {
    "aria-invalid": problem === undefined ? undefined : "true" as const,
    "aria-describedby": ids.filter(Boolean).join(" ") || undefined,
  };
}

/** The message at a wrong field of the table. */
export function FieldProblem({ name, form }: { name: FormField; form: FormState }) {
  return <FieldError name={name} problem={form.problems[name]} />;
}

/** The message at a wrong control; a hidden place for one otherwise. */
export function FieldError({ name, problem }: { name: string; problem: string | undefined }) {
  return (
    <p id={`${name}-error`} class="error-text mt-1" hidden={problem === undefined}>{problem}</p>
  );
}

/**
 * The first button of a form that spends money. Enter in a line or at a tick presses a form's first button; this
 * one cannot be pressed, so only the buttons that say what they cost send anything.
 */
export function NoEnter() {
  return <button type="submit" disabled hidden></button>;
}
