/**
 * Checks the form in the browser with the server's rules: JSON as soon as its field loses the focus, and a
 * wrong field until it is fixed.
 */
import { isLossy, parseTyped } from "../../../lib/base/mod.ts";
import { TASK_SPEC_AND_INPUT_CHARS } from "../../../lib/parallel/mod.ts";
import {
  checkForm,
  FIELDS,
  FORM_FIELDS,
  type FormField,
  type FormProblems,
  readValues,
  type TaskFormValues,
} from "../../../lib/tasks/fields/mod.ts";
import { clearProblem, describe, showProblem } from "../field_messages.ts";
import { changesNeeded } from "../headline.ts";
import { charsOf } from "../values.ts";

/** Checks the fields that are marked as wrong, and the one that just lost the focus if it holds JSON. */
export function checkFields(form: HTMLFormElement, left: string | null) {
  const values = readValues(new FormData(form));
  const checked = checkForm(values);
  const problems: FormProblems = checked.ok ? {} : checked.problems;
  // The format decides how the input is read.
  const changed = left === "input_format" ? "input" : left;
  for (const name of FORM_FIELDS) {
    const problem = problems[name];
    const isShown = isMarked(name) ||
      (name === changed && (isBroken(name, values) || isTooLong(name, values)));
    if (problem !== undefined && isShown) {
      showProblem(name, problem);
    } else if (problem === undefined || name === changed) clearProblem(name);
  }
  const name = FORM_FIELDS.find((each) => each === changed);
  if (name !== undefined) noteNumbers(name, isJson(name, values) ? values[name] : "");
  sumUp(problems);
}

function isMarked(name: FormField): boolean {
  return document.getElementById(name)?.getAttribute("aria-invalid") === "true";
}

function isJson(name: FormField, values: TaskFormValues): boolean {
  return FIELDS[name].control.kind === "json" ||
    (name === "input" && values.input_format === "json");
}

/** Whether broken JSON is reported here. The schema editor reports on a schema that is JSON, by line. */
function isBroken(name: FormField, values: TaskFormValues): boolean {
  if (!isJson(name, values) || values[name].trim() === "") return false;
  return name !== "json_schema" || !parseTyped(values[name]).ok;
}

/** Whether the question is too long. The form says so while it is typed. */
function isTooLong(name: FormField, values: TaskFormValues): boolean {
  return name === "input" && charsOf(values) > TASK_SPEC_AND_INPUT_CHARS;
}

/** Updates the summary at the top of the form to what is still wrong. */
function sumUp(problems: FormProblems) {
  const summary = document.getElementById("errors");
  if (!summary) return;
  for (const item of summary.querySelectorAll("li")) {
    const link = item.querySelector<HTMLAnchorElement>("a");
    const name = FORM_FIELDS.find((each) => link?.hash === `#${each}`);
    if (name === undefined || problems[name] === undefined) item.remove();
  }
  const heading = summary.querySelector("[data-count]");
  if (!heading) return;
  const count = summary.querySelectorAll("a").length;
  if (count === 0) summary.remove();
  else heading.textContent = `Nothing was sent. ${changesNeeded(count)}:`;
  const title = count === 0 ? "" : `Error: ${changesNeeded(count)} · `;
  document.title = document.title.replace(/^Error: [^·]*· /, title);
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** Notes that a number which no double can hold is sent with all its digits, and how others read it. */
function noteNumbers(name: FormField, text: string) {
  const numbers =
    text.match(STRING_OR_NUMBER)?.filter((token) => !token.startsWith('"') && isLossy(token)) ?? [];
  const id = `${name}-note`;
  const note = document.getElementById(id) ?? Object.assign(document.createElement("p"), {
    id,
    className: "about",
    role: "status",
  });
  const field = document.getElementById(name);
  if (!note.isConnected) document.getElementById(`${name}-error`)?.after(note);
  const [first] = numbers;
  note.hidden = first === undefined;
  note.textContent = first === undefined
    ? ""
    : `${first} is sent with all its digits. A program that reads it as a double gets ${
      Number(first)
    }: quote it if it is an id.`;
  if (field) describe(field, id, first !== undefined);
}
