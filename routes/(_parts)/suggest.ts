/** Suggests an output schema for the question in a form: the API's suggestion, or a draft of our own. */
import type { Account } from "../../lib/accounts/mod.ts";
import { isObject, parseTyped, reasonOf } from "../../lib/base/mod.ts";
import type { TaskFormValues } from "../../lib/tasks/fields/mod.ts";
import { countFields, schemaOfInput, schemaOfQuestion } from "../../lib/tasks/schema/mod.ts";
import type { Services } from "../../lib/services.ts";
import type { FormContent } from "./form_page.ts";
import { changed } from "./posted.ts";

/** A suggestion, and what to say of it. */
export interface SchemaSuggestion {
  /** The schema's JSON; `null` if there is none. */
  readonly schema: string | null;
  readonly note: string;
}

/** How long a form waits for the API (ms). */
const WAIT_MS = 20_000;
/** Statuses of an account that has no suggestions: the API does not document the call. */
const NOT_OFFERED = [403, 404, 405];

/** Suggests a schema. Sends the question to the API, and nothing else of the form. */
export async function suggestSchema(
  { input, input_format }: TaskFormValues,
  account: Account,
  { openKey, upstreams, log }: Pick<Services, "openKey" | "upstreams" | "log">,
  signal: AbortSignal,
): Promise<SchemaSuggestion> {
  const question = input.trim();
  if (question === "") {
    return { schema: null, note: "Write the question first: the fields are made from its words." };
  }
  const record = input_format === "json" ? recordIn(question) : null;
  const intent = record === null ? question : `Facts about ${subjectOf(record) ?? question}`;
  const { client, simulated } = upstreams.clientFor(await openKey(account.sealedKey));
  const asked = await client.suggest({
    user_intent: intent,
    ...record === null ? {} : { previous_task: { input_schema: schemaOfInput(record) } },
  }, { signal: AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)]) });
  if (asked.ok && asked.value.output_schema !== null) {
    const { output_schema: schema, warnings } = asked.value;
    return suggestion(
      schema,
      simulated
        ? "made up by the sandbox from the words of the question"
        : `suggested by Parallel${
          warnings.length === 0 ? "" : `, which adds: ${warnings.join("; ")}`
        }`,
    );
  }
  const isOffered = asked.ok || !NOT_OFFERED.includes(asked.failure.status ?? 0);
  if (!asked.ok && isOffered) {
    log("info", "no suggestion from the API", { reason: reasonOf(asked.failure.message) });
  }
  const why = isOffered
    ? "Parallel made no suggestion"
    : "this account has no suggestions at Parallel";
  // A record says what is known, not what is wanted.
  const draft = record === null ? schemaOfQuestion(question) : null;
  return draft === null
    ? { schema: null, note: `No suggestion: ${why}, and the words of the question name no fields.` }
    : suggestion(draft, `drafted here from the words of the question, because ${why}`);
}

/** The form with the suggestion, for a page without script. */
export function withSuggestion(
  values: TaskFormValues,
  { schema, note }: SchemaSuggestion,
): FormContent {
  if (schema === null) return { values, filled: { by: "suggestion", note, before: null } };
  const suggested = { ...values, output_type: "json", json_schema: schema };
  return {
    values: suggested,
    filled: { by: "suggestion", note, before: changed(values, suggested) },
  };
}

function suggestion(schema: Record<string, unknown>, how: string): SchemaSuggestion {
  const fields = countFields(schema);
  return {
    schema: JSON.stringify(schema, null, 2),
    note: `${fields} ${fields === 1 ? "field" : "fields"}, ${how}. Check what each should hold.`,
  };
}

/** What a record is about: its first text. */
function subjectOf(record: Record<string, unknown>): string | undefined {
  return Object.values(record).find((value) => typeof value === "string");
}

function recordIn(text: string): Record<string, unknown> | null {
  const read = parseTyped(text);
  return read.ok && isObject(read.value) ? read.value : null;
}
