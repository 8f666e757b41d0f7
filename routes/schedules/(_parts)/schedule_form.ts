/** The form of a schedule: its values as typed, its meaning, and its problems. */
import { beginning, count, dollars } from "../../../lib/base/mod.ts";
import {
  cronProblem,
  EVERY,
  type Every,
  nextTimes,
  type ScheduleSettings,
  timesAMonth,
  WEEKDAYS,
  zoneNamed,
} from "../../../lib/schedules/mod.ts";

/** The fields as they are typed. */
export interface ScheduleValues {
  readonly name: string;
  readonly every: Every;
  /** Of the hour. */
  readonly minute: string;
  /** Of the day, `09:00`. */
  readonly time: string;
  /** 0 is Sunday. */
  readonly weekday: string;
  readonly cron: string;
  readonly zone: string;
  readonly cap_usd: string;
  /** `on` or empty. */
  readonly only_changes: string;
}

export type ScheduleField = keyof ScheduleValues;
export type ScheduleProblems = Partial<Record<ScheduleField, string>>;

/** The form as it was sent. */
export interface ReadSchedule {
  readonly values: ScheduleValues;
  readonly problems: ScheduleProblems;
  /** `null` if a field is wrong. */
  readonly settings: ScheduleSettings | null;
}

/** Characters of a schedule's name, and the largest cap (US dollars). */
const NAME_CHARS = 200, MAX_USD = 1_000_000;

const FIRST: ScheduleValues = {
  name: "",
  every: "day",
  minute: "0",
  time: "09:00",
  weekday: "1",
  cron: "0 9 * * 1-5",
  zone: "UTC",
  cap_usd: "10",
  only_changes: "",
};

/** The fields of a new schedule. */
export function newValues(name: string, priceUsd: number): ScheduleValues {
  // A day's runs of a month, and never less than one run.
  const cap_usd = String(Math.max(1, Math.ceil(priceUsd * 31)));
  return { ...FIRST, name: beginning(name, NAME_CHARS), cap_usd };
}

/** The fields of a schedule that is stored. */
export function valuesOf(settings: ScheduleSettings): ScheduleValues {
  const { cap_usd, cron, every, name, only_changes, zone } = settings;
  const [minute = "0", hour = "9", , , weekday = "1"] = cron.split(/\s+/);
  return {
    ...FIRST,
    name,
    every,
    zone,
    cap_usd: String(cap_usd),
    only_changes: only_changes ? "on" : "",
    ...every === "hour" ? { minute } : {},
    ...every === "day" || every === "week" ? { time: `${two(hour)}:${two(minute)}` } : {},
    ...every === "week" ? { weekday } : {},
    ...every === "cron" ? { cron } : {},
  };
}

/** Reads a form, or the query of a page that shows one. Fields that are missing are as in `fallback`. */
export function readSchedule(
  sent: FormData | URLSearchParams,
  fallback: ScheduleValues,
): ReadSchedule {
  const values = valuesIn(sent, fallback);
  const problems: ScheduleProblems = {};
  const name = values.name.trim();
  if (name === "") problems.name = "Enter a name.";
  const cron = cronOf(values, problems);
  const zone = zoneOf(values, problems);
  const cap_usd = /^\d{1,9}(?:\.\d{1,6})?$/.test(values.cap_usd.trim())
    ? Number(values.cap_usd)
    : NaN;
  if (!(cap_usd > 0 && cap_usd <= MAX_USD)) {
    problems.cap_usd =
      "A cap is a number of dollars above 0 and up to 1,000,000, such as 5 or 7.50.";
  }
  const isSound = Object.keys(problems).length === 0 && zone !== null && cron !== null;
  return {
    values,
    problems,
    settings: !isSound ? null : {
      name: beginning(name, NAME_CHARS),
      every: values.every,
      cron,
      zone,
      cap_usd,
      only_changes: values.only_changes !== "",
    },
  };
}

/** The next times that a form means, and what a month costs in words, or why there are none. */
export function preview(
  { values }: Pick<ReadSchedule, "values">,
  { now, priceUsd }: { readonly now: number; readonly priceUsd: number },
): { readonly times: readonly number[]; readonly zone: string; readonly words: string } {
  const problems: ScheduleProblems = {};
  const cron = cronOf(values, problems);
  const zone = zoneOf(values, problems);
  if (zone === null || cron === null) {
    return { times: [], zone: "UTC", words: Object.values(problems)[0] ?? "" };
  }
  const timing = { cron, zone };
  const perMonth = timesAMonth(timing, now);
  const words = perMonth === 0 ? "" : `${count(perMonth)} ${perMonth === 1 ? "time" : "times"} ` +
    `in the next 30 days, ${dollars(perMonth * priceUsd)} without a cap.`;
  return { times: nextTimes(timing, now, 3), zone, words };
}

function valuesIn(sent: FormData | URLSearchParams, fallback: ScheduleValues): ScheduleValues {
  const text = (name: ScheduleField) => {
    const value = sent.get(name);
    return typeof value === "string" ? value : fallback[name];
  };
  const every = EVERY.find((each) => each === text("every")) ?? fallback.every;
  return {
    name: text("name"),
    every,
    minute: text("minute"),
    time: text("time"),
    weekday: text("weekday"),
    cron: text("cron"),
    zone: text("zone"),
    cap_usd: text("cap_usd"),
    // A box that is not ticked is not sent.
    only_changes: sent.has("every")
      ? String(sent.get("only_changes") ?? "")
      : fallback.only_changes,
  };
}

/** The zone that is meant; `null` with a problem if there is none of this name. */
function zoneOf({ zone }: ScheduleValues, problems: ScheduleProblems): string | null {
  const named = zoneNamed(zone.trim());
  if (named === null) {
    problems.zone = `“${beginning(zone, 64)}” is not a time zone. Use a name such as ` +
      "Europe/Berlin, or UTC.";
  }
  return named;
}

/** The cron line that the fields mean; `null` with a problem if they mean none. */
function cronOf(values: ScheduleValues, problems: ScheduleProblems): string | null {
  const { cron, every, time, weekday } = values;
  if (every === "cron") {
    const problem = cronProblem(cron);
    if (problem !== null) problems.cron = problem;
    return problem === null ? cron.trim().replace(/\s+/g, " ") : null;
  }
  if (every === "hour") {
    const minute = /^\d{1,2}$/.test(values.minute.trim()) ? Number(values.minute) : NaN;
    if (minute >= 0 && minute <= 59) return `${minute} * * * *`;
    problems.minute = "A minute is a whole number from 0 to 59.";
    return null;
  }
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time.trim()) ?? [];
  if (hours === undefined || minutes === undefined) {
    problems.time = "Write the time as 09:00, from 00:00 to 23:59.";
    return null;
  }
  const at = `${Number(minutes)} ${Number(hours)}`;
  if (every === "day") return `${at} * * *`;
  if (WEEKDAYS[Number(weekday)] !== undefined && /^\d$/.test(weekday)) {
    return `${at} * * ${weekday}`;
  }
  problems.weekday = "Choose a day of the week.";
  return null;
}

function two(text: string): string {
  return text.padStart(2, "0");
}
