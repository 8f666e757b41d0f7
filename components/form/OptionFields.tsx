/** The optional fields of a task: each group of the table in its own fold. */
import type { ComponentChildren } from "preact";
import {
  type FieldGroup,
  FIELDS,
  FORM_FIELDS,
  type FormField,
} from "../../lib/tasks/fields/mod.ts";
import { DOMAINS } from "../../lib/parallel/mod.ts";
import { CopyButton } from "../ui/CopyButton.tsx";
import { Field, type FieldProps, type FormState } from "./Field.tsx";
import { type AboutProps, Fold } from "./Fold.tsx";

/** A finished run that a new one can follow. */
export interface FinishedRun {
  readonly id: string;
  readonly title: string;
}

export interface OptionFieldsProps {
  readonly form: FormState;
  /** Finished runs to follow, newest first. */
  readonly finished: readonly FinishedRun[];
  /** The address of this app's own webhook receiver, if the API can reach it. */
  readonly receiver: string | null;
}

/** The groups in the order of the page. */
const GROUPS: readonly {
  readonly id: FieldGroup;
  readonly title: string;
  readonly about: AboutProps;
}[] = [
  {
    id: "sources",
    title: "Sources",
    about: {
      page: "sources",
      topic: "source policies",
      children: `Where to search. Both lists together hold at most ${DOMAINS} entries.`,
    },
  },
  {
    id: "webhook",
    title: "Webhook",
    about: {
      page: "webhooks",
      topic: "webhooks",
      children: "Parallel posts to this address when the run ends, and signs the delivery. The " +
        "signing secret is in Parallel’s settings under Webhooks, one per account.",
    },
  },
  {
    id: "metadata",
    title: "Metadata",
    about: {
      page: "runs",
      topic: "runs",
      children: "Your own notes. They stay with the run and come back in its webhook.",
    },
  },
  {
    id: "mcp",
    title: "MCP servers",
    about: {
      page: "mcp",
      topic: "MCP servers",
      children: "Tools that the run may call besides web search. A server that cannot be reached " +
        "does not fail the run: it adds a warning.",
    },
  },
  {
    id: "place",
    title: "Location",
    about: {
      page: "sources",
      topic: "locations",
      children: "The country to search from.",
    },
  },
  {
    id: "follow_up",
    title: "Follow-up",
    about: {
      page: "interactions",
      topic: "interactions",
      children: "Continues from what an earlier run found, on any processor.",
    },
  },
  {
    id: "input",
    title: "Input schema",
    about: {
      page: "specs",
      topic: "input schemas",
      children:
        "Describes the members of a JSON input. Input that does not match gets a warning, " +
        "not an error.",
    },
  },
];

/** The groups in a row of words; what is opened takes the whole width. `children` end the row. */
export function OptionFields(
  { children, ...props }: OptionFieldsProps & { readonly children?: ComponentChildren },
) {
  const { form } = props;
  return (
    <section class="part options" aria-label="Options">
      {GROUPS.map(({ id, title, about }) => {
        const fields = FORM_FIELDS.filter((name) => FIELDS[name].group === id);
        const long = fields.filter((name) => !isShort(name));
        const short = fields.filter(isShort);
        return (
          <Fold key={id} title={title} form={form} fields={fields} about={about}>
            {long.map((name) => (
              <OptionField
                key={name}
                name={name}
                titled={FIELDS[name].label === title}
                {...props}
              />
            ))}
            {short.length > 0 && (
              <div class="flex flex-wrap gap-4">
                {short.map((name) => <Field key={name} name={name} form={form} />)}
              </div>
            )}
          </Fold>
        );
      })}
      {children}
    </section>
  );
}

/** Characters of a line that leaves room for another one beside it. */
const SHORT_CHARS = 20;

function isShort(name: FormField): boolean {
  const { control } = FIELDS[name];
  return control.kind === "line" &&
    (control.type === "date" || (control.maxLength ?? Infinity) <= SHORT_CHARS);
}

/** A field, and what this page knows to offer for it. */
function OptionField(
  { name, titled, ...props }: OptionFieldsProps & { name: FormField; titled: boolean },
) {
  const { more, ...offer } = OFFERS[name]?.(props) ?? {};
  return (
    <>
      <Field name={name} form={props.form} titled={titled} {...offer} />
      {more}
    </>
  );
}

type Offer = Pick<FieldProps, "hint" | "options"> & { readonly more?: ComponentChildren };

const OFFERS: Partial<Record<FormField, (props: OptionFieldsProps) => Offer>> = {
  previous_interaction_id: ({ form, finished }) => {
    if (finished.length === 0) return {};
    const followed = finished.find(({ id }) => id === form.values.previous_interaction_id);
    return {
      hint: "Choose one of your finished runs from the list of the field, or enter an " +
        "interaction ID.",
      options: finished.map(({ id, title }) => ({ value: id, label: title })),
      more: followed && (
        <p class="text-sm">
          Follows <a href={`/tasks/${encodeURIComponent(followed.id)}`}>{followed.title}</a>
        </p>
      ),
    };
  },
  webhook_url: ({ receiver }) =>
    receiver === null ? {} : {
      options: [{ value: receiver, label: "this app’s own receiver" }],
      more: (
        <p class="text-sm">
          This app’s own receiver: <code>{receiver}</code>{" "}
          <button type="button" class="plain scripted touch" data-fill={receiver}>use it</button>
          {" "}
          <CopyButton text={receiver} what="the receiver’s address" />. Add your webhook secret on
          {" "}
          <a href="/account">your account page</a> first. Unsigned deliveries are rejected.
        </p>
      ),
    },
};
