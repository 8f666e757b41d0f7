import type { TraceQuery } from "../../lib/runs/model/mod.ts";

/** The link to a part of a trace, with the query's search and filter unless `change` says otherwise. */
export function traceHref(
  { find, kind }: Pick<TraceQuery, "find" | "kind">,
  change: Partial<TraceQuery>,
): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries({ find, kind, ...change })) {
    if (value !== "" && value !== null) params.set(name, String(value));
  }
  return `?${params}#trace`;
}
