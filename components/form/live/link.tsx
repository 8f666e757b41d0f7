/** The link that fills the form as it is now. */
import { formLink } from "../../../lib/tasks/fields/mod.ts";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { defaultValues } from "../defaults.ts";
import { draw } from "./field.ts";
import { useValues } from "./values.ts";

export function mount(place: HTMLElement, form: HTMLFormElement, signal: AbortSignal) {
  draw(place, <LiveLink form={form} />, signal);
}

function LiveLink({ form }: { form: HTMLFormElement }) {
  const link = formLink(useValues(form), defaultValues());
  if (link === null) {
    return <p>This form holds more than a link can carry: pass its JSON on instead.</p>;
  }
  const url = new URL(link, location.origin).href;
  return (
    <>
      <p class="about">
        Whoever opens it finds the form as it is here, and sends it themselves. The webhook and MCP
        header values are not in it.
      </p>
      <p>
        <a href={link}>Link to this form</a> <CopyButton text={url} what="the link" />
      </p>
    </>
  );
}
