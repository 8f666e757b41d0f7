/** Money as people read it; unknown is an en dash, as in format.ts, which the form does not load. */

/** US dollars: cents where they say it all, tenths of a cent where a run costs less. */
export function dollars(value: number | null): string {
  if (value === null) return "–";
  return `$${value.toFixed(Math.abs(value * 100 - Math.round(value * 100)) < 1e-9 ? 2 : 3)}`;
}
