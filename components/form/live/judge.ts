/**
 * Judges the form in the browser by the server's own rules: JSON as soon as its field is left, and what
 * was wrong until it is mended.
 */
import { isLossy, parseTyped } from "../../../lib/base/mod.ts";
import {
  checkForm,
  FIELDS,
  FORM_FIELDS,
  type FormField,
  type FormProblems,
  readValues,
  type TaskFormValues,
} from "../../../lib/tasks/fields/mod.ts";
import { clearProblem, describe, showProblem } from "../check.ts";
import { changesNeeded } from "../headline.ts";

/** Judges the fields that are marked as wrong, and the one that was just left, if it holds JSON. */
export function judge(form: HTMLFormElement, left: string | null) {
  const values = readValues(new FormData(form));
  const checked = checkForm(values);
  const problems: FormProblems = checked.ok ? {} : checked.problems;
  // Its format says what the input is.
  const changed = left === "input_format" ? "input" : left;
  for (const name of FORM_FIELDS) {
    const problem = problems[name];
    if (problem !== undefined && (isMarked(name) || (name === changed && isBroken(name, values)))) {
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

/** A schema that is JSON is judged by the editor over it, line by line. */
function isBroken(name: FormField, values: TaskFormValues): boolean {
  if (!isJson(name, values) || values[name].trim() === "") return false;
  return name !== "json_schema" || !parseTyped(values[name]).ok;
}

/** Keeps the summary of a form that came back true to what is still wrong. */
function sumUp(problems: FormProblems) {
  const summary = document.getElementById("errors");
  if (!summary) return;
  for (const item of summary.querySelectorAll("li")) {
    const link = item.querySelector<HTMLAnchorElement>("a");
    const name = FORM_FIELDS.find((each) => link?.hash === `#${each}`);
    if (!link || name === undefined || problems[name] === undefined) item.remove();
    else item.replaceChildren(link, FIELDS[name].listsMistakes ? "" : `: ${problems[name]}`);
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

/** Says of a number beyond a double that its digits are sent, and what many programs make of it. */
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
