/**
 * A result's basis, schema fit and presentation. Pure. Runs in a browser, except `appraise`: its schema
 * validator is too large for a page.
 *
 * @module
 */
export { hostOf, REL, webUrl } from "./addresses.ts";
export { briefOf, confidenceByPath } from "./brief.ts";
export {
  type ComparedField,
  compareFields,
  fieldsThatFit,
  type FieldValue,
  isSameValue,
  MAX_LEAVES,
  SHOWN_CHARS,
  SHOWN_SOURCES,
} from "./compare.ts";
export type { Fit } from "./fit.ts";
export {
  type Appraisal,
  appraise,
  type BasisIndex,
  hasPlace,
  indexingBasis,
  type Source,
  strayBasis,
  valueAt,
} from "./basis_index.ts";
export { passageIn } from "./passages.ts";
export { type References, referencesIn } from "./references.ts";
export {
  cellOf,
  describingSchema,
  descriptionOf,
  fieldNames,
  fieldPaths,
  itemOf,
  memberOf,
  orderedEntries,
  pathKey,
  requestedSchema,
  type Schema,
  stepsOf,
} from "./schema.ts";
export { summaryOf } from "./summary.ts";
export { columnsOf, isObjectList, isWord, tableColumns } from "./table.ts";
export { countValues, htmlBytes, MAX_COUNTED, trimValue } from "./trim.ts";
export {
  FIELDS_LISTED,
  FIRST_ROOM,
  NUMBERS_SHOWN,
  type Quotes,
  type ResultRoom,
  SOURCE_EXCERPT_CHARS,
  type TrimmedBasis,
  WHOLE_ROOM,
} from "./trim_basis.ts";
export type { Unit } from "./units.ts";
export { inlineLabelOf, labelOf, shownLine, type ShownValue, showValue } from "./values.ts";
