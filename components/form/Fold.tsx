/** Less used fields: open where one of them holds something or is wrong. */
import type { ComponentChildren } from "preact";
import type { FormField } from "../../lib/tasks/fields/mod.ts";
import { About, type AboutProps } from "./About.tsx";
import type { FormState } from "./Field.tsx";

export interface FoldProps {
  readonly title: string;
  readonly fields: readonly FormField[];
  readonly form: FormState;
  readonly about: AboutProps;
  readonly children: ComponentChildren;
}

export function Fold({ title, fields, form, about, children }: FoldProps) {
  const { values, problems } = form;
  const used = fields.some((name) => values[name] !== "" || problems[name] !== undefined);
  return (
    <details class="fold" open={used}>
      <summary>{title}</summary>
      <div class="stack pb-4">
        <About {...about} />
        {children}
      </div>
    </details>
  );
}
