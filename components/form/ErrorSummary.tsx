/** What is wrong with the form, at the top, each with a link to its field. */
import type { ComponentChildren } from "preact";
import { cx } from "../ui/cx.ts";
import type { FormState } from "./Field.tsx";
import { changesNeeded, isToldAtField, wrongFields } from "./headline.ts";
import { FIELD_LABELS } from "./labels.ts";

export function ErrorSummary(
  { form, pasteProblem }: { readonly form: FormState; readonly pasteProblem: string | null },
) {
  const count = wrongFields(form).length + (pasteProblem === null ? 0 : 1);
  if (count === 0) return null;
  return (
    <Summary>
      <h2 data-count="">Nothing was sent. {changesNeeded(count)}:</h2>
      <WrongFields form={form} />
      {pasteProblem !== null && (
        <p>
          <a href="#paste">Paste a request</a>: {pasteProblem}
        </p>
      )}
    </Summary>
  );
}

/**
 * The message that gets the focus (static/page.js). What is alerted lies inside of what is focused: JAWS
 * stopped after the heading where one element was both (GOV.UK Frontend 4.4.0).
 */
export function Summary(
  { caution = false, children }: { caution?: boolean; children: ComponentChildren },
) {
  return (
    <div id="errors" class={cx("notice mb-6", caution && "caution")} tabIndex={-1}>
      <div role="alert">{children}</div>
    </div>
  );
}

/** Each wrong field with a link to it and what is wrong; a schema's mistakes are told at the schema alone. */
export function WrongFields({ form }: { form: FormState }) {
  const names = wrongFields(form);
  if (names.length === 0) return null;
  return (
    <ul>
      {names.map((name) => (
        <li key={name}>
          <a href={`#${name}`}>{FIELD_LABELS[name]}</a>
          {isToldAtField(name) ? "" : `: ${form.problems[name]}`}
        </li>
      ))}
    </ul>
  );
}
