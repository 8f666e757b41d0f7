import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  inZone,
  monthEnd,
  monthOf,
  nextTimes,
  shortestGap,
  timesAMonth,
  timingWords,
  zoneNamed,
} from "../../lib/schedules/times.ts";
import { dueByMinutes } from "./cron_oracle.ts";

const HOUR_MS = 3_600_000;

/** Cron line, zone, a moment, and the local times and UTC times that follow it. */
const DUE: readonly (readonly [
  what: string,
  cron: string,
  zone: string,
  after: string,
  times: readonly string[],
])[] = [
  ["every hour", "5 * * * *", "UTC", "2026-11-28T22:05:00Z", [
    "2026-11-28T23:05Z",
    "2026-11-29T00:05Z",
  ]],
  ["a day in a zone west of UTC", "0 18 * * *", "America/New_York", "2026-11-28T22:59:59Z", [
    "2026-11-28T23:00Z",
    "2026-11-29T23:00Z",
  ]],
  ["a day of the week", "30 9 * * 1", "Asia/Kolkata", "2026-11-28T00:00:00Z", [
    "2026-11-30T04:00Z",
    "2026-12-07T04:00Z",
  ]],
  [
    "a time that is skipped in spring runs when the clock caught up",
    "30 2 * * *",
    "Europe/Berlin",
    "2026-03-28T12:00:00Z",
    [
      "2026-03-29T01:30Z",
      "2026-03-30T00:30Z",
    ],
  ],
  ["the hours around a skipped one", "0 * * * *", "Europe/Berlin", "2026-03-28T23:30:00Z", [
    "2026-03-29T00:00Z",
    "2026-03-29T01:00Z",
    "2026-03-29T02:00Z",
  ]],
  [
    "a skipped time that meets the next one runs once",
    "30 2,3 * * *",
    "Europe/Berlin",
    "2026-03-28T12:00:00Z",
    [
      "2026-03-29T01:30Z",
      "2026-03-30T00:30Z",
    ],
  ],
  [
    "a time that occurs twice in autumn runs once",
    "30 2 * * *",
    "Europe/Berlin",
    "2026-10-24T12:00:00Z",
    [
      "2026-10-25T00:30Z",
      "2026-10-26T01:30Z",
    ],
  ],
  [
    "an hour that occurs twice runs once, also every hour",
    "0 * * * *",
    "Europe/Berlin",
    "2026-10-24T22:30:00Z",
    [
      "2026-10-24T23:00Z",
      "2026-10-25T00:00Z",
      "2026-10-25T02:00Z",
      "2026-10-25T03:00Z",
    ],
  ],
  [
    "nothing is due again in the second of two equal hours",
    "*/20 * * * *",
    "Europe/Berlin",
    "2026-10-25T01:10:00Z",
    ["2026-10-25T02:00Z", "2026-10-25T02:20Z"],
  ],
  ["midnight that is skipped", "0 0 * * *", "Africa/Cairo", "2026-04-22T22:30:00Z", [
    "2026-04-23T22:00Z",
    "2026-04-24T21:00Z",
  ]],
  [
    "a clock that changes by half an hour: skipped",
    "15 2 * * *",
    "Australia/Lord_Howe",
    "2026-10-03T00:00:00Z",
    ["2026-10-03T15:45Z", "2026-10-04T15:15Z"],
  ],
  [
    "a clock that changes by half an hour: later minutes come first",
    "10,35 2 * * *",
    "Australia/Lord_Howe",
    "2026-10-03T00:00:00Z",
    ["2026-10-03T15:35Z", "2026-10-03T15:40Z"],
  ],
  [
    "a clock that changes by half an hour: twice",
    "45 1 * * *",
    "Australia/Lord_Howe",
    "2026-04-04T00:00:00Z",
    ["2026-04-04T14:45Z", "2026-04-05T15:15Z"],
  ],
  ["a day that never was", "0 9 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", [
    "2011-12-29T19:00Z",
    "2011-12-30T19:00Z",
    "2011-12-31T19:00Z",
  ]],
  ["the southern autumn", "30 2 * * *", "America/Santiago", "2026-04-03T12:00:00Z", [
    "2026-04-04T05:30Z",
    "2026-04-05T06:30Z",
  ]],
  ["29 February", "0 12 29 2 *", "UTC", "2026-03-01T00:00:00Z", ["2028-02-29T12:00Z"]],
  [
    "a day of the month or of the week, as cron has it",
    "0 0 13 * 5",
    "UTC",
    "2026-11-28T00:00:00Z",
    ["2026-12-04T00:00Z", "2026-12-11T00:00Z", "2026-12-13T00:00Z"],
  ],
];

for (const [what, cron, zone, after, times] of DUE) {
  Deno.test(`due times: ${what}`, () => {
    const found = nextTimes({ cron, zone }, Date.parse(after), times.length);
    assertEquals(found.map((ms) => new Date(ms).toISOString().replace(":00.000Z", "Z")), times);
  });
}

