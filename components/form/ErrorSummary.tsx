/** What is wrong with the form, at the top, each with a link to its field. */
import type { FormField } from "../../lib/parallel/form.ts";
import type { FormState } from "./Field.tsx";
import { FIELD_LABELS } from "./labels.ts";

export function ErrorSummary({ problems }: Pick<FormState, "problems">) {
  const names = Object.keys(FIELD_LABELS).filter((name): name is FormField =>
    problems[name as FormField] !== undefined
  );
  if (names.length === 0) return null;
  return (
    <div id="errors" class="notice mb-6" role="alert" tabIndex={-1} aria-labelledby="errors-title">
      <h2 id="errors-title">
        Nothing was sent. {names.length === 1 ? "One field needs" : `${names.length} fields need`}
        {" "}
        a change:
      </h2>
      <ul>
        {names.map((name) => (
          <li key={name}>
            <a href={`#${name}`}>{FIELD_LABELS[name]}</a>: {problems[name]}
          </li>
        ))}
      </ul>
    </div>
  );
}
