/**
 * Six example tasks that show the range of the API. The sandbox has a handwritten result for each input, so
 * change both together. Pure: runs in a browser.
 */
import type { TaskRunInput } from "../../parallel/mod.ts";

/** An example, with its texts for a list and the request for the form. */
export interface ExampleTask {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly input: TaskRunInput;
}

/** The examples, from the simplest to the longest. */
export const EXAMPLES: readonly ExampleTask[] = [
  {
    id: "mountain",
    title: "Highest mountain of Slovenia",
    summary: "2 JSON fields",
    input: {
      input: "What is the highest mountain of Slovenia, and how high is it?",
      processor: "lite",
      task_spec: {
        output_schema: {
          type: "json",
          json_schema: {
            type: "object",
            properties: {
              mountain: { type: "string", description: "Name of the mountain" },
              height_m: { type: "integer", description: "Height above sea level in metres" },
            },
            required: ["mountain", "height_m"],
            additionalProperties: false,
          },
        },
      },
      enable_events: true,
    },
  },
  {
    id: "enrichment",
    title: "Enrich an organisation",
    summary: "5 JSON fields for a record",
    input: {
      input: { organisation: "Wikimedia Foundation", website: "https://wikimediafoundation.org" },
      processor: "base",
      task_spec: {
        input_schema: {
          type: "json",
          json_schema: {
            type: "object",
            properties: {
              organisation: { type: "string", description: "Name of the organisation" },
              website: { type: "string", description: "Its home page" },
            },
            required: ["organisation", "website"],
            additionalProperties: false,
          },
        },
        output_schema: {
          type: "json",
          json_schema: {
            type: "object",
            properties: {
              legal_form: {
                type: "string",
                enum: ["company", "non-profit", "public body", "cooperative", "other"],
                description: "What kind of organisation it is",
              },
              founded_year: { type: "integer", description: "Year it was founded" },
              headquarters: { type: "string", description: "City and country" },
              main_projects: {
                type: "array",
                items: { type: "string" },
                description: "Its three to five best known projects",
              },
              funding: { type: "string", description: "Where its money comes from, one sentence" },
            },
            required: ["legal_form", "founded_year", "headquarters", "main_projects", "funding"],
            additionalProperties: false,
          },
        },
      },
      enable_events: true,
    },
  },
  {
    id: "ai-act",
    title: "Timeline of the EU AI Act",
    summary: "Text, official sources only",
    input: {
      input: "Which obligations of the EU AI Act apply from which date, and to whom?",
      processor: "core",
      task_spec: {
        output_schema: {
          type: "text",
          description: "At most 300 words: a table of dates and duties, then what is still open.",
        },
      },
      source_policy: {
        include_domains: ["europa.eu", "eur-lex.europa.eu"],
        after_date: "2024-07-01",
      },
      advanced_settings: { location: "be" },
      enable_events: true,
    },
  },
  {
    id: "databases",
    title: "Compare embedded databases",
    summary: "A list of objects",
    input: {
      input: "Compare SQLite, DuckDB and RocksDB as embedded databases for a desktop application " +
        "that keeps a few gigabytes of user data.",
      processor: "pro",
      task_spec: {
        output_schema: {
          type: "json",
          json_schema: {
            type: "object",
            properties: {
              summary: { type: "string", description: "The answer in three sentences" },
              databases: {
                type: "array",
                description: "One entry for each database",
                items: {
                  type: "object",
                  properties: {
                    name: { type: "string" },
                    data_model: { type: "string", enum: ["relational", "columnar", "key-value"] },
                    license: { type: "string" },
                    first_release: { type: "integer", description: "Year" },
                    concurrency: {
                      type: "object",
                      properties: {
                        many_readers: { type: "boolean" },
                        many_writers: { type: "boolean" },
                        note: { type: "string" },
                      },
                      required: ["many_readers", "many_writers", "note"],
                      additionalProperties: false,
                    },
                    strengths: { type: "array", items: { type: "string" } },
                    weaknesses: { type: "array", items: { type: "string" } },
                  },
                  required: [
                    "name",
                    "data_model",
                    "license",
                    "first_release",
                    "concurrency",
                    "strengths",
                    "weaknesses",
                  ],
                  additionalProperties: false,
                },
              },
              recommendation: {
                type: "object",
                properties: {
                  choice: { type: "string" },
                  because: { type: "string" },
                  unless: { type: ["string", "null"] },
                },
                required: ["choice", "because", "unless"],
                additionalProperties: false,
              },
            },
            required: ["summary", "databases", "recommendation"],
            additionalProperties: false,
          },
        },
      },
      enable_events: true,
    },
  },
  {
    id: "data-centres",
    title: "Where the data centres are",
    summary: "Text, with a table",
    input: {
      input: "Which cities host the most data centres, and why there?",
      processor: "pro",
      task_spec: {
        output_schema: {
          type: "text",
          description: "A report for a general reader: the answer first, a table of the leading " +
            "cities, then what drew them, then how sure this is.",
        },
      },
      enable_events: true,
    },
  },
  {
    id: "heat-pumps",
    title: "The market for heat pumps in Europe",
    summary: "Auto, a long report",
    input: {
      input: "Research the market for residential heat pumps in Europe: size, growth, makers, " +
        "policy and what could slow it down.",
      processor: "ultra",
      task_spec: { output_schema: { type: "auto" } },
      enable_events: true,
    },
  },
];

/** The example of that id, or `null`. */
export function example(id: string): ExampleTask | null {
  return EXAMPLES.find((each) => each.id === id) ?? null;
}
