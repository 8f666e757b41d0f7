/**
 * `/tasks/:id/report.md`: a run as a document to read, edit and share, with its input, result, the basis of
 * every field, and sources as footnotes. Pure.
 */
import { beginning, jsonPieces, slices } from "../base/mod.ts";
import type { FieldBasis, TaskRunOutput } from "../parallel/mod.ts";
import { type BasisIndex, countValues, indexingBasis, referencesIn } from "../results/mod.ts";
import type { RunPage } from "../runs/model/mod.ts";
import { SIMULATED } from "./csv.ts";
import {
  fencedPieces,
  link,
  plain,
  plainLines,
  plainName,
  plainPieces,
  prose,
  table,
} from "./markdown_text.ts";
import { mapMarks, ownDefinitions } from "./markdown_marks.ts";
import { valueMarkdown } from "./value_markdown.ts";

/**
 * Longer texts (characters) and results with more values are fenced verbatim: scanning them for marks would
 * block other work.
 */
const MARKED = { chars: 300_000, values: 20_000 };

/** The longest quote in a footnote (characters). */
const EXCERPT_CHARS = 300;

/** Yields the document in pieces, with a final line feed. Empty pieces are pauses. */
export function* reportMarkdown(page: RunPage): Generator<string> {
  let isFirst = true;
  for (const block of yield* blocksOf(page)) {
    if (block === "") continue;
    if (!isFirst) yield "\n\n";
    isFirst = false;
    if (typeof block === "string") yield block;
    else yield* block;
  }
  yield "\n";
}

/** A section between blank lines; empty if there is nothing to say. */
type Block = string | Iterable<string>;

function* blocksOf(page: RunPage): Generator<"", Block[]> {
  const { run, output } = page;
  const basisIndex = yield* indexingBasis(output?.basis ?? []);
  const notes = new Footnotes(output, basisIndex);
  return [
    `# ${plain(page.title) || run.run_id}`,
    run.simulated ? `> **${SIMULATED}.**` : "",
    facts(page),
    "## Task",
    questionOf(page),
    ...output === null ? [missing(page)] : ["## Result", contentOf(output, basisIndex, notes)],
    ...output === null || output.basis.length === 0 ? [] : ["## Basis", basisOf(output, notes)],
    ...notices(page),
    ...basisIndex.sources.length === 0 ? [] : ["## Sources", sourcesOf(basisIndex, notes)],
  ];
}

function* sourcesOf({ sources }: BasisIndex, notes: Footnotes): Generator<string> {
  for (const [at, { number, title, url, excerpts }] of sources.entries()) {
    // Its escapes and white space take room too.
    const quote = plain(beginning(excerpts[0] ?? "", 20 * EXCERPT_CHARS));
    const short = quote.length > EXCERPT_CHARS ? `${cutAt(quote, EXCERPT_CHARS)}…` : quote;
    const lead = at === 0 ? "" : "\n";
    yield `${lead}${notes.mark(number)}: ${link(title ?? url, url)}${short && `. “${short}”`}`;
  }
}

/** The document's footnotes, one per source. Their labels do not clash with footnotes in texts. */
class Footnotes {
  readonly #basisIndex: BasisIndex;
  readonly #prefix: string;

