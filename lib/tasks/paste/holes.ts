/** The expressions in strings, such as `${name}`, and the values of those that the text sets. Pure. */
import type { Budget } from "./budget.ts";
import type { Token } from "./tokens.ts";

export class Holes {
  readonly #tokens: readonly Token[];
  readonly #variables: ReadonlyMap<string, unknown>;
  readonly #budget: Budget;

  constructor(
    tokens: readonly Token[],
    variables: ReadonlyMap<string, unknown>,
    budget: Budget,
  ) {
    this.#tokens = tokens;
    this.#budget = budget;
    this.#variables = variables;
  }

  /** The text of a string with its variables filled in, and the others as `unknown` writes them. */
  filled(at: number, unknown = (hole: string) => hole): string {
    // Their order is that of the text: search on after each one.
    const { text } = this.#tokens[at]!;
    let filled = "", from = 0;
    for (const hole of this.#of(at)) {
      const start = text.indexOf(hole, from);
      if (start === -1) continue;
      filled += text.slice(from, start) +
        this.#budget.used(this.#value(hole) ?? unknown(hole));
      from = start + hole.length;
    }
    return filled + text.slice(from);
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
