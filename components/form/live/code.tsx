/** The request's code as the form changes. */
import { formRequest, parseTaskForm } from "../../../lib/tasks/fields/mod.ts";
import { FIELD_LABELS } from "../labels.ts";
import { RequestCode } from "../RequestCode.tsx";
import { draw } from "./field.ts";
import { useValues } from "./values.ts";

export function mount(place: HTMLElement, form: HTMLFormElement, signal: AbortSignal) {
  draw(place, <LiveCode form={form} />, signal);
}

function LiveCode({ form }: { form: HTMLFormElement }) {
  const values = useValues(form);
  const input = formRequest(values);
  if (input !== null) return <RequestCode input={input} />;
  const parsed = parseTaskForm(new FormData(form));
  const names = parsed.ok
    ? []
    : Object.keys(FIELD_LABELS).filter((name) => name in parsed.problems);
  return (
    <p class="about">
      There is no request yet. Still missing or wrong:{" "}
      {names.map((name) => FIELD_LABELS[name as keyof typeof FIELD_LABELS]).join(", ")}.
    </p>
  );
}
