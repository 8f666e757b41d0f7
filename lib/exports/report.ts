/**
 * `/tasks/:id/report.md`: a run as a document to read, edit and send on: what was asked, the result,
 * every field's grounds, and its sources as footnotes. Pure.
 */
import type { FieldBasis, TaskRunOutput } from "../parallel/types.ts";
import { type Grounds, groundsOf } from "../results/grounds.ts";
import { referencesIn } from "../results/references.ts";
import { countValues } from "../results/trim.ts";
import type { RunPage } from "../runs/model.ts";
import { SIMULATED } from "./mark.ts";
import { fenced, link, mapMarks, plain, plainLines, prose, table } from "./markdown_text.ts";
import { valueMarkdown } from "./value_markdown.ts";

/** Longer texts (characters), and results of more values, stand in a fence as they came: to look through them for marks would hold everything else up. */
const MARKED = { chars: 300_000, values: 20_000 };

/** A quote that fits a footnote (characters). */
const EXCERPT_CHARS = 300;

/** The document, with a line feed at its end. */
export function reportMarkdown(page: RunPage): string {
  const { run, output } = page;
  const grounds = groundsOf(output?.basis ?? []);
  const notes = new Footnotes(output, grounds);
  const blocks = [
    `# ${plain(page.title) || run.run_id}`,
    run.simulated ? `> **${SIMULATED}.**` : "",
    facts(page),
    ...questionOf(page),
    ...output === null ? [missing(page)] : ["## Result", contentOf(output, grounds, notes)],
    ...basisOf(output, notes),
    ...notices(page),
    grounds.sources.length === 0 ? "" : "## Sources",
    grounds.sources.map(({ number, title, url, excerpts }) => {
      const quote = plain(excerpts[0] ?? "");
      const short = quote.length > EXCERPT_CHARS ? `${cutAt(quote, EXCERPT_CHARS)}…` : quote;
      return `${notes.mark(number)}: ${link(title ?? url, url)}${short && `. “${short}”`}`;
    }).join("\n"),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

/** The document's footnotes, one a source, labelled so that no footnote of a text is taken for one. */
class Footnotes {
  readonly #grounds: Grounds;
  readonly #prefix: string;

  constructor(output: TaskRunOutput | null, grounds: Grounds) {
    this.#grounds = grounds;
    const text = output?.type === "text" ? output.content : "";
    let prefix = /\[\^\d/.test(text) ? "source-" : "";
    while (prefix !== "" && text.includes(`[^${prefix}`)) prefix += "-";
    this.#prefix = prefix;
  }

  mark(source: number): string {
    return `[^${this.#prefix}${source}]`;
  }

  /** The marks of a basis' sources. */
  of(basis: FieldBasis | undefined): string {
    const numbers = new Set(
      (basis?.citations ?? []).flatMap(({ url }) => this.#grounds.numberOf(url) ?? []),
    );
    return [...numbers].map((number) => this.mark(number)).join("");
  }
}

/** Never in the middle of an escape or of a character. */
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
    // The trace may lack what the run did then.
    ...gaps.map(({ from_ms, to_ms }): [string, string] => [
      "Not recorded",
      `${iso(from_ms)} to ${iso(to_ms)}`,
    ]),
  ];
  return table(["", ""], rows);
}

function questionOf({ run: { input } }: RunPage): string[] {
  const asked = typeof input.input === "string" && input.input.length > MARKED.chars
    ? fenced(input.input)
    : typeof input.input === "string"
    ? plainLines(input.input).map((line) => `> ${line}`.trimEnd()).join("\n")
    : fenced(JSON.stringify(input.input, null, 2), "json");
  return ["## Task", asked];
}

function missing({ view, ended }: RunPage): string {
  return ended
    ? `## No result\n\nThe run ended with the status “${plain(view.status)}”.`
    : "## No result yet\n\nThe run was still going on when this was exported.";
}

function contentOf(output: TaskRunOutput, grounds: Grounds, notes: Footnotes): string {
  const written = (text: string, basis: readonly FieldBasis[], ownLabel = "") => {
    if (text.length > MARKED.chars) return fenced(text, "markdown");
    const { of, list } = referencesIn(text, basis, grounds);
    const reference = (n: number) => {
      const found = of(n);
      return found !== null && "source" in found ? notes.mark(found.source) : null;
    };
    return prose(mapMarks(text, { reference, footnote: (label) => `${ownLabel}${label}`, list }));
  };
  if (output.type === "text") return written(output.content, output.basis);
  const isLarge = countValues(output.content, MARKED.values) > MARKED.values ||
    JSON.stringify(output.content).length > MARKED.chars;
  if (isLarge) return fenced(JSON.stringify(output.content, null, 2), "json");
  let texts = 0;
  return valueMarkdown(output.content, {
    notes: (path) => notes.of(grounds.byPath.get(path)),
    prose(text, path) {
      const basis = grounds.byPath.get(path);
      // Each text counts its own footnotes from one.
      return written(text, basis === undefined ? [] : [basis], `text-${++texts}-`);
    },
  });
}

function basisOf(output: TaskRunOutput | null, notes: Footnotes): string[] {
  if (output === null || output.basis.length === 0) return [];
  return [
    "## Basis",
    ...output.basis.map((entry) => {
      const said = entry.confidence ? `confidence ${plain(entry.confidence)}` : "confidence –";
      const reasoning = plain(entry.reasoning);
      return `- **${plain(entry.field)}**, ${said}. ${reasoning}${notes.of(entry)}`.trimEnd();
    }),
  ];
}

function notices({ view }: RunPage): string[] {
  const lines = [
    ...view.error === null ? [] : [`- Error: ${plain(view.error.message)}`],
    ...view.warnings.map(({ message }) => `- Warning: ${plain(message)}`),
  ];
  return lines.length === 0 ? [] : ["## From the API", lines.join("\n")];
}
