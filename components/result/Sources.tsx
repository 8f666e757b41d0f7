/** Every page that the result cites, once and numbered, with an excerpt and the places that cite it. */
import { FIELDS_LISTED, type Source, SOURCE_EXCERPT_CHARS } from "../../lib/results/mod.ts";
import { count } from "../../lib/base/mod.ts";
import { Icon } from "../ui/Icon.tsx";
import { SiteInitial, WebLink } from "../ui/WebLink.tsx";

/** The first ones are shown; the others are folded. */
const SHOWN = 5;

/** A place in the result: a field, or a part of a text. */
export interface CitingPlace {
  readonly name: string;
  /** `null` if the page does not show the place. */
  readonly href: string | null;
}

export interface SourcesProps {
  readonly sources: readonly Source[];
  readonly placesOf: (source: Source) => readonly CitingPlace[];
  /** The number of pages that the run read; `null` if unknown. */
  readonly read: number | null;
}

export function Sources({ sources, placesOf, read }: SourcesProps) {
  const more = sources.slice(SHOWN);
  const list = (part: readonly Source[]) => (
    <ol class="sources">
      {part.map((source) => (
        <SourceRow key={source.number} source={source} places={placesOf(source)} />
      ))}
    </ol>
  );
  return (
    <section class="section" id="sources" aria-labelledby="sources-title">
      <h2 id="sources-title" class="section-head">
        Sources{" "}
        <small class="text-soft">
          {count(sources.length)} cited{read !== null && ` of ${count(read)} read`}
        </small>
      </h2>
      {list(sources.slice(0, SHOWN))}
      {more.length > 0 && (
        <details class="fold">
          <summary>
            <Icon name="chevron-right" /> {count(more.length)} more{" "}
            {more.length === 1 ? "source" : "sources"}
          </summary>
          {list(more)}
        </details>
      )}
    </section>
  );
}

function SourceRow({ source, places }: { source: Source; places: readonly CitingPlace[] }) {
  const { number, url, title, host, excerpts } = source;
  const [excerpt = ""] = excerpts;
  return (
    <li id={`source-${number}`}>
      <span class="chip">{number}</span>
      <div>
        <p class="source-head">
          <WebLink href={url} class="link">{title || url}</WebLink>
          <span class="site">
            <SiteInitial host={host} />
            {host}
          </span>
        </p>
        {excerpt !== "" && (
          <q class="clamp-2" dir="auto">
            {excerpt.length <= SOURCE_EXCERPT_CHARS
              ? excerpt
              : `${excerpt.slice(0, SOURCE_EXCERPT_CHARS).toWellFormed()}…`}
          </q>
        )}
      </div>
      <p class="source-places">
        {places.slice(0, FIELDS_LISTED).map(({ name, href }, index) => (
          <>
            {index > 0 && ", "}
            {href === null ? name : <a href={href} class="link">{name}</a>}
          </>
        ))}
        {places.length > FIELDS_LISTED && ` and ${count(places.length - FIELDS_LISTED)} more`}
      </p>
    </li>
  );
}
