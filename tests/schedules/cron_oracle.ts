/** Cron expressions by brute force: checks every minute. */
const MINUTE = 60_000, DAY = 86_400_000;
const NAMES = [
  ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
].map((names, kind) => new Map(names.map((name, at) => [name, kind === 0 ? at + 1 : at])));

/** Values of a field. */
function valuesOf(field: string, min: number, max: number): Set<number> {
  const number = (text: string) =>
    NAMES[0]?.get(text.toUpperCase()) ?? NAMES[1]?.get(text.toUpperCase()) ?? Number(text);
  return new Set(
    field.split(",").flatMap((part) => {
      const [range = "", step = "1"] = part.split("/");
      const [from = "", to = from] = range.split("-");
      const [first, last] = range === "*" ? [min, max] : [number(from), number(to)];
      const all = Array.from({ length: last - first + 1 }, (_, at) => first + at);
      return all.filter((value) => (value - first) % Number(step) === 0);
    }),
  );
}

/** Whether a cron line is due at a minute of wall clock time (ms as if in UTC). */
export class Line {
  readonly #days: Map<number, boolean> = new Map();
  readonly #sets: readonly Set<number>[];
  readonly #either: boolean;

  constructor(cron: string) {
    const [minute = "", hour = "", day = "", month = "", weekday = ""] = cron.trim().split(/\s+/);
    const weekdays = valuesOf(weekday, 0, 7);
    if (weekdays.has(7)) weekdays.add(0);
    this.#sets = [
      valuesOf(minute, 0, 59),
      valuesOf(hour, 0, 23),
      valuesOf(day, 1, 31),
      valuesOf(month, 1, 12),
      weekdays,
    ];
    // With both day fields restricted, either is enough.
    this.#either = day !== "*" && weekday !== "*";
  }

  isDue(wall: number): boolean {
    const day = Math.floor(wall / DAY), minute = Math.floor(wall / MINUTE) % 1_440;
    let isDay = this.#days.get(day);
    if (isDay === undefined) this.#days.set(day, isDay = this.#isDay(new Date(day * DAY)));
    return isDay && this.#sets[0]!.has(minute % 60) && this.#sets[1]!.has(Math.floor(minute / 60));
  }

  #isDay(date: Date): boolean {
    const [, , days, months, weekdays] = this.#sets;
    const byDay = days!.has(date.getUTCDate()), byWeekday = weekdays!.has(date.getUTCDay());
    return months!.has(date.getUTCMonth() + 1) &&
      (this.#either ? byDay || byWeekday : byDay && byWeekday);
  }
}

/** The first due minute after a moment, in UTC. */
export function nextByMinutes(cron: string, after: number): number {
  const line = new Line(cron);
  let ms = (Math.floor(after / MINUTE) + 1) * MINUTE;
  while (!line.isDue(ms)) ms += MINUTE;
  return ms;
}

/**
 * All due times in a zone after one moment and until another. A minute that the clock skips is due as long
 * after the jump as it lies behind the skipped hour's start; one that it repeats is due the first time.
 */
export function dueByMinutes(cron: string, zone: string, after: number, until: number): number[] {
  const line = new Line(cron), due = new Set<number>();
  const wallAt = (ms: number) => {
    const zoned = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
    return ms + Math.round(zoned.offsetNanoseconds / 1e6);
  };
  // Offsets change at whole minutes, and rarely: each is asked for once in a quarter of an hour.
  const begin = Math.floor(after / DAY) * DAY - 2 * DAY;
  let highest = wallAt(begin), offset = highest - begin;
  for (let ms = begin + MINUTE; ms <= until; ms += MINUTE) {
    if ((ms - begin) % (15 * MINUTE) === 0) offset = wallAt(ms) - ms;
    const wall = ms + offset;
    for (let seen = highest + MINUTE; seen <= wall; seen += MINUTE) {
      if (line.isDue(seen)) due.add(seen === wall ? ms : ms + seen - highest - MINUTE);
    }
    highest = Math.max(highest, wall);
  }
  return [...due].filter((ms) => ms > after && ms <= until).sort((a, b) => a - b);
}