/** Zones whose clocks do odd things, and a change of each: by what, or what it skips. */
const CHANGES: readonly (readonly [zone: string, change: string])[] = [
  ["Europe/Berlin", "2026-03-29T01:00Z"],
  ["Europe/Berlin", "2026-10-25T01:00Z"],
  // Half an hour.
  ["Australia/Lord_Howe", "2026-04-04T15:00Z"],
  ["Australia/Lord_Howe", "2026-10-03T15:30Z"],
  // Three quarters of an hour from UTC, at a quarter to three.
  ["Pacific/Chatham", "2026-04-04T14:00Z"],
  ["Pacific/Chatham", "2026-09-26T14:00Z"],
  ["America/St_Johns", "2026-03-08T05:30Z"],
  // Midnight does not exist.
  ["Africa/Cairo", "2026-04-23T22:00Z"],
  ["Asia/Beirut", "2026-03-28T22:00Z"],
  ["America/Havana", "2026-03-08T05:00Z"],
  ["America/Santiago", "2026-09-06T04:00Z"],
  // Midnight occurs twice.
  ["America/Havana", "2026-11-01T05:00Z"],
  ["Africa/Cairo", "2026-10-29T21:00Z"],
  // Two hours.
  ["Antarctica/Troll", "2026-03-29T01:00Z"],
  ["Antarctica/Troll", "2026-10-25T01:00Z"],
  // Back for Ramadan, and forth.
  ["Africa/Casablanca", "2026-02-15T02:00Z"],
  ["Africa/Casablanca", "2026-03-22T02:00Z"],
  // Half an hour for good.
  ["America/Caracas", "2016-05-01T07:00Z"],
  ["Asia/Pyongyang", "2018-05-04T15:00Z"],
  // At two in the morning of a Saturday.
  ["Asia/Gaza", "2026-03-28T00:00Z"],
  // No change at all.
  ["Asia/Kathmandu", "2026-03-29T01:00Z"],
];
const LINES = [
  "0 * * * *",
  // Clocks change at night: by day, each hour is enough.
  "*/7 0-4,23 * * *",
  "30 2,3 * * *",
  "0 0 * * *",
  "15,45 0 * * *",
  "10,35 1-3 * * *",
  "59 23 * * *",
  "0 0 13 * 5",
  "5 2 * * SUN",
];

for (const [zone, change] of CHANGES) {
  Deno.test(`around ${change} in ${zone}, due times match a minute-by-minute search`, () => {
    const at = Date.parse(change), [after, until] = [at - 26 * HOUR_MS, at + 26 * HOUR_MS];
    for (const cron of LINES) {
      const found: number[] = [];
      for (let ms = after;;) {
        ms = nextTimes({ cron, zone }, ms, 1)[0] ?? until + 1;
        if (ms > until) break;
        found.push(ms);
      }
      const iso = (times: readonly number[]) => times.map((ms) => new Date(ms).toISOString());
      assertEquals(iso(found), iso(dueByMinutes(cron, zone, after, until)), cron);
    }
  });
}

Deno.test("time zones have the runtime's names or current ones; offsets are rejected", () => {
  assertStrictEquals(zoneNamed("Asia/Kolkata"), "Asia/Kolkata");
  assertStrictEquals(zoneNamed("europe/berlin"), "Europe/Berlin");
  assertStrictEquals(zoneNamed("UTC"), "UTC");
  for (const wrong of ["", "+02:00", "Europe/Nowhere", "constructor", "../etc", "x".repeat(99)]) {
    assertStrictEquals(zoneNamed(wrong), null, wrong);
  }
});

Deno.test("months follow the time zone", () => {
  const ms = Date.parse("2026-11-30T23:30:00Z");
  assertStrictEquals(monthOf(ms, "UTC"), "2026-11");
  assertStrictEquals(monthOf(ms, "Asia/Tokyo"), "2026-12");
  assertStrictEquals(monthEnd(ms, "UTC"), Date.parse("2026-12-01T00:00:00Z") - 1);
  assertStrictEquals(monthEnd(ms, "Asia/Tokyo"), Date.parse("2026-12-31T15:00:00Z") - 1);
});

Deno.test("times per month, shortest gap, and description", () => {
  const now = Date.parse("2026-11-28T00:00:00Z");
  const line = (cron: string) => ({ cron, zone: "UTC" });
  assertStrictEquals(timesAMonth(line("0 * * * *"), now), 720);
  assertStrictEquals(timesAMonth(line("0 9 * * *"), now), 30);
  assertStrictEquals(timesAMonth(line("* * * * *"), now, 1_000), 1_000);
  assertStrictEquals(shortestGap(line("0,5 9 * * *"), now), 300_000);
  assertStrictEquals(timingWords({ every: "hour", cron: "5 * * * *" }), "every hour at minute 5");
  assertStrictEquals(timingWords({ every: "week", cron: "30 9 * * 1" }), "every Monday at 09:30");
  assertStrictEquals(inZone(now, "Europe/Berlin"), "Sat 28 Nov 2026, 01:00");
});
