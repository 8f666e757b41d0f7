/** Formats dollars, and checks days as the API writes them. The form needs no other formats. Pure. */

/** Formats US dollars in cents, or in tenths of a cent if needed; an en dash if unknown. */
export function dollars(value: number | null): string {
  if (value === null) return "–";
  return `$${value.toFixed(Math.abs(value * 100 - Math.round(value * 100)) < 1e-9 ? 2 : 3)}`;
}

/** Whether the text is a day that exists, `YYYY-MM-DD`, in the proleptic Gregorian calendar. */
export function isRealDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  // JavaScript turns 30 February into 2 March unless it rejects it.
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** The UTC day of a time (Unix ms): `2026-05-31`. */
export function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Years 1 to 9999, as dates are written (Unix ms). */
const [FIRST_MS, LAST_MS] = [-62_135_596_800_000, 253_402_300_799_999];

/** Whether a time (Unix ms) can be shown as a date. */
export function isShownTime(ms: number): boolean {
  return Number.isSafeInteger(ms) && ms >= FIRST_MS && ms <= LAST_MS;
}
