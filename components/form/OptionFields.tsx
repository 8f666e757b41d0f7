/** The options of a task, each group folded away until it holds something. */
import type { FormField } from "../../lib/tasks/fields/mod.ts";
import { DOMAINS, MCP_SERVERS } from "../../lib/parallel/mod.ts";
import { CopyButton } from "../ui/CopyButton.tsx";
import { Field, type FormState } from "./Field.tsx";
import { Fold } from "./Fold.tsx";
import { FIELD_LABELS } from "./labels.ts";

/** A finished run that a new one can follow. */
export interface FinishedRun {
  readonly id: string;
  readonly title: string;
}

export interface OptionFieldsProps {
  readonly form: FormState;
  /** Finished runs to follow, newest first. */
  readonly finished: readonly FinishedRun[];
  /** The address of this app's own webhook receiver, where the API can reach it. */
  readonly receiver: string | null;
}

export function OptionFields({ form, finished, receiver }: OptionFieldsProps) {
  return (
    <div>
      <Sources form={form} />
      <FollowUp form={form} finished={finished} />
      <Fold
        title="Input schema"
        form={form}
        fields={["input_schema"]}
        about={{
          page: "specs",
          topic: "input schemas",
          children: "Describes the members of a JSON input. Input that does not " +
            "match gets a warning, not an error.",
        }}
      >
        <Field
          name="input_schema"
          label={FIELD_LABELS.input_schema}
          tool="input"
          rows={5}
          json
          form={form}
        />
      </Fold>
      <WebhookFold form={form} receiver={receiver} />
      <Fold
        title="Metadata"
        form={form}
        fields={["metadata"]}
        about={{
          page: "runs",
          topic: "runs",
          children: "Notes of your own that stay with the run and come back in its webhook.",
        }}
      >
        <Field
          name="metadata"
          label={FIELD_LABELS.metadata}
          tool="metadata"
          hint='A JSON object: names up to 16 characters; values are text up to 512, numbers, true or false. {"customer": "a1"}'
          rows={2}
          json
          form={form}
        />
      </Fold>
      <Fold
        title="MCP servers"
        form={form}
        fields={["mcp_servers"]}
        about={{
          page: "mcp",
          topic: "MCP servers",
          children: "Tools that the run may call besides web search. A server that cannot be " +
            "reached does not fail the run, it leaves a warning.",
        }}
      >
        <Field
          name="mcp_servers"
          label={FIELD_LABELS.mcp_servers}
          tool="servers"
          hint={MCP_HINT}
          rows={4}
          json
          form={form}
        />
      </Fold>
    </div>
  );
}

const MCP_HINT = `A JSON array of at most ${MCP_SERVERS}: [{"name": "docs", "url": "https://…", ` +
  '"headers": {"authorization": "Bearer …"}, "allowed_tools": ["search"]}], ' +
  'or the {"mcpServers": {"docs": {…}}} of Claude and other clients. ' +
  "Header values go to the API and are never shown again.";

const SOURCE_FIELDS: readonly FormField[] = [
  "include_domains",
  "exclude_domains",
  "after_date",
  "location",
];

function Sources({ form }: { form: FormState }) {
  return (
    <Fold
      title="Sources and place"
      form={form}
      fields={SOURCE_FIELDS}
      about={{
        page: "sources",
        topic: "source policies",
        children: "Where the research may look. Both lists together hold at most " +
          `${DOMAINS} entries.`,
      }}
    >
      <Field
        name="include_domains"
        label={FIELD_LABELS.include_domains}
        tool="domains"
        hint="One per line, or separated by commas. example.com includes its subdomains; .gov and docs.python.org/3 work too. Pasted URLs are reduced to their host."
        rows={2}
        form={form}
      />
      <Field
        name="exclude_domains"
        label={FIELD_LABELS.exclude_domains}
        tool="domains"
        hint="Ignored when the field above names a domain."
        rows={2}
        form={form}
      />
      <div class="flex flex-wrap gap-5">
        <Field
          name="after_date"
          label={FIELD_LABELS.after_date}
          hint="A day in UTC."
          type="date"
          form={form}
        />
        <Field
          name="location"
          label={FIELD_LABELS.location}
          hint="A country as two letters, like de or us."
          maxLength={2}
          form={form}
        />
      </div>
    </Fold>
  );
}

function FollowUp({ form, finished }: Pick<OptionFieldsProps, "form" | "finished">) {
  const followed = finished.find(({ id }) => id === form.values.previous_interaction_id);
  return (
    <Fold
      title="Follow-up"
      form={form}
      fields={["previous_interaction_id"]}
      about={{
        page: "interactions",
        topic: "interactions",
        children: "Continues from what an earlier run found, on any processor.",
      }}
    >
      <Field
        name="previous_interaction_id"
        label={FIELD_LABELS.previous_interaction_id}
        hint={finished.length > 0
          ? "Choose one of your finished runs from the list of the field, or enter an interaction id."
          : "The interaction id of an earlier run. Finished runs of yours will be listed here."}
        placeholder="trun_…"
        options={finished.map(({ id, title }) => ({ value: id, label: title }))}
        form={form}
      />
      {followed && (
        <p class="text-sm">
          Follows <a href={`/tasks/${encodeURIComponent(followed.id)}`}>{followed.title}</a>
        </p>
      )}
    </Fold>
  );
}

function WebhookFold({ form, receiver }: Pick<OptionFieldsProps, "form" | "receiver">) {
  return (
    <Fold
      title="Webhook"
      form={form}
      fields={["webhook_url"]}
      about={{
        page: "webhooks",
        topic: "webhooks",
        children: "Parallel posts to this address when the run ends, and signs the delivery. The " +
          "signing secret is in Parallel’s settings under Webhooks, one per account.",
      }}
    >
      <Field
        name="webhook_url"
        label={FIELD_LABELS.webhook_url}
        hint="https, and a host that the internet can reach."
        type="url"
        placeholder="https://"
        options={receiver === null ? [] : [{ value: receiver, label: "this app’s own receiver" }]}
        form={form}
      />
      {receiver !== null && (
        <p class="text-sm">
          This app’s own receiver: <code>{receiver}</code>{" "}
          <button type="button" class="plain scripted touch" data-fill={receiver}>use it</button>
          {" "}
          <CopyButton text={receiver} what="the receiver’s address" />. Enter your webhook secret on
          {" "}
          <a href="/account">your account’s page</a> first. Unsigned deliveries are rejected.
        </p>
      )}
    </Fold>
  );
}
