import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { isObject } from "../../../lib/base/mod.ts";
import { BASIS_FIELDS } from "../../../lib/parallel/mod.ts";
import { checkOutputSchema, schemaOfQuestion } from "../../../lib/tasks/schema/mod.ts";

const QUESTIONS: readonly (readonly [question: string, fields: Record<string, string>])[] = [
  [
    "Halden Robotics (haldenrobotics.example): registered name, when and where it was founded, " +
    "how many people work there, and who has funded it.",
    {
      registered_name: "string",
      founded_on: "string",
      founded_place: "string",
      people_count: "number",
      funded: "array",
    },
  ],
  ["What is the highest mountain of Slovenia, and how high is it?", {
    highest_mountain: "string",
    height: "string",
  }],
  ["Find the CEO, headcount and founding year", {
    ceo: "string",
    headcount: "integer",
    founding_year: "integer",
  }],
  ["For Halden Robotics, find the founding year, the number of employees and its headquarters", {
    founding_year: "integer",
    employees: "integer",
    headquarters: "string",
  }],
  ["About Aalto Pay: what is its revenue, and names of the founders?", {
    revenue: "string",
    founders: "array",
  }],
  ["Which cities host the most data centres, and why there?", {
    cities: "array",
    reason: "string",
  }],
  ["Is Stripe profitable?", { is_stripe_profitable: "boolean" }],
  ["CEO; ceo\nCEO", { ceo: "string" }],
  ["Website, e-mail address, share of women on the board", {
    website: "string",
    e_mail_address: "string",
    share: "number",
  }],
  ["公司的成立年份、总部", { "公司的成立年份": "string", "总部": "string" }],
];

for (const [question, fields] of QUESTIONS) {
  Deno.test(`fields drafted from a question: ${question.slice(0, 50)}`, () => {
    const schema = schemaOfQuestion(question);
    assert(schema !== null && isObject(schema.properties));
    const types = Object.entries(schema.properties).map(([name, property]) => {
      const { type } = property as { type: string | string[] };
      return [name, Array.isArray(type) ? type[0] : type];
    });
    assertEquals(Object.fromEntries(types), fields);
    assertEquals(checkOutputSchema(schema), { errors: [], warnings: [] });
  });
}

Deno.test("a question without words gives no fields; a long one stays within the API's rules", () => {
  for (const empty of ["", "???", " . , ; ", "when and where?"]) {
    assertStrictEquals(schemaOfQuestion(empty), null, empty);
  }
  const long = Array.from({ length: 5_000 }, (_, at) => `thing ${at}`).join(", ");
  const schema = schemaOfQuestion(long);
  assert(schema !== null && isObject(schema.properties));
  assertStrictEquals(Object.keys(schema.properties).length, 12);
  assertEquals(checkOutputSchema(schema).errors, []);
  // What every result has anyway is no field.
  assertStrictEquals(schemaOfQuestion(BASIS_FIELDS.join(", ")), null);
});
