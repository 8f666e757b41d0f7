/** The timeline as tables, for screen readers and exact figures. */
import { clock, count, duration } from "../../lib/base/mod.ts";
import type { Timeline } from "../../lib/runs/model/mod.ts";

/** Reports of sources in the table; a long run has hundreds. */
const SHOWN = 12;

export function TimelineTables({ shape }: { shape: Timeline }) {
  const { sources } = shape;
  const stride = Math.max(1, Math.ceil(sources.length / SHOWN));
  const shown = sources.filter((_, at) => (sources.length - 1 - at) % stride === 0);
  return (
    <details class="fold tables print:hidden">
      <summary>As tables</summary>
      <div class="wide" tabIndex={0} role="group" aria-label="Phases">
        <table>
          <thead>
            <tr>
              <th scope="col">Phase</th>
              <th scope="col" class="number">Time</th>
              <th scope="col" class="number">Events</th>
            </tr>
          </thead>
          <tbody>
            {shape.phases.map(({ lane, tookMs, events }) => (
              <tr key={lane}>
                <th scope="row">{lane}</th>
                <td class="number">{duration(tookMs)}</td>
                <td class="number">{count(events)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length > 0 && (
        <div class="wide" tabIndex={0} role="group" aria-label="Sources over time">
          <table>
            <thead>
              <tr>
                <th scope="col">At</th>
                <th scope="col" class="number">Sources considered</th>
                <th scope="col" class="number">Sources read</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(({ atMs, considered, read }) => (
                <tr key={atMs}>
                  <th scope="row">{clock(atMs)}</th>
                  <td class="number">{count(considered)}</td>
                  <td class="number">{count(read)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
