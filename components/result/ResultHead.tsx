/** The line above a result: how much it is, whether it fits its schema, how to see and copy it. */
import type { TaskRunOutput } from "../../lib/parallel/mod.ts";
import type { Fit } from "../../lib/results/mod.ts";
import { count } from "../../lib/base/mod.ts";
import { Icon } from "../ui/Icon.tsx";
import { Menu } from "../ui/Menu.tsx";
import type { ResultMode } from "./reading.ts";

export interface ResultHeadProps {
  readonly content: TaskRunOutput["content"];
  readonly fit: Fit | null;
  readonly mode: ResultMode;
  /** The run's path; `null` for a visitor. */
  readonly base: string | null;
}

export function ResultHead({ content, fit, mode, base }: ResultHeadProps) {
  const isText = typeof content === "string";
  const [read, raw] = isText ? ["Text", "Markdown"] : ["Fields", "JSON"];
  return (
    <div class="section-head">
      <h2 id="result-title">Result</h2>
      <small class="text-soft result-size">
        {isText ? readingTime(content) : sizeOf(content, fit)}
      </small>
      <span class="segments ml-auto print:hidden" role="group" aria-label="View">
        <a href="?#result-title" aria-current={mode === "raw" ? undefined : "true"}>{read}</a>
        <a href="?view=raw#result-title" aria-current={mode === "raw" ? "true" : undefined}>
          {raw}
        </a>
      </span>
      <span class="scripted">
        {mode === "raw"
          ? (
            <button type="button" class="button ghost" data-copy-from="raw">
              <Icon name="copy" /> <span>Copy</span>
            </button>
          )
          : base === null
          ? (
            <button type="button" class="button ghost" data-copy-rich="result">
              <Icon name="copy" /> <span>Copy</span>
            </button>
          )
          : (
            <Menu label="Copy" icon="copy">
              <li>
                <button type="button" data-copy-url={`${base}/report.md`}>
                  <span>Copy as Markdown</span>
                </button>
              </li>
              <li>
                <button type="button" data-copy-rich="result">
                  <span>Copy as rich text</span>
                </button>
              </li>
            </Menu>
          )}
      </span>
    </div>
  );
}

const WORDS_PER_MINUTE = 200;

/** `612 words, 3 min to read`; for scripts without spaces the number of characters. */
function readingTime(text: string): string {
  // Counted without a list of them, which would hold millions of strings for a long text.
  const word = /\S+/g;
  let words = 0;
  while (word.test(text)) words++;
  if (words * 12 < text.length) return `${count(text.length)} characters`;
  const minutes = Math.max(1, Math.round(words / WORDS_PER_MINUTE));
  return `${count(words)} ${words === 1 ? "word" : "words"}, ${count(minutes)} min to read`;
}

/** `10 fields, all fit the schema` */
function sizeOf(content: Exclude<TaskRunOutput["content"], string>, fit: Fit | null): string {
  const fields = Object.keys(content).length;
  return `${count(fields)} ${fields === 1 ? "field" : "fields"}${fitWords(fit, fields)}`;
}

function fitWords(fit: Fit | null, fields: number): string {
  if (fit === null || fit.kind === "unchecked") return "";
  if (fit.kind === "fits") {
    const which = fields === 1 ? "fits" : "all fit";
    return fit.whole ? `, ${which} the schema` : `, ${which} the schema as far as checked`;
  }
  if (!fit.whole) return ", does not fit the schema";
  return fit.misfits.length === 1 ? ", 1 misfit" : `, ${count(fit.misfits.length)} misfits`;
}
