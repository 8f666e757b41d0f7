/** What a task is about, as far as words alone tell: the nouns that the simulated prose is made of. */
import type { TaskRunInput } from "../../parallel/types.ts";

/** The subject of a task. */
export interface Topic {
  /** A short phrase that fits into a sentence: "data centres in Europe". */
  readonly phrase: string;
  /** Its weightiest words, never none. */
  readonly keywords: readonly string[];
  /** Names in it, longest first; may be none. */
  readonly names: readonly string[];
}

const STOP_WORDS = new Set(
  ("a about above after again all also am an and any are as at be because been before being below between both " +
    "but by can could did do does doing down during each every few find following for from further give had has " +
    "have having he her here hers him his how i if in into is it its itself just list made make many me more most " +
    "much must my no nor not now of off on once only or other our out over own per please provide report research " +
    "same say she should show so some such tell than that the their them then there these they this those through " +
    "to too under until up us use using very was we were what when where which while who whom whose why will with " +
    "would write you your compare describe explain summarise summarize analyse analyze long high large big first")
    .split(" "),
);

/** Openings of questions and orders: what follows them is the subject. */
const OPENING = new RegExp(
  "^(?:(?:please|kindly|can you|could you|i want to know|tell me)\\s+)?" +
    "(?:what(?:'s| is| are| was| were)?|which|who(?: is| are| was| were)?|where(?: is| are)?|when(?: was| did| is)?|" +
    "why(?: is| are| do| does)?|how(?: many| much| do| does| is| are| long| high)?|research|find(?: out)?|compare|" +
    "list|summari[sz]e|describe|explain|analy[sz]e|write(?: a report)?(?: about| on)?|give(?: me)?)\\s+",
  "i",
);

/** The subject of a request's input. */
export function topicOf(input: TaskRunInput["input"]): Topic {
  const texts = typeof input === "string" ? [input] : leavesOf(input);
  const text = texts.join(". ").slice(0, 4_000);
  const names = namesIn(texts);
  const words = text.match(/[\p{L}][\p{L}\p{N}-]{2,}/gu) ?? [];
  const keywords = unique(words.map((word) => word.toLowerCase()))
    .filter((word) => !STOP_WORDS.has(word) && word.length > 3)
    .slice(0, 12);
  const phrase = typeof input === "string" ? phraseOf(input) : texts[0] ?? "the given record";
  return {
    phrase: clip(phrase, 90) || "the question",
    keywords: keywords.length > 0 ? keywords : ["question"],
    names,
  };
}

function phraseOf(text: string): string {
  const [sentence = ""] = text.trim().split(/(?<=[.?!])\s|\n|:\s/, 1);
  const bare = sentence.replace(/[?!.\s]+$/, "").replace(OPENING, "").replace(
    /^(?:the|a|an)\s+/i,
    "",
  );
  // "Which cities host X, and why there" is about what stands before the comma.
  const [head = bare] = bare.split(/[,;]\s/, 1);
  return head.length >= 8 ? head : bare;
}

/** Names: capitalised words in a row, anywhere but at the start of a sentence. */
function namesIn(texts: readonly string[]): string[] {
  const found = texts.flatMap((text) =>
    [...text.matchAll(/(?<=[\p{L}\p{N},;] )(?:\p{Lu}[\p{L}\p{N}&-]+)(?: \p{Lu}[\p{L}\p{N}&-]+)*/gu)]
      .map(([name]) => name)
  );
  const whole = texts.filter((text) => /^\p{Lu}[\p{L}\p{N}&.' -]{1,40}$/u.test(text));
  return unique([...whole, ...found]).slice(0, 6);
}

/** The texts and figures of a JSON input, in order. */
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

function unique(items: readonly string[]): string[] {
  return [...new Set(items)];
}
