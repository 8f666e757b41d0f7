/** Builds a schema property from its name in plain words. Pure; runs in a browser. */
import { inOrder, type JsonObject } from "../../base/mod.ts";

/** `Founded (year)` becomes `founded_year`. Letters of other scripts are kept. */
export function propertyName(words: string): string {
  const plain = words.normalize("NFKD").replace(/\p{M}+/gu, "").normalize("NFC")
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1_$2").toLowerCase();
  return plain.replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_+|_+$/g, "").slice(0, 64) || "field";
}

/** Returns an unused name, numbered if needed, and adds it to the used ones. */
export function freeName(name: string, used: Set<string>): string {
  let free = name;
  for (let n = 2; used.has(free); n++) free = `${name}_${n}`;
  used.add(free);
  return free;
}

interface Guess {
  readonly words: RegExp;
  readonly type: string;
  /** Text to append to the description. */
  readonly hint: string;
}

/** Types by keyword. The first match wins. */
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

/** Builds a nullable property whose type is guessed from the words. */
export function propertyOf(name: string): JsonObject {
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

/** A closed object with these properties, all required. */
export function objectOf(properties: readonly (readonly [name: string, JsonObject])[]): JsonObject {
  return {
    type: "object",
    properties: inOrder(properties),
    required: properties.map(([name]) => name),
    additionalProperties: false,
  };
}
