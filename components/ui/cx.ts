/**
 * Joins class names. The stylesheet's build reads the string literals in its calls, so that names outside a
 * `class` attribute get their rules.
 */
export function cx(...names: (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}
