/** When the blocks arrived, as a strip that shows bursts and silences. */
import type { Block } from "./scan.ts";
import { stretch } from "./words.ts";

const COLUMNS = 120;
const HEIGHT = 20;

/** Counts how many of the first `shown` blocks arrived in each of `columns` equal parts of the time. */
export function columnsOf(blocks: readonly Block[], shown: number, columns: number): number[] {
  const counts = new Array<number>(columns).fill(0);
  const endMs = blocks.at(-1)?.atMs ?? 0;
  if (endMs <= 0) return counts;
  for (let index = 0; index < shown; index++) {
    const { atMs } = blocks[index]!;
    if (atMs === null) continue;
    const column = Math.min(columns - 1, Math.floor(atMs / endMs * columns));
    counts[column] = (counts[column] ?? 0) + 1;
  }
  return counts;
}

export function Timeline({ blocks, shown }: { blocks: readonly Block[]; shown: number }) {
  const counts = columnsOf(blocks, shown, COLUMNS);
  const most = Math.sqrt(Math.max(...counts, 1));
  // Square root scale, so that one event is visible beside a burst of a hundred.
  const path = counts.map((times, at) =>
    times === 0
      ? ""
      : `M${at} ${HEIGHT}v${-Math.max(2, Math.sqrt(times) / most * HEIGHT)}h.7V${HEIGHT}z`
  ).join("");
  return (
    <figure class="strip">
      <svg
        viewBox={`0 0 ${COLUMNS} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label="Events over time"
      >
        <path d={path} />
      </svg>
      <figcaption>
        <span>0</span>
        <span>{stretch(blocks.at(-1)?.atMs ?? null)}</span>
      </figcaption>
    </figure>
  );
}
