/**
 * The form's request as code, and the link that fills the form, as the form changes. They need the same
 * rules, so that a module of each would load more.
 */
import {
  FIELDS,
  FORM_FIELDS,
  formLink,
  formRequest,
  parseTaskForm,
} from "../../../lib/tasks/fields/mod.ts";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { RequestCode } from "../RequestCode.tsx";
import { draw, useValues } from "./field.ts";

export function mount(place: HTMLElement, form: HTMLFormElement, signal: AbortSignal) {
  const isLink = place.dataset.tool === "link";
  draw(place, isLink ? <LiveLink form={form} /> : <LiveCode form={form} />, signal);
}

function LiveCode({ form }: { form: HTMLFormElement }) {
  const values = useValues(form);
  const input = formRequest(values);
  if (input !== null) return <RequestCode input={input} />;
  const parsed = parseTaskForm(new FormData(form));
  const names = parsed.ok ? [] : FORM_FIELDS.filter((name) => name in parsed.problems);
  return (
    <p class="about">
      There is no request yet. Missing or wrong:{" "}
      {names.map((name) => FIELDS[name].label).join(", ")}
    </p>
  );
}

function LiveLink({ form }: { form: HTMLFormElement }) {
  const link = formLink(useValues(form));
  if (link === null) return <p>This form is too long for a link. Share its JSON instead.</p>;
  const url = new URL(link, location.origin).href;
  return (
    <>
      <p class="about">
        The link opens this form, filled in. Nothing is created until the person sends it. The
        webhook and MCP header values are left out.
      </p>
      <p>
        <a href={link}>Link to this form</a> <CopyButton text={url} what="the link" />
      </p>
    </>
  );
}
