/** Guesses a task's topic from its words: the nouns for the simulated prose. */
import type { TaskRunInput } from "../../parallel/mod.ts";

/** The subject of a task. */
export interface Topic {
  /** The question itself, or the record's main value, short enough for a heading. */
  readonly phrase: string;
  /** Names and significant words: distinct, at least one. */
  readonly words: readonly string[];
}

const STOP_WORDS = new Set(
  ("a about above after again all also am an and any are as at be because been before being below between both " +
    "but by can could did do does doing down during each every few find following for from further give had has " +
    "have having he her here hers him his how i if in into is it its itself just list made make many me more most " +
    "much must my no nor not now of off on once only or other our out over own per please provide " +
    "same say she should show so some such tell than that the their them then there these they this those through " +
    "to too under until up us use using very was we were what when where which while who whom whose why will with " +
    "would you your long high large big first " +
    "host hosts apply applies keep keeps slow become became grow grew best good well known latest recent current " +
    "currently highest tallest largest biggest longest oldest newest main major like need needs want")
    .split(" "),
);

/** Instructions that a task may begin with. The subject follows them. */
const ORDER =
  /^(?:research|report(?: on)?|compare|describe|explain|summari[sz]e|analy[sz]e|write|list|review|investigate)\s+/i;

/** A question rarely has more significant words than this. */
const MAX_WORDS = 9;

/** Returns the subject of a request's input. */
export function topicOf(input: TaskRunInput["input"]): Topic {
  const texts = typeof input === "string" ? [input] : leavesOf(input);
  const text = texts.join(". ").slice(0, 4_000);
  const names = namesIn(texts);
  const inNames = names.join(" ").toLowerCase();
  const phrases = nounsIn(text.replace(ORDER, "")).filter((phrase) =>
    !inNames.includes(phrase.toLowerCase())
  );
  const words = [...new Set([...names, ...phrases])].slice(0, MAX_WORDS);
  const [sentence = ""] = (texts[0] ?? "").trim().split(/(?<=[.?!])\s|\n/, 1);
  return {
    phrase: clip(sentence.replace(/[\s?!.:]+$/, ""), 100) || "the question",
    words: words.length > 0 ? words : ["the question"],
  };
}

/** Names: consecutive capitalised words, except at the start of a sentence. */
function namesIn(texts: readonly string[]): string[] {
  const inner = /(?<=[\p{L}\p{N},;] )\p{Lu}[\p{L}\p{N}&-]+(?: \p{Lu}[\p{L}\p{N}&-]+)*/gu;
  const found = texts.flatMap((text) => [...text.matchAll(inner)].map(([name]) => name));
  // A short value of a record is a name as it is.
  const whole = texts.length > 1
    ? texts.filter((text) => /^\p{Lu}[\p{L}\p{N}&.' -]{1,40}$/u.test(text))
    : [];
  return [...new Set([...whole, ...found])].slice(0, 6);
}

/** Significant words, in pairs if adjacent: "research reactors". */
function nounsIn(text: string): string[] {
  const nouns: string[] = [];
  for (const clause of text.replace(/https?:\/\/\S+/g, " ").split(/[^\p{L}\p{N}\s'-]+/u)) {
    let row: string[] = [];
    const flush = () => {
      if (row.length > 0) nouns.push(row.slice(-2).join(" "));
      if (row.length > 2) nouns.push(row[0]!);
      row = [];
    };
    for (const word of clause.split(/\s+/)) {
      const lower = word.toLowerCase();
      if (word.length < 3 || STOP_WORDS.has(lower) || !/\p{L}{2}/u.test(word)) flush();
      else row.push(/^\p{Lu}\p{Ll}+$/u.test(word) ? lower : word);
    }
    flush();
  }
  return nouns;
}

/** The strings and numbers of a JSON input, in order. */
function leavesOf(value: unknown, depth = 0): string[] {
  if (depth > 8) return [];
  if (typeof value === "string") return value.trim() === "" ? [] : [value.trim()];
  if (typeof value === "number" || typeof value === "boolean") return [String(value)];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap((member) => leavesOf(member, depth + 1)).slice(0, 40);
}

function clip(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const cut = text.slice(0, chars);
  return `${cut.slice(0, Math.max(40, cut.lastIndexOf(" ")))}…`;
}
