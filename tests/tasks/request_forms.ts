/** Any form that gives a request, for property tests. */
import fc from "fast-check";
import { inOrder } from "../../lib/base/mod.ts";
import {
  emptyForm,
  formValuesFrom,
  parseTaskForm,
  type TaskFormValues,
} from "../../lib/tasks/fields/mod.ts";
import { PROCESSORS } from "../../lib/parallel/processors.ts";
import type { TaskRunInput } from "../../lib/parallel/types.ts";

/** The fields as a browser posts them. */
export function posted(values: Readonly<Record<string, string>>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) data.set(name, value);
  return data;
}

const line = fc.string({ unit: "binary", minLength: 1, maxLength: 60 });
const nasty = fc.constantFrom(
  'it\'s "quoted" `x` $HOME !! \\n \\',
  "first\nsecond\r\nthird\ttab",
  "中文 עברית 👩‍🚀 \u2028 \u0000 \ud800",
  "create({ not this })",
  "'\\''",
);
/** JavaScript moves such names to the front of an object. */
const digits = fc.nat({ max: 99 }).map(String);
const words = fc.oneof(line, nasty).filter((text) => text.trim() !== "");
/** The text of an object whose members are in any order. */
const members = <T>(
  name: fc.Arbitrary<string>,
  value: fc.Arbitrary<T>,
  { maxKeys }: { maxKeys: number },
) =>
  fc.uniqueArray(fc.tuple(fc.oneof(name, digits), value), {
    minLength: 1,
    maxLength: maxKeys,
    selector: ([each]) => each,
  }).map(inOrder);
const leaf = fc.record({
  type: fc.constantFrom("string", "integer", "number", "boolean"),
  description: words,
});
const schema = members(words, leaf, { maxKeys: 4 }).map((properties) =>
  JSON.stringify({
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  })
);
const domain = fc.stringMatching(/^[a-z]{2,8}\.(?:com|org|co\.uk)$/);
const domains = fc.array(domain, { maxLength: 4 }).map((list) => list.join("\n"));
const some = (value: fc.Arbitrary<string>) => fc.oneof(fc.constant(""), value);

const input = fc.oneof(
  fc.record({ input_format: fc.constant("text"), input: words }),
  fc.record({
    input_format: fc.constant("json"),
    input: members(fc.oneof(words, fc.constant("__proto__")), fc.jsonValue(), {
      maxKeys: 3,
    }).map((value) => JSON.stringify(value)),
  }),
);
const output = fc.oneof(
  fc.constant({ output_type: "auto", text_description: "", json_schema: "" }),
  some(words).map((text) => ({
    output_type: "text",
    text_description: text,
    json_schema: "",
  })),
  schema.map((text) => ({ output_type: "json", text_description: "", json_schema: text })),
);
const options = fc.record({
  processor: fc.constantFrom(...PROCESSORS.map(({ name }) => name)),
  include_domains: domains,
  exclude_domains: domains,
  after_date: some(fc.constantFrom("2024-02-29", "2026-01-31")),
  location: some(fc.constantFrom("de", "US")),
  input_schema: some(schema),
  previous_interaction_id: some(fc.stringMatching(/^trun_[0-9a-f]{32}$/)),
  webhook_url: some(fc.constantFrom("https://hooks.mysite.com/x?y='1'&z=%22")),
  metadata: some(
    members(
      fc.string({ unit: "binary", maxLength: 16 }),
      fc.oneof(fc.string({ unit: "binary", maxLength: 100 }), fc.integer(), fc.boolean()),
      { maxKeys: 3 },
    ).map((value) => JSON.stringify(value)),
  ),
  mcp_servers: some(
    fc.array(
      fc.record({
        name: words,
        url: fc.constantFrom("https://mcp.example.com/mcp", "https://b.example.com"),
        allowed_tools: fc.array(words, { maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 3 },
    ).map((value) => JSON.stringify(value)),
  ),
  enable_events: fc.constantFrom("", "on"),
});

/** Requests that the form makes, each with the form as it comes back from it. */
export const requests: fc.Arbitrary<
  { readonly input: TaskRunInput; readonly values: TaskFormValues }
> = fc.tuple(input, output, options)
  .map((parts) => parseTaskForm(posted({ ...emptyForm(), ...Object.assign({}, ...parts) })))
  .filter((parsed) => parsed.ok)
  .map(({ input }) => ({ input, values: formValuesFrom(input) }));
