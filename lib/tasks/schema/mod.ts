/**
 * Output schemas: editing, the API's rules, samples, validation. Runs in a browser.
 *
 * @module
 */
export { BoundedValidator } from "./bounded_validator.ts";
export {
  addField,
  EMPTY_SCHEMA,
  moveField,
  removeField,
  renameField,
  setDescription,
  setRequired,
  ShapeMemory,
} from "./edit.ts";
export { schemaOfQuestion } from "./draft.ts";
export { freeName, objectOf, propertyName, propertyOf } from "./guess.ts";
export { misfitsOf, schemaOfInput } from "./input_fit.ts";
export { type FieldKind, type FieldRow, type FieldShape, KINDS, rowsOf } from "./rows.ts";
export { checkOutputSchema, countFields, type Finding, overLimit } from "./rules.ts";
export { sampleOf } from "./sample.ts";
export { SCHEMA_TEMPLATES } from "./templates.ts";
export { resolveRef, typesOf } from "./walk.ts";
