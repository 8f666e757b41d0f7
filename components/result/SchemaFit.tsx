/** Says whether a result fits the schema that was asked for. */
import type { Fit } from "../../lib/results/mod.ts";
import { count, cut } from "../../lib/base/mod.ts";
import { fieldHref } from "./reading.ts";

/** Enough to see what is wrong; the fields themselves carry their own. */
const SHOWN = 20;
/** As much of a path as one can read. */
const PATH_CHARS = 500;

export interface SchemaFitProps {
  readonly fit: Fit;
  /** Whether a field is on the page, to link to. */
  readonly isShown: (field: string) => boolean;
}

/** A notice where it does not fit, or where nobody can tell. */
export function SchemaFit({ fit, isShown }: SchemaFitProps) {
  if (fit.kind === "fits") return null;
  if (fit.kind === "unchecked") {
    return (
      <p class="notice calm mt-4">
        The schema asked for cannot be applied, so nobody checked the result against it: {fit.why}
      </p>
    );
  }
  const { misfits, whole } = fit;
  return (
    <div class="notice caution mt-4">
      <p>
        <strong>
          {!whole
            ? "The result does not fit the schema asked for"
            : misfits.length === 1
            ? "One place does not fit the schema asked for"
            : `${count(misfits.length)} places do not fit the schema asked for`}
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
      {!whole && <p>This is the first such place; a result this long is not searched for more.</p>}
      <p>The values are shown as the API gave them.</p>
    </div>
  );
}