  constructor(output: TaskRunOutput | null, basisIndex: BasisIndex) {
    this.#basisIndex = basisIndex;
    const text = output?.type === "text" ? output.content : "";
    let prefix = /\[\^\d/.test(text) ? "source-" : "";
    // Labels ignore case, also that of `ſ`.
    const upper = prefix === "" ? "" : text.toUpperCase();
    while (prefix !== "" && upper.includes(`[^${prefix.toUpperCase()}`)) prefix += "-";
    this.#prefix = prefix;
  }

  mark(source: number): string {
    return `[^${this.#prefix}${source}]`;
  }

  /** The footnote marks of a basis' sources. */
  forEntry(basis: FieldBasis | undefined): string {
    const numbers = new Set(
      (basis?.citations ?? []).flatMap(({ url }) => this.#basisIndex.numberOf(url) ?? []),
    );
    return [...numbers].map((number) => this.mark(number)).join("");
  }
}

/** Never cuts an escape or a character in half. */
function cutAt(text: string, limit: number): string {
  return text.slice(0, limit).replace(/\\$/, "").toWellFormed().replace(/\uFFFD$/, "").trimEnd();
}

function facts({ run, view, ended_ms, gaps = [] }: RunPage): string {
  const iso = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace("T", " ") + " UTC";
  const rows: [string, string][] = [
    ["Run", `\`${run.run_id}\``],
    ["Status", plain(view.status)],
    ["Processor", plain(run.processor)],
    ["Created", iso(run.created_ms)],
    ["Ended", ended_ms === null ? "–" : iso(ended_ms)],
    ["Sources considered, read", `${view.sourcesConsidered ?? "–"}, ${view.sourcesRead ?? "–"}`],
    // Events may be missing from the trace during this time.
    ...gaps.map(({ from_ms, to_ms }): [string, string] => [
      "Not recorded",
      `${iso(from_ms)} to ${iso(to_ms)}`,
    ]),
  ];
  return table(["", ""], rows);
}

function* questionOf({ run: { input: { input } } }: RunPage): Generator<string> {
  if (typeof input !== "string") {
    yield* fencedPieces(() => jsonPieces(input, 2), "json");
  } else if (input.length > MARKED.chars) yield* fencedPieces(() => slices(input));
  else yield plainLines(input).map((line) => `> ${line}`.trimEnd()).join("\n");
}

function missing({ view, ended }: RunPage): string {
  return ended
    ? `## No result\n\nThe run ended with the status “${plain(view.status)}”.`
    : "## No result yet\n\nThe run was still in progress when this was exported.";
}

function* contentOf(
  output: TaskRunOutput,
  basisIndex: BasisIndex,
  notes: Footnotes,
): Generator<string> {
  const written = function* (text: string, basis: readonly FieldBasis[], ownLabel = "") {
    const { target, list } = referencesIn(text, basis, basisIndex);
    yield "";
    const reference = (n: number) => {
      const found = target(n);
      return found !== null && "source" in found ? notes.mark(found.source) : null;
    };
    const marked = mapMarks(text, { reference, footnote: (label) => `${ownLabel}${label}`, list });
    yield "";
    yield* prose(ownLabel === "" ? marked : ownDefinitions(marked, ownLabel));
  };
  const { content } = output;
  if (typeof content === "string") {
    if (content.length > MARKED.chars) yield* fencedPieces(() => slices(content), "markdown");
    else yield* written(content, output.basis);
    return;
  }
  if (countValues(content, MARKED.values) > MARKED.values || isLong(content)) {
    yield* fencedPieces(() => jsonPieces(content, 2), "json");
    return;
  }
  let texts = 0;
  yield* valueMarkdown(content, {
    notes: (path) => notes.forEntry(basisIndex.byPath.get(path)),
    prose(text, path) {
      const basis = basisIndex.byPath.get(path);
      // Each text numbers its own footnotes from one, and has its own definitions of links.
      return written(text, basis === undefined ? [] : [basis], `text-${++texts}-`);
    },
  });
}

function isLong(content: unknown): boolean {
  let length = 0;
  for (const piece of jsonPieces(content)) {
    length += piece.length;
    if (length > MARKED.chars) return true;
  }
  return false;
}

function* basisOf({ basis }: TaskRunOutput, notes: Footnotes): Generator<string> {
  for (const [at, entry] of basis.entries()) {
    const confidence = entry.confidence
      ? `confidence ${plainName(entry.confidence)}`
      : "confidence –";
    const lead = `${at === 0 ? "" : "\n\n"}- **${plainName(entry.field)}**, ${confidence}.`;
    const marks = notes.forEntry(entry);
    if (entry.reasoning.trim() === "") {
      yield marks === "" ? lead : `${lead} ${marks}`;
      continue;
    }
    yield `${lead} `;
    yield* plainPieces(entry.reasoning.trimEnd());
    yield marks;
  }
}

function notices({ view }: RunPage): string[] {
  const lines = [
    ...view.error === null ? [] : [`- Error: ${plain(view.error.message)}`],
    ...view.warnings.map(({ message }) => `- Warning: ${plain(message)}`),
  ];
  return lines.length === 0 ? [] : ["## From the API", lines.join("\n")];
}
