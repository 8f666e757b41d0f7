/**
 * Where something is in a payload: names and array indices joined by dots; `""` is the payload. `*`
 * goes through every item of an array. `!name` drops an item whose `name` is true or a number other
 * than 0, `?name` one whose `name` is not.
 */
export type Path = string;

/** Fields (by path) a payload must have, with this text or beginning with it (`response.*`). */
export type When = Readonly<Record<Path, string>>;

/** One place to look, and the payloads to look in. */
export interface Rule {
  /** The payloads to look in. Default: all. */
  readonly when?: When;
  /** Where; several are added up (numbers) or joined (text). */
  readonly at: Path | readonly Path[];
}

/** Where pieces of tool calls are. */
export interface ToolCallRule {
  /** The payloads to look in. Default: all. */
  readonly when?: When;
  /** The pieces; the other paths lead on from there. */
  readonly at: Path;
  /** What pieces of one call have in common. Without it, each piece is a call. */
  readonly key?: Path;
  /** What the result of a call refers to. */
  readonly id?: Path;
  /** The tool. */
  readonly name?: Path;
  /** A piece of the arguments' JSON, or all of them as an object. */
  readonly arguments?: Path;
}

/**
 * How to recognise an API's stream, and where its parts are. To add a provider, write this object and a
 * fixture.
 */
export interface Provider {
  /** What {@link Collected} calls it. */
  name: string;
  /** A payload that fits any of these is this provider's. */
  signs: readonly Rule[];
  /** The answer's next piece of text. */
  text: readonly Rule[];
  /** The next piece of a refusal, which takes the place of the text. */
  refusal?: readonly Rule[];
  /** The next piece of what the model thinks. */
  reasoning?: readonly Rule[];
  /** Pieces of calls of tools. */
  toolCalls?: readonly ToolCallRule[];
  /** The model that answers. */
  model: readonly Rule[];
  /**
   * Tokens of the request, counted from the beginning: at each place of a rule the last number other
   * than 0 counts, and places of the same position in several rules are the same.
   */
  inputTokens: readonly Rule[];
  /** Tokens of the answer, likewise. */
  outputTokens: readonly Rule[];
  /** Tokens of both, likewise: some APIs count thoughts only here. */
  totalTokens?: readonly Rule[];
  /** Why the answer ended. */
  finish: readonly Rule[];
  /** Other signs of its end. A stream that ends without any, and without `[DONE]`, was cut. */
  end?: readonly Rule[];
}

/** Yields every value at a path. */
export function valuesAt(payload: unknown, path: Path): unknown[] {
  let found: unknown[] = [payload];
  for (const step of path ? path.split(".") : []) {
    found = found.flatMap((value) => {
      if (typeof value !== "object" || value === null) return [];
      if (step === "*") return Array.isArray(value) ? value : [];
      const [, test, name = ""] = /^([!?]?)(.*)$/s.exec(step)!;
      const inner: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
      if (test) return !inner === (test === "!") ? [value] : [];
      return inner === undefined || inner === null ? [] : [inner];
    });
  }
  return found;
}

export function applies({ when = {} }: { when?: When }, payload: unknown): boolean {
  return Object.entries(when).every(([path, wanted]) => {
    const [value] = valuesAt(payload, path);
    return typeof value === "string" &&
      (wanted.endsWith("*") ? value.startsWith(wanted.slice(0, -1)) : value === wanted);
  });
}

/** What the first rule that leads somewhere finds. */
export function find(rules: readonly Rule[], payload: unknown): unknown[] {
  for (const rule of rules) {
    if (!applies(rule, payload)) continue;
    const found = [rule.at].flat().flatMap((path) => valuesAt(payload, path));
    if (found.length) return found;
  }
  return [];
}

/** The first non-empty text of a rule, or `""`. */
export function findText(rules: readonly Rule[] = [], payload: unknown): string {
  for (const rule of rules) {
    const text = find([rule], payload).filter((value) => typeof value === "string").join("");
    if (text) return text;
  }
  return "";
}

/**
 * Adds the numbers of the first rule that leads to any to those known, each in its place; 0 says
 * nothing of what was counted before.
 */
export function findNumbers(
  rules: readonly Rule[],
  payload: unknown,
  known: readonly number[],
): readonly number[] {
  for (const rule of rules) {
    const found = [rule.at].flat().map((path) => valuesAt(payload, path)[0]);
    if (!applies(rule, payload) || !found.some((value) => typeof value === "number")) continue;
    const length = Math.max(known.length, found.length);
    return Array.from({ length }, (_, at) => {
      const value = found[at];
      return (typeof value === "number" && value) || (known[at] ?? 0);
    });
  }
  return known;
}
