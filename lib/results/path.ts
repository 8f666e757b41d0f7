/** Paths of fields, as a basis spells them. Pure. */

/** One spelling for a field's path: `a[0].b` and `a.0.b` are the same place. */
export function pathKey(field: string): string {
  return field.replace(/\[(\d+)\]/g, ".$1").replace(/^\./, "");
}

/** A page shows nothing deeper; a longer path would cost the square of its length. */
const DEEPEST = 100;

/** The steps of a field's path; `null` for one that leads deeper than anything is shown. */
export function stepsOf(field: string): string[] | null {
  const steps = pathKey(field).split(".", DEEPEST + 1);
  return steps.length > DEEPEST ? null : steps;
}
