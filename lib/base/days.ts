/** Days as the API writes them. Pure. */

/** Whether the text is a day that exists, `YYYY-MM-DD`, in the proleptic Gregorian calendar. */
export function isRealDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  // JavaScript turns 30 February into 2 March where it does not refuse it.
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** The UTC day that a moment (Unix ms) lies in. */
export function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
