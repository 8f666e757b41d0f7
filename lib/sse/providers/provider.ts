/**
 * Where something is in a payload: names and array indices joined by dots. `*` goes through every
 * item of an array, and `!name` drops an item whose `name` is true or a number other than 0.
 */
export type Path = string;

/** One place to look, and the payloads to look in. */
export interface Rule {
  /** Fields (by path) the payload must have, with this text or beginning with it (`response.*`). */
  when?: Readonly<Record<Path, string>>;
  /** Where; several are added up (numbers) or joined (text). */
  at: Path | readonly Path[];
}

/**
 * What tells one API's stream from another's and where its parts are. A provider is this object and
 * a fixture, nothing else.
 */
export interface Provider {
  name: string;
  /** A payload that fits any of these is this provider's. */
  signs: readonly Rule[];
  /** The answer's next piece of text. */
  text: readonly Rule[];
  model: readonly Rule[];
  /** Tokens of the request and of the answer: the last number seen counts. */
  inputTokens: readonly Rule[];
  outputTokens: readonly Rule[];
  finish: readonly Rule[];
}

/** Every value a path leads to; none where it leads nowhere. */
export function valuesAt(payload: unknown, path: Path): unknown[] {
  let found: unknown[] = [payload];
  for (const step of path.split(".")) {
    found = found.flatMap((value) => {
      if (typeof value !== "object" || value === null) return [];
      if (step === "*") return Array.isArray(value) ? value : [];
      const inner: unknown = Object.hasOwn(value, step.replace("!", ""))
        ? Reflect.get(value, step.replace("!", ""))
        : undefined;
      if (step.startsWith("!")) return inner ? [] : [value];
      return inner === undefined || inner === null ? [] : [inner];
    });
  }
  return found;
}

function applies(rule: Rule, payload: unknown): boolean {
  return Object.entries(rule.when ?? {}).every(([path, wanted]) => {
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

/** Texts found, joined; `undefined` where there is none. */
export function findText(rules: readonly Rule[], payload: unknown): string | undefined {
  const texts = find(rules, payload).filter((value) => typeof value === "string");
  return texts.length ? texts.join("") : undefined;
}

/** Numbers found, added up; `undefined` where there is none. */
export function findNumber(rules: readonly Rule[], payload: unknown): number | undefined {
  const numbers = find(rules, payload).filter((value) => typeof value === "number");
  return numbers.length ? numbers.reduce((sum, value) => sum + value, 0) : undefined;
}
