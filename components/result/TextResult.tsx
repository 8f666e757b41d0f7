/** A text result: prose with numbered sources, beside each block the pages it cites. */
import type { BasisIndex, References } from "../../lib/results/mod.ts";
import { type Heading, Prose, type Rendered, renderMarkdown } from "./Markdown.tsx";
import { referenceHref } from "./reading.ts";

/** A text of this length needs a table of contents. */
const LONG = { headings: 4, chars: 2_500 };

/** Renders the part of the content that the page shows. */
export function renderReport(
  text: string,
  references: References,
  basisIndex: BasisIndex,
): Rendered {
  return renderMarkdown(text, {
    reference: referenceHref(references),
    anchors: true,
    note: (href) => {
      const number = Number(/^#source-(\d+)$/.exec(href)?.[1]);
      const source = basisIndex.sources[number - 1];
      return source === undefined ? null : { number, host: source.host };
    },
  });
}

export function TextResult({ text, report }: { text: string; report: Rendered }) {
  const { html, headings } = report;
  const isLong = headings.length >= LONG.headings && text.length >= LONG.chars;
  return (
    <>
      {isLong && <Contents headings={headings} />}
      <Prose html={html} report />
    </>
  );
}

function Contents({ headings }: { headings: readonly Heading[] }) {
  return (
    <nav class="contents" aria-label="Contents of the result">
      <details class="fold">
        <summary>
          Contents <small class="text-soft">{headings.length} parts</small>
        </summary>
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
