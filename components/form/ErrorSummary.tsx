/** What is wrong with the form, at the top, each with a link to its field. */
import type { FormField } from "../../lib/parallel/form.ts";
import type { NewTaskProps } from "./NewTask.tsx";
import { FIELD_LABELS } from "./labels.ts";

export function ErrorSummary({ form, pasteProblem }: Pick<NewTaskProps, "form" | "pasteProblem">) {
  const { problems } = form;
  const names = Object.keys(FIELD_LABELS).filter((name): name is FormField =>
    problems[name as FormField] !== undefined
  );
  const count = names.length + (pasteProblem === null ? 0 : 1);
  if (count === 0) return null;
  return (
    <div id="errors" class="notice mb-6" role="alert" tabIndex={-1} aria-labelledby="errors-title">
      <h2 id="errors-title">
        Nothing was sent. {count === 1 ? "One field needs" : `${count} fields need`} a change:
      </h2>
      <ul>
        {names.map((name) => (
          <li key={name}>
            <a href={`#${name}`}>{FIELD_LABELS[name]}</a>: {problems[name]}
          </li>
        ))}
        {pasteProblem !== null && (
          <li>
            <a href="#paste">Paste a request</a>: {pasteProblem}
          </li>
        )}
      </ul>
    </div>
  );
}
