/** The expressions in strings, such as `${name}`, and the values of those that the text sets. Pure. */
import type { Token } from "./tokens.ts";

export class Holes {
  readonly #tokens: readonly Token[];
  readonly #variables: ReadonlyMap<string, unknown>;
  constructor(tokens: readonly Token[], variables: ReadonlyMap<string, unknown>) {
    this.#tokens = tokens;
    this.#variables = variables;
  }

  /** The text of a string with its variables filled in, and the others as `unknown` writes them. */
  filled(at: number, unknown = (hole: string) => hole): string {
    return this.#of(at).reduce(
      (filled, hole) => filled.replace(hole, () => this.#value(hole) ?? unknown(hole)),
      this.#tokens[at]!.text,
    );
  }

  /** The expressions in a string whose values are not known. */
  unknown(at: number): string[] {
    return this.#of(at).filter((hole) => this.#value(hole) === null);
  }

  #of(at: number): readonly string[] {
    return this.#tokens[at]!.holes ?? [];
  }

  #value(hole: string): string | null {
    const name = hole.replace(/^(?:[$#]?\{\$?|\\\(|\$)|[})]$/g, "").trim();
    const value = this.#variables.get(name) ?? this.#variables.get(`$${name}`);
    return typeof value === "string" || typeof value === "number" ? String(value) : null;
  }
}
