/** Output schemas to start from; each keeps every rule of the API. Pure: runs in a browser. */
import type { JsonObject } from "../../base/mod.ts";

/** A schema to start from. */
export interface SchemaTemplate {
  readonly id: string;
  readonly title: string;
  readonly schema: JsonObject;
}

const text = (description: string) => ({ type: "string", description });
const orNull = (description: string) => ({ type: ["string", "null"], description });
const list = (items: JsonObject, description: string) => ({ type: "array", description, items });
const object = (properties: JsonObject) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

/** The templates, from the smallest to the largest. */
export const SCHEMA_TEMPLATES: readonly SchemaTemplate[] = [
  {
    id: "answer",
    title: "One answer and why",
    schema: object({
      answer: text("The answer in one sentence"),
      because: text("What it rests on, in two or three sentences"),
      as_of: orNull("The day that the answer is true of, YYYY-MM-DD"),
    }),
  },
  {
    id: "verdict",
    title: "Yes or no",
    schema: object({
      verdict: { type: "string", enum: ["yes", "no", "unclear"], description: "The verdict" },
      because: text("The strongest fact for it"),
      against: orNull("The strongest fact against it"),
    }),
  },
  {
    id: "company",
    title: "Facts about a company",
    schema: object({
      legal_name: text("Registered name"),
      founded_year: { type: ["integer", "null"], description: "Year it was founded" },
      headquarters: text("City and country"),
      employees: { type: ["integer", "null"], description: "Number of employees, latest known" },
      products: list({ type: "string" }, "Its main products, three to five"),
      latest_news: orNull("The most important news of the last twelve months"),
    }),
  },
  {
    id: "list",
    title: "A list of things",
    schema: object({
      items: list(
        object({
          name: text("What it is called"),
          summary: text("One sentence on it"),
          url: orNull("Its own page"),
        }),
        "One entry for each, the most important first",
      ),
    }),
  },
  {
    id: "comparison",
    title: "A comparison",
    schema: object({
      summary: text("The answer in three sentences"),
      options: list(
        object({
          name: text("What it is called"),
          price: orNull("What it costs, with currency and period"),
          strengths: list({ type: "string" }, "Two to four"),
          weaknesses: list({ type: "string" }, "Two to four"),
          best_for: text("Who should choose it"),
        }),
        "One entry for each option",
      ),
      recommendation: text("Which one, and when another one"),
    }),
  },
  {
    id: "timeline",
    title: "A timeline",
    schema: object({
      events: list(
        object({
          day: text("YYYY-MM-DD, or as exact as is known"),
          event: text("What happened"),
          matters: text("Why it matters"),
        }),
        "In order of time",
      ),
    }),
  },
];
