/** A time as its age, with the exact time on hover and for machines. */
import { ago, exact, UNKNOWN } from "../../lib/base/mod.ts";

export interface AgoProps {
  readonly ms: number | null;
  readonly now: number;
  /** For a column of ages: without “ago”. */
  readonly bare?: boolean;
}

export function Ago({ ms, now, bare }: AgoProps) {
  if (ms === null) return <span>{UNKNOWN}</span>;
  const age = ago(now - ms);
  return (
    // New text at each change: at the right edge the old one would move.
    <time key={age} datetime={new Date(ms).toISOString()} title={exact(ms)}>
      {bare ? age.replace(/^just | ago$/, "") : age}
    </time>
  );
}
