/** A finished run's figures: sources, the API's confidence, and whether it fits the schema. */
import type { Appraisal, Confidences, Fit } from "../../lib/results/mod.ts";
import type { RunView } from "../../lib/runs/model/mod.ts";
import { count } from "../../lib/base/mod.ts";

export interface ScorecardProps {
  readonly view: RunView;
  /** `pro · $0.10` */
  readonly cost: string;
  /** Of the result; `null` if there is none. */
  readonly appraisal: Appraisal | null;
}

export function Scorecard({ view, cost, appraisal }: ScorecardProps) {
  return (
    <dl class="score">
      <div>
        <dt>Sources considered</dt>
        <dd>{count(view.sourcesConsidered)}</dd>
      </div>
      <div>
        <dt>Sources read</dt>
        <dd>{count(view.sourcesRead)}</dd>
      </div>
      {appraisal && (
        <>
          <div>
            <dt>Sources cited</dt>
            <dd>
              {appraisal.shown.citationsLeft + appraisal.shown.entriesLeft > 0 && "at least "}
              {count(appraisal.grounds.sources.length)}
            </dd>
          </div>
          <div>
            <dt>Confidence</dt>
            <dd>{confidence(appraisal.confidences)}</dd>
          </div>
          {appraisal.fit && (
            <div>
              <dt>Schema</dt>
              <dd>{fitWords(appraisal.fit)}</dd>
            </div>
          )}
        </>
      )}
      <div>
        <dt>Processor</dt>
        <dd>{cost}</dd>
      </div>
    </dl>
  );
}

/** In the API's words; "–" if the basis has no confidence. */
function confidence({ levels, unsaid }: Confidences): string {
  const parts = levels.map(([level, fields]) => `${count(fields)} ${level}`);
  if (parts.length === 0) return "–";
  return [...parts, ...unsaid > 0 ? [`${count(unsaid)} –`] : []].join(", ");
}

function fitWords(fit: Fit): string {
  if (fit.kind === "fits") return fit.whole ? "fits" : "fits as far as checked";
  if (fit.kind === "unchecked") return "–";
  if (!fit.whole) return "does not fit";
  return fit.misfits.length === 1 ? "1 misfit" : `${count(fit.misfits.length)} misfits`;
}
