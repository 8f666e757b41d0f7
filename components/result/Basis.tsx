/** What one field rests on: confidence, numbered sources, and on demand the reasoning and quotes. */
import type { FieldBasis } from "../../lib/parallel/types.ts";
import { cx } from "../cx.ts";
import { cut, UNKNOWN } from "../format.ts";
import { WebLink } from "../WebLink.tsx";
import type { Grounds } from "./grounds.ts";

const LEVELS = new Map(Object.entries({
  low: cx("level-1"),
  medium: cx("level-2"),
  high: cx("level-3"),
}));

/** How sure the API says it is: bars and a word; nothing said is "–". */
export function Confidence({ level }: { level: string | null | undefined }) {
  const known = LEVELS.get(level ?? "");
  return (
    <span class="confidence" title="Confidence, as the API reports it">
      <i class={`level ${known ?? ""}`}></i>
      {level || UNKNOWN}
      <span class="sr-only">confidence</span>
    </span>
  );
}

/** The numbers of a basis' sources, each a link to its line in the list. */
function SourceNumbers({ basis, grounds }: { basis: FieldBasis; grounds: Grounds }) {
  const numbers = new Set(
    (basis.citations ?? []).flatMap((citation) => grounds.numberOf(citation.url) ?? []),
  );
  return (
    <span>
      {[...numbers].map((number) => (
        <a key={number} href={`#source-${number}`} class="cite" aria-label={`Source ${number}`}>
          [{number}]
        </a>
      ))}
    </span>
  );
}

/** As much as reads well in a margin; the whole of it is in result.json. */
const REASONING_CHARS = 4_000;
const EXCERPT_CHARS = 1_000;

/** The margin note of a field. */
export function BasisNote({ basis, grounds }: { basis: FieldBasis; grounds: Grounds }) {
  const quotes = (basis.citations ?? []).filter((citation) => citation.excerpts?.length);
  const more = basis.reasoning !== "" || quotes.length > 0;
  return (
    <div class="basis">
      <Confidence level={basis.confidence} /> <SourceNumbers basis={basis} grounds={grounds} />
      {more && (
        <details>
          <summary aria-label={`Why: ${basis.field}`}>why</summary>
          {basis.reasoning && <p>{cut(basis.reasoning, REASONING_CHARS)}</p>}
          {quotes.map((citation) => (
            <figure key={citation.url}>
              {citation.excerpts?.map((excerpt) => (
                <blockquote key={excerpt}>{cut(excerpt, EXCERPT_CHARS)}</blockquote>
              ))}
              <figcaption>
                [{grounds.numberOf(citation.url)}]{" "}
                <WebLink href={citation.url}>{citation.title || citation.url}</WebLink>
              </figcaption>
            </figure>
          ))}
        </details>
      )}
    </div>
  );
}
