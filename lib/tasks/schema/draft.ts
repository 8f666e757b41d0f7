/** Drafts an output schema from a question, without the API. Pure; runs in a browser. */
import type { JsonObject } from "../../base/mod.ts";
import { BASIS_FIELDS } from "../../parallel/mod.ts";
import { freeName, objectOf, propertyName, propertyOf } from "./guess.ts";

/** Maximum characters read, and maximum fields of a draft. */
const QUESTION_CHARS = 4_000;
const MAX_FIELDS = 12;
/** A longer phrase counts as a sentence, named by its first words. */
const NAME_WORDS = 4;

/** Separators between the things a question asks for. */
const SEPARATORS = /[,;\n?•、，；。？]|\.(?=\s|$)|\s(?:and|und|et|y|e)\s/iu;

/** Two questions about the same thing. */
const PAIR = /\b(who|when|where|why|how) and (who|when|where|why|how)\b([^,;\n?.]*)/gi;

/** Pronouns for the subject of the question. */
const PRONOUNS = /(?:\s+(?:it|this|that|them|there|so))+$/i;

/** Phrases before the name of a thing. */
const ORDER =
  /^(?:(?:and|or|also|please|then)\s+)*(?:(?:find(?: out)?|get|give|tell|list|research|look up|return|name|describe|include|add|show)\s+(?:(?:me|us)\s+)?)?(?:(?:what|which)\s+(?:(?:is|are|was|were)\s+)?)?(?:(?:the|a|an|its|their|his|her|all|any)\s+)*/i;

/** The subject of a question, in front of what it asks: `For each company, find …`. */
const SUBJECT =
  /^(?:for|about)\s[^?\n]{1,200}?[\s,:]+(?=(?:find|get|give|tell|list|research|look up|return|name|describe|what|when|where|who|how)\b)/i;

/** Words for the form of an answer, before its content: `number of`, `list of`. */
const FORM = /^(?:(?:total )?numbers?|names?|list) of (?:(?:the|its|their|all)\s+)*/i;

/** Measures by the adjective in “how … is it”. */
const MEASURES: Readonly<Record<string, string>> = {
  big: "size",
  deep: "depth",
  far: "distance",
  fast: "speed",
  heavy: "weight",
  high: "height",
  large: "size",
  long: "length",
  old: "age",
  tall: "height",
  wide: "width",
};

const nullable = (type: string, description: string): JsonObject => ({
  type: [type, "null"],
  description: `${description}. Null if it cannot be found`,
});

type Draft = readonly [name: string, property: JsonObject];

/** Phrases that begin with a question word, and their fields. */
const QUESTIONS: readonly (readonly [RegExp, (words: readonly string[]) => Draft | null])[] = [
  [/^how (?:many|much) (.+)/i, ([, rest = ""]) => {
    const [noun = ""] = rest.split(" ");
    return [`${noun}_count`, nullable("number", `How many ${rest}`)];
  }],
  [/^how (\w+)/i, ([whole = "", adjective = ""]) => {
    const measure = MEASURES[adjective.toLowerCase()];
    return measure === undefined ? null : [measure, nullable("string", `${whole}, with its unit`)];
  }],
  [
    /^(?:since )?when (?:(?:is|was|are|were|did|does|it|they|the)\s+)*(.+)/i,
    ([whole = "", rest = ""]) => [
      `${lastWords(rest, 1)}_on`,
      nullable("string", `${whole}, YYYY-MM-DD`),
    ],
  ],
  [/^where (?:(?:is|was|are|were|did|does|it|they|the)\s+)*(.+)/i, ([whole = "", rest = ""]) => [
    `${lastWords(rest, 1)}_place`,
    nullable("string", whole),
  ]],
  [
    /^(?:which|what) (?!(?:is|was|has|does)\b)(\p{L}+s)\b(?! (?:is|are|was|were)\b).*/iu,
    ([whole = "", things = ""]) => [
      things,
      {
        type: "array",
        description: `${whole}. Empty if none can be found`,
        items: { type: "string" },
      },
    ],
  ],
  [/^why\b/i, ([whole = ""]) => ["reason", nullable("string", whole)]],
  [/^who (?:(?:is|was|are|were|has|have|does|did|the)\s+)*(.+)/i, ([, rest = ""]) => [
    firstWords(rest.replace(PRONOUNS, "")),
    {
      type: "array",
      description: `Who ${rest}. Empty if none can be found`,
      items: { type: "string" },
    },
  ]],
  [
    /^(?:is|are|was|were|does|do|did|has|have|can) (?:(?:it|they|the)\s+)*(.+)/i,
    ([whole = "", rest = ""]) => [
      `is_${firstWords(rest)}`,
      nullable("boolean", whole),
    ],
  ],
];

const firstWords = (text: string) => text.split(/\s+/).slice(0, NAME_WORDS).join(" ");
const lastWords = (text: string, count: number) => text.split(/\s+/).slice(-count).join(" ");

/** Drafts one field per thing that the question asks for; `null` if the question has no words. */
export function schemaOfQuestion(question: string): JsonObject | null {
  const used = new Set<string>();
  const fields: Draft[] = [];
  for (const phrase of phrasesOf(question.slice(0, QUESTION_CHARS))) {
    const draft = fieldOf(phrase);
    if (draft === null || BASIS_FIELDS.includes(draft[0]) || used.has(draft[0])) continue;
    fields.push([freeName(draft[0], used), draft[1]]);
    if (fields.length === MAX_FIELDS) break;
  }
  return fields.length === 0 ? null : objectOf(fields);
}

/** Text after a colon lists the fields; text before it names the subject. */
function phrasesOf(question: string): string[] {
  const [, list = question] = /^[^?]*?:\s+([^]+)$/.exec(question) ?? [];
  const whole = list.replace(SUBJECT, "").replace(/\([^)]*\)/g, " ").replace(PAIR, "$1$3, $2$3");
  return whole.split(SEPARATORS).map((phrase) => phrase.trim().replace(/\s+/g, " "))
    .filter((phrase) => /[\p{L}\p{N}]/u.test(phrase));
}

function fieldOf(phrase: string): Draft | null {
  // “when and where it was founded” is split at “and”. Ignore a lone question word.
  if (/^(?:who|what|when|where|why|how|which)$/i.test(phrase)) return null;
  const question = phrase.replace(/^(?:and|or|also|please|then)\s+/i, "");
  for (const [pattern, field] of QUESTIONS) {
    const words = pattern.exec(question);
    const draft = words && field(words);
    if (draft) return [propertyName(draft[0]), draft[1]];
  }
  const words = phrase.replace(ORDER, "").replace(/[.!:]+$/, "");
  // Drop the prepositional phrase: it repeats the subject.
  const [thing = words] = words.replace(FORM, "").split(
    /\s(?:of|about|in|for|at|by|from|to|on|with|that|which|who)\s/i,
  );
  const name = propertyName(firstWords(thing.replace(PRONOUNS, "")));
  return name === "field" ? null : [name, propertyOf(words)];
}
