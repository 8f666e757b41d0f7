/** One field of the form: label, control, hint, and what is wrong with it, all tied together. */
import type { FormField, TaskFormValues } from "../../lib/tasks/fields/mod.ts";

/** What the form shows: every field as typed, and a message for each wrong one. */
export interface FormState {
  readonly values: TaskFormValues;
  readonly problems: Partial<Record<FormField, string>>;
}

export interface FieldProps {
  readonly name: FormField;
  readonly label: string;
  readonly hint?: string;
  readonly form: FormState;
  /** Lines of a text area; none makes it a single line. */
  readonly rows?: number;
  /** The text is JSON: monospaced, and checked while one types. */
  readonly json?: boolean;
  readonly type?: "text" | "date" | "url";
  readonly placeholder?: string;
  readonly maxLength?: number;
  /** Values to choose from; any other can be typed. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  /** The tool that a script puts over the field when it comes into sight (`live/`). */
  readonly tool?: string;
  readonly class?: string;
}

/** HTML drops one line break right after `<textarea>`: this one, rather than one of the text's own. */
export const FIRST_LINE = "\n";

export function Field(props: FieldProps) {
  const { name, label, hint, form, rows, json, type = "text", options = [] } = props;
  const control = {
    id: name,
    name,
    placeholder: props.placeholder,
    maxLength: props.maxLength,
    "data-json": json ? "" : undefined,
    class: json ? "font-mono text-sm" : "",
    ...invalid(name, form, hint !== undefined),
  };
  return (
    <div class={props.class}>
      <label for={name}>{label}</label>
      {hint && <p id={`${name}-hint`} class="text-sm text-muted">{hint}</p>}
      {props.tool && <div data-tool={props.tool} data-field={name} />}
      <div class="mt-1">
        {rows === undefined
          ? (
            <input
              {...control}
              type={type}
              value={form.values[name]}
              list={options.length > 0 ? `${name}-options` : undefined}
              autocomplete="off"
              spellcheck={false}
            />
          )
          : (
            <textarea {...control} rows={rows} spellcheck={!json}>
              {FIRST_LINE + form.values[name]}
            </textarea>
          )}
      </div>
      {options.length > 0 && (
        <datalist id={`${name}-options`}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>{option.label}</option>
          ))}
        </datalist>
      )}
      <FieldProblem name={name} form={form} />
    </div>
  );
}

/** The attributes that tie a control to its hint and its problem. */
export function invalid(name: FormField, form: FormState, hinted = false) {
  const wrong = form.problems[name] !== undefined;
  const described = [hinted ? `${name}-hint` : "", wrong ? `${name}-error` : ""].filter(Boolean);
  return {
    "aria-invalid": wrong ? "true" as const : undefined,
    "aria-describedby": described.length > 0 ? described.join(" ") : undefined,
  };
}

/** The message at a wrong field; a place for one otherwise. */
export function FieldProblem({ name, form }: { name: FormField; form: FormState }) {
  const problem = form.problems[name];
  return (
    <p id={`${name}-error`} class="error-text mt-1" hidden={problem === undefined}>{problem}</p>
  );
}
