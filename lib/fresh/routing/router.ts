/**
 * Finds the endpoint of a path: looks up exact paths in a map, then tries patterns in the order they
 * were registered.
 */
import type { Step } from "../run.ts";
import { compilePattern, type Pattern, segmentsOf } from "./pattern.ts";

/** A chain of steps that ends in a response. */
export interface Plan<State> {
  chain: readonly Step<State>[];
}

/** Everything registered for one pattern. */
export interface Endpoint<State> {
  pattern: Pattern;
  methods: Map<string, Plan<State>>;
  /** Whether a file or `app.route()` answers all methods that were not registered before it. */
  routed: boolean;
  /** Answers the methods that have no plan of their own. */
  others: Plan<State>;
}

/** The endpoint of a path, and the raw values of the pattern's parameters. */
export interface Match<State> {
  endpoint: Endpoint<State>;
  params: Record<string, string>;
}

/** The routes of an app. */
export class Router<State> {
  readonly #literals = new Map<string, Endpoint<State>>();
  readonly #patterns: Endpoint<State>[] = [];
  readonly #bySource = new Map<string, Endpoint<State>>();

  /** Returns the endpoint of a pattern. Calls `create` if there is none yet. */
  endpoint(
    source: string,
    create: (bare: Omit<Endpoint<State>, "others">) => Endpoint<State>,
  ): Endpoint<State> {
    const known = this.#bySource.get(source);
    if (known) return known;
    const pattern = compilePattern(source);
    const endpoint = create({ pattern, methods: new Map(), routed: false });
    this.#bySource.set(source, endpoint);
    if (pattern.literal === null) this.#patterns.push(endpoint);
    else if (!this.#literals.has(trimmed(pattern.literal))) {
      this.#literals.set(trimmed(pattern.literal), endpoint);
    }
    return endpoint;
  }

  /** Finds the endpoint of `pathname`, which must not contain runs of slashes. */
  match(pathname: string): Match<State> | null {
    const literal = this.#literals.get(trimmed(pathname));
    if (literal) return { endpoint: literal, params: {} };
    const segments = segmentsOf(pathname);
    for (const endpoint of this.#patterns) {
      const params = endpoint.pattern.match(pathname, segments);
      if (params !== null) return { endpoint, params };
    }
    return null;
  }
}

/** Removes a slash at the end: exact paths match with and without it. */
function trimmed(pathname: string): string {
  return pathname.length > 1 && pathname.endsWith("/") ? pathname.slice(0, -1) : pathname;
}
