/** Suggests a schema for an intent, as the API does for its own playground. */
import { beginning, isObject, type JsonObject } from "../base/mod.ts";
import { PROCESSORS } from "../parallel/mod.ts";
import { countFields, objectOf, propertyOf, schemaOfQuestion } from "../tasks/schema/mod.ts";
import { validateTaskInput } from "../tasks/fields/mod.ts";
import { jsonResponse, refuse } from "./responses.ts";
import { readObject, refuseBody } from "./groups/add.ts";
import { LABEL } from "./output/text.ts";

/** The most characters of an intent without fields that describe its only field. */
const ANSWER_CHARS = 200;

/** Handles a request for a schema, or for suitable processors. */
export async function suggest(request: Request, path: string): Promise<Response> {
  if (request.method !== "POST") {
    return refuse(405, "Method not allowed: use POST", null, { allow: "POST" });
  }
  const body = await readObject(request);
  if (body instanceof Response) return body;
  return path.endsWith("-processor") ? suggestProcessor(body) : suggestSchema(body);
}

function suggestSchema({ user_intent: intent, previous_task: previous }: JsonObject): Response {
  if (typeof intent !== "string" || intent.trim() === "") {
    return refuseBody([{ field: "user_intent", message: "Field required" }]);
  }
  const given = isObject(previous) && isObject(previous.input_schema)
    ? previous.input_schema
    : null;
  const output_schema = schemaOfQuestion(intent) ??
    objectOf([["answer", propertyOf(intent.trim().slice(0, ANSWER_CHARS))]]);
  return jsonResponse({
    title: beginning(intent.trim(), 60),
    input_schema: given ?? {
      type: "object",
      properties: { subject: { type: "string", description: "What the task is about." } },
      required: ["subject"],
    },
    output_schema,
    inputs: [],
    warnings: [`${LABEL}: the fields are the words of the intent.`],
  });
}

function suggestProcessor({ task_spec, choose_processors_from: from }: JsonObject): Response {
  const checked = validateTaskInput({ input: "x", processor: "base", task_spec });
  if (!checked.ok) return refuseBody(checked.problems);
  const schema = checked.input.task_spec?.output_schema;
  const fields = isObject(schema) && isObject(schema.json_schema)
    ? countFields(schema.json_schema)
    : 1;
  const recommended = PROCESSORS.filter((each) =>
    // The API never recommends its smallest.
    each.name !== "lite" && each.fields >= fields &&
    (!Array.isArray(from) || from.length === 0 || from.includes(each.name))
  );
  return jsonResponse({ recommended_processors: recommended.slice(0, 2).map(({ name }) => name) });
}
