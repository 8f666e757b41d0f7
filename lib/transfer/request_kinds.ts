/** The types of a request's options, which forms and pages rely on. Pure. */
import { isObject, isStringArray } from "../base/mod.ts";

type Kind = (value: unknown) => boolean;

const isText: Kind = (value) => typeof value === "string";

/** An object whose members have these types if present. */
const objectOf = (kinds: Readonly<Record<string, Kind>>): Kind => (value) =>
  isObject(value) &&
  Object.entries(kinds).every(([name, is]) =>
    value[name] === undefined || value[name] === null || is(value[name])
  );

const isSchema: Kind = (value) =>
  isText(value) || objectOf({ type: isText, description: isText, json_schema: isObject })(value);

/** Returns whether every known option has its type. Options that the API adds may have any. */
export const hasKnownKinds: Kind = objectOf({
  task_spec: objectOf({ output_schema: isSchema, input_schema: isSchema }),
  source_policy: objectOf({
    include_domains: isStringArray,
    exclude_domains: isStringArray,
    after_date: isText,
  }),
  advanced_settings: objectOf({ location: isText }),
  webhook: objectOf({ url: isText }),
  metadata: isObject,
  previous_interaction_id: isText,
  enable_events: (value) => typeof value === "boolean",
});
