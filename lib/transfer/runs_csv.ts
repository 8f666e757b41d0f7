/** Runs as a table, one a row; what they were all asked for has columns of its own. */
import { gathered, jsonPieces, ownMember, paced } from "../base/mod.ts";
import { type Cell, csvPieces, distinct, groundsAt, SIMULATED, sourcesOf } from "../exports/mod.ts";
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

/** Where a field lies in the results, step by step. */
type Path = readonly string[];

/** A table stays one that can be read; all of a result stands in its own column too. */
const MOST_FIELDS = 200;

/** The fields of every schema that two requests or more share, or that the only one has. */
export async function sharedFields(inputs: AsyncIterable<TaskRunInput>): Promise<Path[]> {
  const schemas = new Map<string, { readonly paths: Path[]; uses: number }>();
  let requests = 0;
  for await (const input of inputs) {
    requests++;
    const root = requestedSchema(input);
    if (root === null) continue;
    const key = JSON.stringify(root);
    const known = schemas.get(key) ??
      { paths: [...fieldPaths({ root, node: root }).take(MOST_FIELDS)], uses: 0 };
    known.uses++;
    schemas.set(key, known);
  }
  const fields = new Map<string, Path>();
  for (const { paths, uses } of schemas.values()) {
    if (uses < 2 && requests > 1) continue;
    for (const path of paths) fields.set(JSON.stringify(path), path);
  }
  return [...fields.values()].slice(0, MOST_FIELDS);
}

/** The table, a row as soon as its run is read; with three columns for each of the fields. */
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
  cells.push(typeof input === "string" ? input : yield* gathered(jsonPieces(input)));
  const content = run.output?.content ?? null;
  cells.push(
    typeof content === "object" && content !== null
      ? yield* gathered(jsonPieces(content))
      : content,
  );
  yield* fieldCells(run.output, fields, cells);
  yield* csvPieces([cells]);
}

function fieldHeads(fields: readonly Path[]): string[] {
  const plain = fields.map((path) => path.join("."));
  const quoted = fields.map((path) => path.map((step) => JSON.stringify(step)).join("."));
  const taken = [...HEAD, ...plain.flatMap(basisHeads)];
  return distinct(plain, quoted, taken).flatMap((name) => [name, ...basisHeads(name)]);
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
  const grounds = yield* groundsAt(output.basis, fields.map((path) => path.join(".")));
  for (const path of fields) {
    const place = path.join(".");
    cells.push(
      cellOf(path.reduce<unknown>(ownMember, output.content)),
      grounds.byPath.get(place)?.confidence ?? null,
      sourcesOf(grounds, place),
    );
    yield "";
  }
}

function ownCells({ run, title, view, ended_ms, gaps = [] }: RunPage): Cell[] {
  const time = (ms: number | null) => ms === null ? null : new Date(ms).toISOString();
  // As everywhere: neither a failed nor a simulated run is billed.
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
    // Intervals of ISO 8601, in which the trace may lack what the run did.
    gaps.map(({ from_ms, to_ms }) => `${time(from_ms)}/${time(to_ms)}`).join("; "),
  ];
}
