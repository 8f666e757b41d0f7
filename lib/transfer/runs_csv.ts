/** Exports runs as a table, one per row. Fields that they share get their own columns. */
import { joinedPieces, jsonPieces, ownMember, paced } from "../base/mod.ts";
import {
  basisAt,
  type Cell,
  csvPieces,
  distinctNames,
  placesIn,
  SIMULATED,
  sourcesOf,
} from "../exports/mod.ts";
import { cellOf, fieldPaths, requestedSchema } from "../results/mod.ts";
import type { TaskRunInput, TaskRunOutput } from "../parallel/mod.ts";
import { outputTypeOf } from "../runs/mod.ts";
import type { RunPage } from "../runs/model/mod.ts";

const HEAD = [
  "run_id",
  "title",
  "status",
  "processor",
  "output_type",
  "created_at",
  "ended_at",
  "seconds",
  "cost_usd",
  "sources_read",
  "simulated",
  "recording_gaps",
  "input",
  "result",
];

/** A field's path in the results. */
type Path = readonly string[];

/** The most shared fields with columns of their own. A separate column contains the whole result. */
const MAX_FIELDS = 200;

/** The fields that two or more requests share, whether or not the rest of their schemas is the same. */
export async function sharedFields(inputs: AsyncIterable<TaskRunInput>): Promise<Path[]> {
  const schemas = new Map<string, { readonly paths: readonly Path[]; uses: number }>();
  let requests = 0;
  for await (const input of inputs) {
    requests++;
    const root = requestedSchema(input);
    if (root === null) continue;
    const key = JSON.stringify(root);
    const known = schemas.get(key) ??
      { paths: [...fieldPaths({ root, node: root }).take(MAX_FIELDS)], uses: 0 };
    known.uses++;
    schemas.set(key, known);
  }
  const fields = new Map<string, { readonly path: Path; readonly uses: number }>();
  for (const { paths, uses } of schemas.values()) {
    for (const path of paths) {
      const key = JSON.stringify(path);
      fields.set(key, { path, uses: uses + (fields.get(key)?.uses ?? 0) });
    }
  }
  // The only run of a table shares its fields with itself.
  return [...fields.values()].filter(({ uses }) => uses > 1 || requests === 1)
    .map(({ path }) => path).slice(0, MAX_FIELDS);
}

/** Yields the table, each row as soon as its run is read. Each field has three columns. */
export async function* runsCsv(
  runs: AsyncIterable<RunPage>,
  fields: readonly Path[] = [],
): AsyncGenerator<string> {
  yield* csvPieces([[...HEAD, ...fieldHeads(fields)]]);
  for await (const run of runs) yield* paced(rowPieces(run, fields));
}

function* rowPieces(run: RunPage, fields: readonly Path[]): Generator<string> {
  const cells: Cell[] = [...ownCells(run)];
  const { input } = run.run.input;
  cells.push(typeof input === "string" ? input : yield* joinedPieces(jsonPieces(input)));
  const content = run.output?.content ?? null;
  cells.push(
    typeof content === "object" && content !== null
      ? yield* joinedPieces(jsonPieces(content))
      : content,
  );
  yield* fieldCells(run.output, fields, cells);
  yield* csvPieces([cells]);
}

function fieldHeads(fields: readonly Path[]): string[] {
  const plain = fields.map((path) => path.join("."));
  const quoted = fields.map((path) => path.map((step) => JSON.stringify(step)).join("."));
  const taken = [...HEAD, ...plain.flatMap(basisHeads)];
  return distinctNames(plain, quoted, taken).flatMap((name) => [name, ...basisHeads(name)]);
}

function basisHeads(name: string): string[] {
  return [`${name} basis.confidence`, `${name} basis.sources`];
}

function* fieldCells(
  output: TaskRunOutput | null,
  fields: readonly Path[],
  cells: Cell[],
): Generator<""> {
  if (output === null || output.type === "text") {
    for (const _ of fields) cells.push(null, null, null);
    return;
  }
  const places = placesIn(output.content, fields);
  const basis = yield* basisAt(output.basis, places);
  for (const [at, path] of fields.entries()) {
    const place = places[at] ?? null;
    cells.push(
      cellOf(path.reduce<unknown>(ownMember, output.content)),
      place === null ? null : basis.byPath.get(place)?.confidence ?? null,
      sourcesOf(basis, place),
    );
    yield "";
  }
}

function ownCells({ run, title, view, ended_ms, gaps = [] }: RunPage): Cell[] {
  const time = (ms: number | null) => ms === null ? null : new Date(ms).toISOString();
  // Failed and simulated runs are not billed.
  const isBilled = view.status === "completed" && !run.simulated;
  return [
    run.run_id,
    title,
    view.status,
    run.processor,
    outputTypeOf(run.input),
    time(run.created_ms),
    time(ended_ms),
    ended_ms === null ? null : (ended_ms - run.created_ms) / 1000,
    isBilled ? run.price_usd : null,
    view.sourcesRead,
    run.simulated ? SIMULATED : "",
    // ISO 8601 intervals in which events may be missing from the trace.
    gaps.map(({ from_ms, to_ms }) => `${time(from_ms)}/${time(to_ms)}`).join("; "),
  ];
}
