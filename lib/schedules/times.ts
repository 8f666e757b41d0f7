/**
 * Computes when a schedule is due: a cron expression in a time zone. Pure; the clock is passed in.
 *
 * A local time that the zone skips in spring is due an hour later: 02:30 becomes 03:30. A local time that
 * occurs twice in autumn is due only the first time. This is the `compatible` rule of RFC 5545.
 */
import type { Cron } from "croner";
import { wallClock } from "./cron.ts";

/** The choices for how often. `cron` is any other expression. */
export const EVERY = ["hour", "day", "week", "cron"] as const;

export type Every = (typeof EVERY)[number];

/** When a schedule is due. */
export interface Timing {
  readonly every: Every;
  /** Minute, hour, day of the month, month, day of the week. */
  readonly cron: string;
  /** An IANA time zone, such as `Europe/Berlin`. */
  readonly zone: string;
}

/** Day names in cron order. */
export const WEEKDAYS: readonly string[] = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
];

const DAY_MS = 86_400_000;
/** Local times to try before an expression counts as never due: a few centuries of leap days. */
const MAX_TRIES = 3_000;

/**
 * Returns a time zone's name, or `null` if there is no such zone. The runtime has old names for some, such as
 * Asia/Calcutta for Asia/Kolkata; these stay as they were written.
 */
export function zoneNamed(name: string): string | null {
  // Offsets such as `+02:00` are zones too, but have no daylight saving time.
  if (!/^[A-Za-z][\w+/-]{0,63}$/.test(name)) return null;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    return timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name;
  } catch {
    return null;
  }
}

/** All available time zones, UTC first. */
export function zones(): string[] {
  const named = Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC");
  return ["UTC", ...named];
}

/** Returns the first due time after a time (Unix ms), or `null` if it is never due. */
export function nextTime({ cron, zone }: Pick<Timing, "cron" | "zone">, afterMs: number) {
  const line = wallClock(cron);
  const shift = clockChange(zone, afterMs);
  let wall = wallAt(zone, afterMs) - shift;
  let first: number | null = null, untilWall = Infinity;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const next = line.nextRun(new Date(wall));
    if (next === null || next.getTime() > untilWall) break;
    wall = next.getTime();
    const ms = momentOf(zone, wall);
    if (ms <= afterMs || (first !== null && ms >= first)) continue;
    first = ms;
    // A skipped local time is due after local times that follow it.
    untilWall = wall + clockChange(zone, ms);
  }
  return first;
}

/** Returns the next due times after a time (Unix ms), in order. */
export function nextTimes(
  timing: Pick<Timing, "cron" | "zone">,
  afterMs: number,
  count: number,
): number[] {
  const times: number[] = [];
  for (let after = afterMs; times.length < count;) {
    const next = nextTime(timing, after);
    if (next === null) break;
    times.push(next);
    after = next;
  }
  return times;
}

/** Returns the calendar month in the zone, as `2026-11`. */
export function monthOf(ms: number, zone: string): string {
  return zoned(ms, zone).toPlainDate().toString().slice(0, 7);
}

/** Returns the last millisecond (Unix ms) before the zone's next calendar month. */
export function monthEnd(ms: number, zone: string): number {
  const day = zoned(ms, zone).toPlainDate();
  return day.with({ day: 1 }).add({ months: 1 }).toZonedDateTime(zone).epochMilliseconds - 1;
}

/** Counts the due times in the 30 days after a time (Unix ms), up to `most`. */
export function timesAMonth(
  timing: Pick<Timing, "cron" | "zone">,
  afterMs: number,
  most = 50_000,
): number {
  const line = wallClock(timing.cron);
  const today = Math.floor(wallAt(timing.zone, afterMs) / DAY_MS) * DAY_MS;
  const end = today + 30 * DAY_MS;
  // Minutes and hours are the same on every due day, so count one day.
  let days = 0, aDay = 0;
  for (let wall = today - 1;; days++) {
    const next = line.nextRun(new Date(wall));
    if (next === null || next.getTime() >= end) return Math.min(most, days * aDay);
    const day = Math.floor(next.getTime() / DAY_MS) * DAY_MS;
    if (aDay === 0) aDay = timesADay(line, day);
    wall = day + DAY_MS - 1;
  }
}

/** The shortest interval between due times in the following days (ms). */
export function shortestGap(timing: Pick<Timing, "cron" | "zone">, afterMs: number): number {
  let shortest = Infinity;
  const times = nextTimes(timing, afterMs, 30);
  for (const [at, ms] of times.entries()) {
    const before = times[at - 1];
    if (before !== undefined) shortest = Math.min(shortest, ms - before);
  }
  return shortest;
}

/** Formats a time (Unix ms) in a zone, as `Mon 30 Nov 2026, 09:00`. */
export function inZone(ms: number, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(ms);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((each) => each.type === type)?.value ?? "";
  return `${part("weekday")} ${part("day")} ${part("month")} ${part("year")}, ` +
    `${part("hour")}:${part("minute")}`;
}

/** Describes a timing without its zone: `every day at 09:00`. */
export function timingWords({ every, cron }: Pick<Timing, "every" | "cron">): string {
  const [minute = "0", hour = "0", , , weekday = "0"] = cron.trim().split(/\s+/);
  const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  switch (every) {
    case "hour":
      return `every hour at minute ${minute}`;
    case "day":
      return `every day at ${time}`;
    case "week":
      return `every ${WEEKDAYS[Number(weekday) % 7]} at ${time}`;
    case "cron":
      return cron;
  }
}

function timesADay(line: Cron, day: number): number {
  let times = 0;
  for (let wall = day - 1;; times++) {
    const next = line.nextRun(new Date(wall));
    if (next === null || next.getTime() >= day + DAY_MS) return times;
    wall = next.getTime();
  }
}

function zoned(ms: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
}

function offsetMs(zone: string, ms: number): number {
  return Math.round(zoned(ms, zone).offsetNanoseconds / 1e6);
}

/** The local time at a time (Unix ms), in ms as if it were UTC. */
function wallAt(zone: string, ms: number): number {
  return ms + offsetMs(zone, ms);
}

/** The time (Unix ms) of a local time: the first of two, or the shifted time for a skipped one. */
function momentOf(zone: string, wall: number): number {
  const local = zoned(wall, "UTC").toPlainDateTime();
  return local.toZonedDateTime(zone, { disambiguation: "compatible" }).epochMilliseconds;
}

/** How much the zone's clock changes around a time (ms); 0 on most days. */
function clockChange(zone: string, ms: number): number {
  const offsets = [-DAY_MS, 0, DAY_MS].map((distance) => offsetMs(zone, ms + distance));
  return Math.max(...offsets) - Math.min(...offsets);
}
