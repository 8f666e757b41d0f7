/** What a list can be filtered by. Each row is stored with its own index. Pure; runs in a browser. */
import type { RunSummary } from "./model.ts";

/**
 * The facets, in the order of their places in an index key. A new one needs a row here, a control in the
 * list's filters and a migration that writes the new index keys: each facet doubles the keys of a run.
 */
export const FACETS = [
  { name: "status", valueIn: ({ status }: RunSummary) => status },
  { name: "processor", valueIn: ({ processor }: RunSummary) => processor },
  { name: "output", valueIn: ({ output_type }: RunSummary) => output_type },
] as const;

export type FacetName = (typeof FACETS)[number]["name"];

/** A value for each facet. */
export type FacetValues<T> = Readonly<Record<FacetName, T>>;

/** A list's filters. `null` matches anything. */
export type Facets = FacetValues<string | null>;

/** Filter values that cover several values. */
const GROUPS: Readonly<Partial<Record<FacetName, Readonly<Record<string, readonly string[]>>>>> = {
  status: { active: ["queued", "running", "cancelling"] },
};

/** The values that a filter value covers: usually itself. */
export function facetValues(name: FacetName, value: string): readonly string[] {
  const groups = GROUPS[name];
  return groups !== undefined && Object.hasOwn(groups, value) ? groups[value] ?? [] : [value];
}

/** Expands a filter into filters with one value per facet. */
export function eachCombination(filter: Facets): readonly Facets[] {
  let combinations: Facets[] = [filter];
  for (const { name } of FACETS) {
    const value = filter[name];
    if (value === null) continue;
    combinations = combinations.flatMap((facets) =>
      facetValues(name, value).map((each) => ({ ...facets, [name]: each }))
    );
  }
  return combinations;
}

/** Returns whether a run matches a filter. */
export function matchesFacets(run: RunSummary, filter: Facets): boolean {
  return FACETS.every(({ name, valueIn }) => {
    const value = filter[name];
    return value === null || facetValues(name, value).includes(valueIn(run));
  });
}

/** Makes a value for each facet. */
export function eachFacet<T>(make: (name: FacetName) => T): FacetValues<T> {
  const entries = FACETS.map(({ name }) => [name, make(name)] as const);
  return Object.fromEntries(entries) as Record<FacetName, T>;
}

/** Returns whether two states of a run differ in a facet. */
export function facetsDiffer(before: RunSummary, after: RunSummary): boolean {
  return FACETS.some(({ valueIn }) => valueIn(before) !== valueIn(after));
}
