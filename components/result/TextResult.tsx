/** A text result: prose with linked references, and a table of contents if it is long. */
import type { TaskRunOutput } from "../../lib/parallel/mod.ts";
import { type Grounds, referencesIn } from "../../lib/results/mod.ts";
import { BasisNote } from "./Basis.tsx";
import { type Heading, renderMarkdown } from "./markdown.ts";
import { Prose } from "./Markdown.tsx";
import { referenceHref } from "./reading.ts";

/** A text of this length needs a table of contents. */
const LONG = { headings: 4, chars: 2_500 };

export interface TextResultProps {
  /** The part of the content that the page shows. */
  readonly text: string;
  readonly output: TaskRunOutput;
  readonly grounds: Grounds;
}

export function TextResult({ text, output, grounds }: TextResultProps) {
  // Use the whole content: the list of sources is at the end, where a long text is cut.
  const whole = typeof output.content === "string" ? output.content : text;
  const reference = referenceHref(referencesIn(whole, output.basis, grounds));
  const { html, headings } = renderMarkdown(text, { reference, anchors: true });
  const long = headings.length >= LONG.headings && text.length >= LONG.chars;
  return (
    <>
      {long && <Contents headings={headings} />}
      <div class="field">
        <div class="value">
          <Prose html={html} />
        </div>
        {output.basis.map((entry) => (
          <div key={entry.field} class="note">
            <BasisNote basis={entry} grounds={grounds} />
          </div>
        ))}
      </div>
    </>
  );
}

function Contents({ headings }: { headings: readonly Heading[] }) {
  return (
    <nav class="contents" aria-label="Contents of the result">
      <details class="fold" open>
        <summary>Contents</summary>
        <ol>
          {headings.map(({ id, level, text }) => (
            <li key={id} data-level={level} dir="auto">
              <a href={`#${id}`}>{text}</a>
            </li>
          ))}
        </ol>
      </details>
    </nav>
  );
}
