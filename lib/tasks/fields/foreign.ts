/** Requests that another program wrote: pastes and imports. Pure: runs in a browser. */
import { isObject, type JsonObject, ownMember } from "../../base/mod.ts";
import { isAbsent, isText } from "./field.ts";
import { withType } from "./members.ts";
import { memberAt, MEMBERS, withMember } from "./request.ts";

/** Whether all members that forms and pages read have the expected type. Other members may have any type. */
export function hasKnownTypes(request: object): boolean {
  return MEMBERS.every(({ path, isType }) => {
    let holder: unknown = request;
    for (const step of path.split(".")) {
      // Schemas may be text.
      if (isText(holder)) return path.startsWith("task_spec.");
      if (!isObject(holder)) return false;
      holder = ownMember(holder, step);
      if (isAbsent(holder)) return true;
    }
    return isType(holder);
  });
}

/** Rewrites members that the API accepts in several spellings in the form's spelling. */
export function normaliseRequest(request: object): JsonObject {
  const output = memberAt(request, OUTPUT_SCHEMA);
  return MEMBERS.reduce<JsonObject>(
    (body, { path, normalise }) => {
      const value = memberAt(body, path);
      return normalise === undefined || isAbsent(value)
        ? body
        : withMember(body, path, normalise(value));
    },
    isAbsent(output) ? { ...request } : withMember({ ...request }, OUTPUT_SCHEMA, withType(output)),
  );
}

/** Three fields share this member, so no row of the table normalises it. */
const OUTPUT_SCHEMA = "task_spec.output_schema";
