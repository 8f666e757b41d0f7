/**
 * A place in a payload: names and array indices joined by dots. `""` is the payload itself. `*` visits
 * every item of an array. `!name` skips items whose `name` is true or a number other than 0. `?name`
 * keeps only those.
 */
export type Path = string;

/** Fields that a payload must have, by path. The text must be equal, or begin like `response.*`; `a|b` is either. */
export type When = Readonly<Record<Path, string>>;

/** One place to look, and the payloads to look in. */
export interface Rule {
  /** The payloads to look in. Default: all. */
  readonly when?: When;
  /** The places. Numbers from several places are added, texts are joined. */
  readonly at: Path | readonly Path[];
}

/** Where pieces of tool calls are. */
export interface ToolCallRule {
  /** The payloads to look in. Default: all. */
  readonly when?: When;
  /** The pieces. The other paths start at a piece. */
  readonly at: Path;
  /** The value that all pieces of one call share. Without this path, each piece is a call. */
  readonly key?: Path;
  /** The ID to which the tool's result refers. */
  readonly id?: Path;
  /** The tool's name, at the first of these places that has one. */
  readonly name?: Path | readonly Path[];
  /** A piece of the arguments' text, or all of them as an object: at the first place that has one. */
  readonly arguments?: Path | readonly Path[];
  /** Whether the arguments are complete and replace the pieces before. */
  readonly whole?: boolean;
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
  /** The next piece of the model's reasoning. */
  reasoning?: readonly Rule[];
  /** Pieces of tool calls. */
  toolCalls?: readonly ToolCallRule[];
  /** The model that answers. */
  model: readonly Rule[];
  /**
   * Cumulative tokens of the request. For each path of a rule, the last number other than 0 counts. Paths
   * at the same position in several rules are the same count.
   */
  inputTokens: readonly Rule[];
  /** Cumulative tokens of the answer. */
  outputTokens: readonly Rule[];
  /** Cumulative tokens of both. Some APIs count reasoning only here. */
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
      wanted.split("|").some((text) =>
        text.endsWith("*") ? value.startsWith(text.slice(0, -1)) : value === text
      );
  });
}

/** Returns the values of the first rule that finds any. */
export function find(rules: readonly Rule[], payload: unknown): unknown[] {
  for (const rule of rules) {
    if (!applies(rule, payload)) continue;
    const found = [rule.at].flat().flatMap((path) => valuesAt(payload, path));
    if (found.length) return found;
  }
  return [];
}

/** Returns the text of the first rule that finds any, or `""`. */
export function findText(rules: readonly Rule[] = [], payload: unknown): string {
  for (const rule of rules) {
    const text = find([rule], payload).filter((value) => typeof value === "string").join("");
    if (text) return text;
  }
  return "";
}

/**
 * Returns the known numbers, replaced by those of the first rule that finds any, path by path. 0 does not
 * replace an earlier count.
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
