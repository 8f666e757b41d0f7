/** What a comparison comes to, in a sentence. Pure. */
import { count } from "../../../lib/base/mod.ts";
import type { ComparedField } from "../../../lib/results/mod.ts";

/** Says which runs left fields empty, and which two of several agree most, unless all agree. */
export function verdictOf(
  fields: readonly ComparedField[],
  labels: readonly string[],
): string {
  const sentences: string[] = [];
  for (const [index, label] of labels.entries()) {
    const texts = fields.filter(({ asked }) => asked[index])
      .map(({ values }) => values[index]?.text ?? null);
    const empty = texts.filter(isEmpty).length;
    if (empty > 0 && empty < texts.length) sentences.push(`${label} left ${count(empty)} empty.`);
  }
  let best = { names: "", same: 0 };
  for (const [one, label] of labels.entries()) {
    for (const [other, otherLabel] of labels.entries()) {
      if (other <= one) continue;
      const same = fields.filter(({ values }) =>
        !isEmpty(values[one]?.text) && values[one]?.text === values[other]?.text
      ).length;
      if (same > best.same) {
        best = { names: `${label} and ${otherLabel}`, same };
      }
    }
  }
  const allAgree = fields.every(({ values }) =>
    values.every(({ text }) => text === values[0]?.text)
  );
  if (labels.length > 2 && best.same > 0 && !allAgree) {
    sentences.push(`${best.names} agree on ${count(best.same)}.`);
  }
  return sentences.join(" ");
}

/** Whether a run has nothing to say of a field. */
export function isEmpty(text: string | null | undefined): boolean {
  return text === null || text === undefined || text === "" || text === "null" || text === "[]";
}
