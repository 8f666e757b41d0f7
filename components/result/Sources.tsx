/** Every page that the result cites, once and numbered, with the fields that cite it. */
import { FIELDS_LISTED, pathKey, type Source } from "../../lib/results/mod.ts";
import { count } from "../../lib/base/mod.ts";
import { WebLink } from "../ui/WebLink.tsx";
import { fieldHref } from "./reading.ts";

/** The API's name for the whole of a text or single-value output: meaningless in a list. */
const WHOLE = "output";

export interface SourcesProps {
  readonly sources: readonly Source[];
  /** Whether a field is on the page, to link to. */
  readonly isShown: (field: string) => boolean;
}

export function Sources({ sources, isShown }: SourcesProps) {
  return (
    <ol class="sources">
      {sources.map((source) => (
        <li key={source.number} id={`source-${source.number}`}>
          <span class="cite">[{source.number}]</span>
          <div class="min-w-0">
            <WebLink href={source.url}>{source.title || source.url}</WebLink>
            <p class="text-sm text-soft">
              {source.host}
              <Fields
                names={source.fields.filter((name) => name !== WHOLE)}
                isShown={isShown}
              />
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}

function Fields({ names, isShown }: { names: string[]; isShown: SourcesProps["isShown"] }) {
  return (
    <>
      {names.slice(0, FIELDS_LISTED).map((name, index) => (
        <span key={name}>
          {index > 0 ? ", " : " · "}
          {isShown(name)
            ? (
              <a href={fieldHref(pathKey(name))}>
                <code>{name}</code>
              </a>
            )
            : <code>{name}</code>}
        </span>
      ))}
      {names.length > FIELDS_LISTED && ` and ${count(names.length - FIELDS_LISTED)} more fields`}
    </>
  );
}
