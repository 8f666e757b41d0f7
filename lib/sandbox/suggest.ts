/** Suggests a schema for an intent, as the API does for its own playground. */
import { isObject, type JsonObject } from "../base/mod.ts";
import { PROCESSORS } from "../parallel/mod.ts";
import { countFields } from "../tasks/schema/mod.ts";
import { validateTaskInput } from "../tasks/fields/mod.ts";
import { jsonResponse, refuse } from "./responses.ts";
import { readObject, refuseBody } from "./groups/add.ts";
import { LABEL } from "./output/text.ts";
import { slugOf } from "./script/sources.ts";

/** The most suggested fields, and the most characters of an intent that are read. */
const MOST_FIELDS = 8;
const INTENT_CHARS = 4_000;
/** Instructions and courtesies before the actual request. */
const ORDER =
  /^(?:please\s+)?(?:find|get|give|tell|add|enrich|research|look up|list|for each[^,:]*[,:]?)\s+(?:(?:me|out|with|us)\s+)?(?:(?:the|their|its|a|an)\s+)?/i;

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
  const fields = fieldsOf(intent.slice(0, INTENT_CHARS));
  const given = isObject(previous) && isObject(previous.input_schema)
    ? previous.input_schema
    : null;
  const output_schema = {
    type: "object",
    properties: Object.fromEntries(
      fields.map(([name, words]) => [name, { type: typeOf(name), description: `${words}.` }]),
    ),
    required: fields.map(([name]) => name),
    additionalProperties: false,
  };
  return jsonResponse({
    title: intent.trim().slice(0, 60),
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

/** The fields of the request: each has a name and its words. */
function fieldsOf(intent: string): (readonly [string, string])[] {
  const parts = intent.split(/[,;\n]|\band\b|\?/i).map((part) =>
    part.trim().replace(ORDER, "").trim()
  );
  const fields = new Map<string, string>();
  for (const part of parts) {
    const words = part.replace(/[.!:]+$/, "");
    const name = slugOf(words).replaceAll("-", "_").replace(/^(?=\d)/, "field_").slice(0, 40);
    if (name !== "" && fields.size < MOST_FIELDS) fields.set(name, words);
  }
  return fields.size > 0 ? [...fields] : [["answer", intent.trim().slice(0, 200)]];
}

function typeOf(name: string): string {
  return /(?:^|_)(?:year|count|number|headcount|employees)(?:_|$)/.test(name)
    ? "integer"
    : "string";
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
