/** Every page that the result cites, once, numbered, with the fields that rest on it. */
import { count } from "../format.ts";
import { WebLink } from "../WebLink.tsx";
import type { Source } from "./grounds.ts";

/** The API's name for the whole of a text or single-value output: says nothing in a list. */
const WHOLE = "output";

/** More than anybody reads; beyond, result.json has them. */
const SHOWN = 500;

export function Sources({ sources }: { sources: readonly Source[] }) {
  return (
    <ol class="sources">
      {sources.slice(0, SHOWN).map((source) => (
        <li key={source.number} id={`source-${source.number}`}>
          <span class="cite">[{source.number}]</span>
          <div class="min-w-0">
            <WebLink href={source.url}>{source.title || source.url}</WebLink>
            <p class="text-sm text-muted">
              {source.host}
              {source.fields.filter((field) =>
                field !== WHOLE
              ).map((field, index) => (
                <span key={field}>
                  {index > 0 ? ", " : " · "}
                  <code>{field}</code>
                </span>
              ))}
            </p>
          </div>
        </li>
      ))}
      {sources.length > SHOWN && <li>… and {count(sources.length - SHOWN)} more in result.json</li>}
    </ol>
  );
}
