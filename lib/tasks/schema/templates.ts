/** Output schema templates. Each follows every rule of the API. Pure; runs in a browser. */
import type { JsonObject } from "../../base/mod.ts";

/** A schema template. */
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

/** The templates, smallest first. */
export const SCHEMA_TEMPLATES: readonly SchemaTemplate[] = [
  {
    id: "answer",
    title: "One answer and why",
    schema: object({
      answer: text("The answer in one sentence"),
      because: text("The evidence, in two or three sentences"),
      as_of: orNull("The date the answer refers to, YYYY-MM-DD"),
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
          url: orNull("Its web page"),
        }),
        "One entry per item, most important first",
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
          day: text("YYYY-MM-DD, or as precise as known"),
          event: text("What happened"),
          matters: text("Why it matters"),
        }),
        "In chronological order",
      ),
    }),
  },
];
