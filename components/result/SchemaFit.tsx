/** Says whether a result fits the requested schema. */
import type { Fit } from "../../lib/results/mod.ts";
import { count, cut } from "../../lib/base/mod.ts";
import { fieldHref } from "./reading.ts";

/** Enough to show the problem. The fields themselves carry their own notes. */
const SHOWN = 20;
/** The readable length of a path. */
const PATH_CHARS = 500;

export interface SchemaFitProps {
  readonly fit: Fit;
  /** Whether a field is on the page, to link to. */
  readonly isShown: (field: string) => boolean;
}

/** A notice if the result does not fit, or if that is unknown. */
export function SchemaFit({ fit, isShown }: SchemaFitProps) {
  if (fit.kind === "fits") return null;
  if (fit.kind === "unchecked") {
    return (
      <p class="notice calm mt-4">
        The requested schema cannot be applied, so the result was not checked against it: {fit.why}
      </p>
    );
  }
  const { misfits, whole } = fit;
  return (
    <div class="notice caution mt-4">
      <p>
        <strong>
          {!whole
            ? "The result does not fit the requested schema"
            : misfits.length === 1
            ? "One place does not fit the requested schema"
            : `${count(misfits.length)} places do not fit the requested schema`}
        </strong>
      </p>
      <ul>
        {misfits.slice(0, SHOWN).map(({ path, what }) => (
          <li key={`${path} ${what}`}>
            {path === "" ? "The whole" : isShown(path)
              ? (
                <a href={fieldHref(path)}>
                  <code>{cut(path, PATH_CHARS)}</code>
                </a>
              )
              : <code>{cut(path, PATH_CHARS)}</code>} {what}
          </li>
        ))}
        {misfits.length > SHOWN && <li>… and {count(misfits.length - SHOWN)} more</li>}
      </ul>
      {!whole && <p>This is the first mismatch. A result this long is not checked further.</p>}
      <p>The values are shown as the API returned them.</p>
    </div>
  );
}
