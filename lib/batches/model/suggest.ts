/** Drafts an output schema from the headings of empty columns, without the API. Pure. */
import type { JsonObject } from "../../base/mod.ts";
import { BASIS_FIELDS, SCHEMA_PROPERTIES } from "../../parallel/mod.ts";
import { emptyColumns, type Table } from "./table.ts";

/** A column and the property that was made of it. */
export interface SuggestedField {
  readonly column: number;
  readonly property: string;
}

export interface SuggestedSchema {
  readonly schema: JsonObject;
  readonly fields: readonly SuggestedField[];
  /** Empty columns that were left out: every result has them anyway, such as sources, or there are too many. */
  readonly left_out: readonly string[];
}

/** The draft; `null` if no column with a heading is empty. */
export function suggestSchemaFromColumns(table: Table): SuggestedSchema | null {
  const fields: SuggestedField[] = [];
  const properties: [string, JsonObject][] = [];
  const left_out: string[] = [];
  const used = new Set<string>();
  for (const column of emptyColumns(table)) {
    const { name } = table.columns[column]!;
    const property = free(propertyName(name), used);
    if (BASIS_FIELDS.includes(property) || properties.length >= SCHEMA_PROPERTIES) {
      left_out.push(name);
      continue;
    }
    fields.push({ column, property });
    properties.push([property, propertyOf(name)]);
  }
  if (fields.length === 0) return null;
  return {
    schema: {
      type: "object",
      properties: Object.fromEntries(properties),
      required: properties.map(([name]) => name),
      additionalProperties: false,
    },
    fields,
    left_out,
  };
}

/** `Founded (year)` is `founded_year`; other scripts keep their letters. */
function propertyName(heading: string): string {
  const plain = heading.normalize("NFKD").replace(/\p{M}+/gu, "").normalize("NFC")
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1_$2").toLowerCase();
  return plain.replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_+|_+$/g, "").slice(0, 64) || "field";
}

function free(name: string, used: Set<string>): string {
  let free = name;
  for (let n = 2; used.has(free); n++) free = `${name}_${n}`;
  used.add(free);
  return free;
}

interface Guess {
  readonly words: RegExp;
  readonly type: string;
  /** What the description says behind the heading. */
  readonly hint: string;
}

/** The usual meaning of headings. The first match counts. */
const GUESSES: readonly Guess[] = [
  {
    words: /^(?:is|has|does|can|are|uses|offers)\b|\?$|\by(?:es)?\/no?\b/i,
    type: "boolean",
    hint: "",
  },
  {
    words: /\b(?:url|website|web\s?site|link|homepage|linkedin|twitter|github)\b/i,
    type: "string",
    hint: ", as a full URL",
  },
  { words: /\be-?mail\b/i, type: "string", hint: ", as an e-mail address" },
  {
    words: /\b(?:year|founded(?: in)?|established)$|\byear\b/i,
    type: "integer",
    hint: ", as a year",
  },
  {
    words: /\b(?:date|day|birthday|deadline|as of)\b|\bon$/i,
    type: "string",
    hint: ", YYYY-MM-DD",
  },
  {
    words: /^(?:number of|count of|no\. of|#)|\b(?:employees|headcount|staff|count|population)\b/i,
    type: "integer",
    hint: ", as a whole number",
  },
  { words: /%|\b(?:percent(?:age)?|share|rate|ratio)\b/i, type: "number", hint: ", in percent" },
  {
    words:
      /\b(?:revenue|turnover|funding|valuation|price|cost|salary|profit|budget|amount|market cap)\b/i,
    type: "string",
    hint: ", with currency and period",
  },
  {
    words:
      /\b(?:competitors|products|services|investors|founders|customers|technologies|brands|partners|offices|locations|keywords|tags|languages|names)$/i,
    type: "array",
    hint: ", the most important first",
  },
];

function propertyOf(name: string): JsonObject {
  const words = name.replace(/[_-]+/g, " ").trim();
  const guess = GUESSES.find((guess) => guess.words.test(words));
  const description = `${words}${guess?.hint ?? ""}. Null if it cannot be found`;
  switch (guess?.type) {
    case "array":
      return {
        type: "array",
        description: `${words}${guess.hint}. Empty if none can be found`,
        items: { type: "string" },
      };
    case undefined:
      return { type: ["string", "null"], description };
    default:
      return { type: [guess!.type, "null"], description };
  }
}
