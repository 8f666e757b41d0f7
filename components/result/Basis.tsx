/** The basis of one field: confidence, numbered sources, and on demand the reasoning and quotes. */
import type { Citation, FieldBasis } from "../../lib/parallel/mod.ts";
import {
  CITATIONS_QUOTED,
  EXCERPT_CHARS,
  type Grounds,
  hostOf,
  REASONING_CHARS,
} from "../../lib/results/mod.ts";
import { ConfidenceMark } from "../ui/Confidence.tsx";
import { count, cut } from "../../lib/base/mod.ts";
import { WebLink } from "../ui/WebLink.tsx";

/** Further numbers are behind `why`: the margin is narrow. */
const NUMBERS_SHOWN = 8;

/** The numbers of a basis' sources, each linked to its line in the list. */
function SourceNumbers({ basis, grounds }: { basis: FieldBasis; grounds: Grounds }) {
  const numbers = [
    ...new Set((basis.citations ?? []).flatMap(({ url }) => grounds.numberOf(url) ?? [])),
  ];
  return (
    <span>
      {numbers.slice(0, NUMBERS_SHOWN).map((number) => (
        <a key={number} href={`#source-${number}`} class="cite" aria-label={`Source ${number}`}>
          [{number}]
        </a>
      ))}
      {numbers.length > NUMBERS_SHOWN && (
        <span class="text-soft">and {count(numbers.length - NUMBERS_SHOWN)} more</span>
      )}
    </span>
  );
}

/** The margin note of a field. */
export function BasisNote({ basis, grounds }: { basis: FieldBasis; grounds: Grounds }) {
  const citations = basis.citations ?? [];
  return (
    <div class="basis">
      <ConfidenceMark level={basis.confidence} /> <SourceNumbers basis={basis} grounds={grounds} />
      {(basis.reasoning !== "" || citations.length > 0) && (
        <details>
          <summary aria-label={`Why: ${basis.field}`}>why</summary>
          {basis.reasoning && <p dir="auto">{cut(basis.reasoning, REASONING_CHARS)}</p>}
          {citations.slice(0, CITATIONS_QUOTED).map((citation, at) => (
            <Quotes key={at} citation={citation} number={grounds.numberOf(citation.url)} />
          ))}
          {citations.length > CITATIONS_QUOTED && (
            <p>
              … and {count(citations.length - CITATIONS_QUOTED)} more citations, all in the{" "}
              <a href="#sources-title">list of sources</a>.
            </p>
          )}
        </details>
      )}
    </div>
  );
}

/** A cited page and its excerpts. */
function Quotes({ citation, number }: { citation: Citation; number: number | null }) {
  const host = hostOf(citation.url);
  return (
    <figure>
      <figcaption>
        [{number}] <WebLink href={citation.url}>{citation.title || citation.url}</WebLink>
        {citation.title && host !== citation.url && <span class="text-soft">{` ${host}`}</span>}
      </figcaption>
      {citation.excerpts?.map((excerpt, at) => (
        <blockquote key={at} dir="auto">{cut(excerpt, EXCERPT_CHARS)}</blockquote>
      ))}
    </figure>
  );
}
