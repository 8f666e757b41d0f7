/** A text of a compared result: rendered as on the result's page, or plain with its new words marked. */
import { markdownHtml, Prose } from "../../../components/result/Markdown.tsx";
import { referenceHref } from "../../../components/result/reading.ts";
import { count } from "../../../lib/base/mod.ts";
import type { FieldBasis } from "../../../lib/parallel/mod.ts";
import { type BasisIndex, referencesIn, SHOWN_CHARS, trimValue } from "../../../lib/results/mod.ts";
import { Difference, type DifferenceProps } from "./Difference.tsx";

export interface ComparedTextProps extends DifferenceProps {
  /** The basis of this text. */
  readonly basis: FieldBasis | undefined;
  /** Of the whole result. */
  readonly basisIndex: BasisIndex;
  /** The run's page, which has the sources. */
  readonly runHref: string;
}

/** A text may use this many of the page's marks, so that four fit. */
const TEXT_MARKS = 2_000;

/** What starts Markdown. */
const MARKS = /[|*_`[\]~#<>\n]/g;

/** What Markdown makes of plain text. */
const ONLY_PARAGRAPHS = /^(?:[^<]|<\/?p>)*$/;

export function ComparedText(props: ComparedTextProps) {
  const { text, workLeft, basis, basisIndex, runHref } = props;
  const marks = Math.min(workLeft.marks, TEXT_MARKS);
  const { value } = trimValue(text, { values: 1, chars: SHOWN_CHARS, marks });
  const shown = String(value);
  // Use the whole text: the list of its sources is at its end.
  const target = referenceHref(referencesIn(text, basis === undefined ? [] : [basis], basisIndex));
  const html = markdownHtml(shown, {
    reference: (n, footnote) => target(n, footnote)?.replace(/^#/, `${runHref}#`) ?? null,
  });
  if (ONLY_PARAGRAPHS.test(html)) return <Difference {...props} />;
  workLeft.marks -= shown.match(MARKS)?.length ?? 0;
  const rest = text.length - shown.length;
  return (
    <>
      <Prose html={html} />
      {rest > 0 && (
        <p class="text-sm text-soft mt-2">
          … {count(rest)} more characters on <a href={runHref}>the task’s page</a>
        </p>
      )}
    </>
  );
}
