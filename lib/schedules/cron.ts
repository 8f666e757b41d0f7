/** Checks cron lines. Pure. */
import { Cron } from "croner";

/** A field of a cron line: its values, and the names that some of them have. */
interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const FIELDS: readonly CronField[] = [
  { name: "minute", min: 0, max: 59, names: [] },
  { name: "hour", min: 0, max: 23, names: [] },
  { name: "day of the month", min: 1, max: 31, names: [] },
  { name: "month", min: 1, max: 12, names: MONTHS },
  // Both 0 and 7 are Sunday.
  { name: "day of the week", min: 0, max: 7, names: DAYS },
];
const LINE_CHARS = 200;
const UNSUPPORTED = "L, W, #, ? and + are not supported.";
/** The most characters of a mistake that a message quotes. */
const QUOTED = 20;

/** Returns why a cron line cannot be used, or `null`. */
export function cronProblem(line: string): string | null {
  const texts = line.trim().split(/[ \t]+/);
  if (line.length > LINE_CHARS || texts.length !== FIELDS.length) {
    return "A cron line has five fields: minute, hour, day of the month, month, day of the week.";
  }
  for (const [at, field] of FIELDS.entries()) {
    const problem = fieldProblem(field, texts[at] ?? "");
    if (problem !== null) return `The ${field.name} cannot be read: ${problem}`;
  }
  // Every line that is ever due is due within eight years, even if only on a leap day.
  if (wallClock(line).nextRun(new Date(Date.UTC(2000, 0, 1))) === null) {
    return "This line is never due: no such day exists.";
  }
  return null;
}

/**
 * Returns why a field cannot be used, or `null`. Takes the syntax of every cron: numbers, names, `*`, ranges,
 * steps and lists. Other characters, such as `L` and `W`, have different meanings in different programs.
 */
function fieldProblem({ min, max, names }: CronField, text: string): string | null {
  const short = (text: string) => `“${text.slice(0, QUOTED)}”`;
  for (const part of text.split(",")) {
    if (part === "") return "a value is missing beside a comma.";
    const read = /^(?:\*|([a-z\d]+)(?:-([a-z\d]+))?)(?:\/(\d{1,3}))?$/i.exec(part);
    if (read === null) {
      return `${short(part)} is not a number, a range such as 1-5, * or a step such as */15. ` +
        UNSUPPORTED;
    }
    const [, from, to, step] = read;
    const [first, last] = [from, to].map((value) => valueOf(value, min, names));
    for (const [value, number] of [[from, first], [to, last]] as const) {
      if (value === undefined || number === undefined) continue;
      if (number === null) {
        const some = names.length === 0 ? "" : ` or a name such as ${names[1]}`;
        return `${short(value)} is not a number${some}. ${UNSUPPORTED}`;
      }
      if (number < min || number > max) return `${short(value)} is not from ${min} to ${max}.`;
    }
    if (typeof first === "number" && typeof last === "number" && first > last) {
      return last === 0
        ? `${short(part)} counts down: at the end of a range, Sunday is 7.`
        : `${short(part)} counts down. Write two ranges: ${from}-${max},${min}-${to}.`;
    }
    if (step === undefined) continue;
    if (from !== undefined && to === undefined) {
      return `a step needs a range: write ${from}-${max}/${step} or */${step}.`;
    }
    if (Number(step) < 1 || Number(step) > max) {
      return `${short(`/${step}`)} is not a step from 1 to ${max}.`;
    }
  }
  return null;
}

/** Parses a value to its number; `null` if invalid. */
function valueOf(value: string | undefined, min: number, names: readonly string[]) {
  if (value === undefined) return undefined;
  if (/^\d{1,2}$/.test(value)) return Number(value);
  const at = names.indexOf(value.toUpperCase());
  return at < 0 ? null : at + min;
}

/** Computes a line's due times by the wall clock, in ms as if the zone were UTC: no clock changes. */
export function wallClock(line: string): Cron {
  return new Cron(line.trim(), { utcOffset: 0, mode: "5-part" });
}
