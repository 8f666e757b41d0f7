/** A time as its age, with the exact time on hover and for machines. */
import { ago, exact, UNKNOWN } from "../../lib/base/mod.ts";

export function Ago({ ms, now }: { ms: number | null; now: number }) {
  if (ms === null) return <span>{UNKNOWN}</span>;
  return <time datetime={new Date(ms).toISOString()} title={exact(ms)}>{ago(now - ms)}</time>;
}
