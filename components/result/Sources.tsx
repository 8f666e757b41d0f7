/** Every page that the result cites, once, numbered, with the fields that rest on it. */
import { WebLink } from "../WebLink.tsx";
import type { Source } from "./grounds.ts";

/** The API's name for the whole of a text or single-value output: says nothing in a list. */
const WHOLE = "output";

export function Sources({ sources }: { sources: readonly Source[] }) {
  return (
    <ol class="sources">
      {sources.map((source) => (
        <li key={source.number} id={`source-${source.number}`}>
          <span class="cite">[{source.number}]</span>
          <div class="min-w-0">
            <WebLink href={source.url}>{source.title || source.url}</WebLink>
            <p class="text-sm text-muted">
              {source.host}
              {source.fields.filter((field) => field !== WHOLE).map((field, index) => (
                <span key={field}>
                  {index > 0 ? ", " : " · "}
                  <code>{field}</code>
                </span>
              ))}
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}
