/** Converts forms to requests and back. Pure; runs in a browser. */
import { isObject, type JsonObject, ownMember } from "../../base/mod.ts";
import type { TaskRunInput } from "../../parallel/mod.ts";
import { isAbsent } from "./field.ts";
import { eachField, FIELDS, FORM_FIELDS, type FormField, type TaskFormValues } from "./table.ts";

/** The members of a request that have a field. */
export const MEMBERS = FORM_FIELDS.flatMap((name) => {
  const { path, ...field } = FIELDS[name];
  return path === null ? [] : [{ name, path, ...field }];
});

/** The members that only contain others, such as `source_policy`. */
export const HOLDERS: readonly string[] = [
  ...new Set(MEMBERS.flatMap(({ path }) => path.includes(".") ? [path.split(".", 1)[0]!] : [])),
];

/** The member at a dotted path; `null` if it or a parent is absent. */
export function memberAt(request: object, path: string): unknown {
  return path.split(".").reduce<unknown>(ownMember, request);
}

/** A copy of the object with the member at a path. Creates missing parents. */
export function withMember(holder: JsonObject, path: string, value: unknown): JsonObject {
  const [step = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...holder, [step]: value };
  const inner = ownMember(holder, step);
  return { ...holder, [step]: withMember(isObject(inner) ? inner : {}, rest.join("."), value) };
}

/** Builds the request of a form. Reports unreadable text and omits it. */
export function requestOf(
  values: TaskFormValues,
  report: (field: FormField, message: string) => void = () => {},
): JsonObject {
  let request: JsonObject = {};
  for (const name of FORM_FIELDS) {
    const { path, parse } = FIELDS[name];
    const value = parse(values[name].trim(), values, (message) => report(name, message));
    if (path !== null && !isAbsent(value)) request = withMember(request, path, value);
  }
  return request;
}

/** The form values of a request, for examples, pastes, and "edit and run". Header values are masked. */
export function formValuesFrom(request: TaskRunInput): TaskFormValues {
  return eachField((name) => {
    const { path, print } = FIELDS[name];
    return print(path === null ? null : memberAt(request, path), request);
  });
}
