/**
 * The evidence for a field: the API's confidence, numbered sources that open in place (static/cite.js), and on
 * demand the reasoning with its quotes. In a row, the reasoning comes last, and the stylesheet shows it while
 * the row's "Why" is open.
 */
import type { FieldBasis } from "../../lib/parallel/mod.ts";
import { hostOf, NUMBERS_SHOWN, passageIn } from "../../lib/results/mod.ts";
import { count } from "../../lib/base/mod.ts";
import { ConfidenceDot, ConfidenceMark } from "../ui/Confidence.tsx";
import { Icon } from "../ui/Icon.tsx";
import type { Reading } from "./reading.ts";

export interface EvidenceProps {
  readonly basis: FieldBasis;
  readonly reading: Reading;
}

/** The numbers of a basis' sources, in their order. */
function numbersOf({ citations }: FieldBasis, { basisIndex }: Reading): number[] {
  return [...new Set((citations ?? []).flatMap(({ url }) => basisIndex.numberOf(url) ?? []))];
}

/** A citation: the number of a source, linked to its row. */
export function Chip({ number }: { number: number }) {
  return <a href={`#source-${number}`} class="chip" aria-label={`Source ${number}`}>{number}</a>;
}

/** Confidence and sources. `quiet`: within a table's cell, where the word would be noise. */
export function Marks({ basis, reading, quiet }: EvidenceProps & { quiet?: boolean }) {
  const numbers = numbersOf(basis, reading);
  return (
    <span class="marks">
      {quiet
        ? <ConfidenceDot level={basis.confidence} />
        : <ConfidenceMark level={basis.confidence} />}
      {numbers.slice(0, NUMBERS_SHOWN).map((number) => <Chip key={number} number={number} />)}
      {numbers.length > NUMBERS_SHOWN && (
        <span class="text-soft">and {count(numbers.length - NUMBERS_SHOWN)} more</span>
      )}
    </span>
  );
}

/** Whether there is more to say than confidence and numbers. */
export function hasReasons({ reasoning, citations }: FieldBasis, { quotes }: Reading): boolean {
  return (reasoning !== "" && quotes.reasoning > 0) ||
    (quotes.citations > 0 && (citations ?? []).length > 0);
}

/** Opens the row's reasons, which the stylesheet shows: they need the row's width. */
export function WhyToggle({ label }: { label: string }) {
  return (
    <details class="why">
      <summary>
        Why<span class="sr-only">: {label}</span>
        <Icon name="chevron-down" small />
      </summary>
    </details>
  );
}

/** The reasoning and the quotes of a basis. `value` is what the quotes are searched for. */
export function Reasons({ basis, reading, value }: EvidenceProps & { value: unknown }) {
  const { quotes, basisIndex } = reading;
  const citations = basis.citations ?? [];
  return (
    <>
      {basis.reasoning && <LongText text={basis.reasoning} limit={quotes.reasoning} />}
      {citations.length > 0 && quotes.citations > 0 && (
        <ol class="quotes">
          {citations.slice(0, quotes.citations).map((citation, at) => {
            const number = basisIndex.numberOf(citation.url);
            return (
              <li key={at} data-source={number}>
                {number !== null && <Chip number={number} />}
                <div>
                  <span>{hostOf(citation.url)}</span>
                  {citation.excerpts?.slice(0, quotes.excerpts).map((excerpt, at) => {
                    const { before, match, after } = passageIn(excerpt, value, quotes.excerpt);
                    return (
                      <q key={at} dir="auto" class="clamp-4">
                        {before}
                        {match && <mark>{match}</mark>}
                        {after}
                      </q>
                    );
                  })}
                </div>
              </li>
            );
          })}
        </ol>
      )}
      {citations.length > quotes.citations && (
        <p class="text-soft">
          and {count(citations.length - quotes.citations)} more citations, in the{" "}
          <a href="#sources">list of sources</a>
        </p>
      )}
    </>
  );
}

/** Four lines hold about this much (characters). */
const CLAMPED_CHARS = 360;
/** The most that is printed of a reasoning (characters). */
const PRINTED_CHARS = 400;

/** A text of four lines, the rest on demand. Of a longer one only the beginning is printed. */
function LongText({ text, limit }: { text: string; limit: number }) {
  const shown = text.length > limit ? `${text.slice(0, limit).toWellFormed()}…` : text;
  const rest = shown.slice(PRINTED_CHARS);
  const words = (
    <p dir="auto" class={shown.length > CLAMPED_CHARS ? "clamp-4" : ""}>
      {shown.slice(0, PRINTED_CHARS)}
      {rest && (
        <>
          <span class="hidden print:inline">…</span>
          <span class="print:hidden">{rest}</span>
        </>
      )}
    </p>
  );
  if (shown.length <= CLAMPED_CHARS) return words;
  return (
    <div class="long">
      {words}
      <ShowAll chars={text.length} />
    </div>
  );
}

/** Shows the whole of the clamped text before it: the stylesheet does, as long as it is open. */
export function ShowAll({ chars }: { chars: number }) {
  return (
    <details class="show-all">
      <summary>
        <span>Show all {count(chars)} characters</span>
        <span>Show less</span>
      </summary>
    </details>
  );
}
