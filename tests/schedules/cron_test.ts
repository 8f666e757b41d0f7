/** Cron expressions: which are rejected, with what message, and when the others are due. */
import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import { cronProblem } from "../../lib/schedules/cron.ts";
import { nextTimes } from "../../lib/schedules/times.ts";
import { Random } from "../campaign/random.ts";
import { nextByMinutes } from "./cron_oracle.ts";

const FIVE = /^A cron line has five fields/;

/** Lines that no schedule can have, and what is said of them. */
const WRONG_LINES: readonly (readonly [line: string, said: RegExp])[] = [
  ["", FIVE],
  ["* * * *", FIVE],
  ["* * * * * *", FIVE],
  ["@hourly", FIVE],
  ["* * * * *\n* * * * *", FIVE],
  [`${"1,".repeat(200)}1 * * * *`, FIVE],
  ["61 * * * *", /^The minute .* “61” is not from 0 to 59\.$/],
  ["60 * * * *", /“60” is not from 0 to 59/],
  ["* 24 * * *", /^The hour .* “24” is not from 0 to 23/],
  ["0 0 0 * *", /^The day of the month .* “0” is not from 1 to 31/],
  ["0 0 32 * *", /“32” is not from 1 to 31/],
  ["0 0 * 0 *", /^The month .* “0” is not from 1 to 12/],
  ["0 0 * 13 *", /“13” is not from 1 to 12/],
  ["0 0 * * 8", /^The day of the week .* “8” is not from 0 to 7/],
  ["*/0 * * * *", /“\/0” is not a step from 1 to 59/],
  ["*/61 * * * *", /“\/61” is not a step/],
  ["5/15 * * * *", /a step needs a range: write 5-59\/15 or \*\/15/],
  ["/5 * * * *", /“\/5” is not a number/],
  ["*/5/2 * * * *", /“\*\/5\/2” is not a number/],
  ["50-10 * * * *", /“50-10” counts down\. Write two ranges: 50-59,0-10/],
  ["0 22-4 * * *", /“22-4” counts down\. Write two ranges: 22-23,0-4/],
  ["0 0 * * MON-SUN", /“MON-SUN” counts down: at the end of a range, Sunday is 7/],
  ["0 0 * NOV-FEB *", /“NOV-FEB” counts down\. Write two ranges: NOV-12,1-FEB/],
  ["0 0 * * Sunday", /“Sunday” is not a number or a name such as MON/],
  ["0 MON * * *", /“MON” is not a number\./],
  ["a b c d e", /^The minute .* “a” is not a number\./],
  ["1,,2 * * * *", /a value is missing beside a comma/],
  ["1, * * * *", /a value is missing beside a comma/],
  ["-1 * * * *", /“-1” is not a number/],
  ["1.5 * * * *", /“1\.5” is not a number/],
  ["0x10 * * * *", /“0x10” is not a number/],
  ["٥ * * * *", /“٥” is not a number/],
  ...["L", "15W", "LW", "L-3", "?", "+1", "1#2"].map((day) =>
    [`0 0 ${day} * *`, /^The day of the month .* L, W, #, \? and \+ are not supported\.$/] as const
  ),
  ...["5L", "MON#1", "L", "?", "+MON"].map((day) =>
    [`0 0 * * ${day}`, /^The day of the week .* L, W, #, \? and \+ are not supported\.$/] as const
  ),
  ["? ? * * *", /not supported/],
  ["H * * * *", /“H” is not a number/],
  ["0 0 30 2 *", /never due/],
  ["0 0 31 2,4,6,9,11 *", /never due/],
];

for (const [line, said] of WRONG_LINES) {
  Deno.test(`a cron expression is rejected: ${JSON.stringify(line).slice(0, 40)}`, () => {
    assertMatch(cronProblem(line) ?? "", said);
  });
}

Deno.test("cron expressions with ranges, steps, lists and names are accepted", () => {
  for (
    const line of [
      "*/15 8-18 * * MON-FRI",
      "0 9 1,15 * *",
      " 0  0 * JAN 7 ",
      "0 0 29 2 *",
      "0-59/7 0-23/5 1-31/2 feb-APR mon-5",
      "00 09 * * 01",
      "*,5 * * * *",
      "0 0 * * 0-7",
      "0 0 30 2 MON",
      "0\t9 * * *",
    ]
  ) assertStrictEquals(cronProblem(line), null, line);
});

/** A line of everything that may be written. */
function randomLine(random: Random): string {
  const fields = [[0, 59], [0, 23], [1, 31], [1, 12], [0, 7]] as const;
  return fields.map(([min, max], at) => {
    const part = () => {
      const first = random.between(min, max), last = random.between(first, max);
      const step = random.chance(0.4) ? `/${random.between(1, Math.min(max, 20))}` : "";
      const name = at === 3 && random.chance(0.5) ? MONTHS[first - 1] : `${first}`;
      return random.pick([`*${step}`, "*", `${first}`, `${name}`, `${first}-${last}${step}`]);
    };
    return Array.from({ length: random.between(1, 2) }, part).join(",");
  }).join(" ");
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

Deno.test("an accepted cron expression is due when a brute-force search finds it", () => {
  const random = new Random(18);
  let never = 0;
  for (let n = 0; n < 300; n++) {
    const cron = randomLine(random);
    const problem = cronProblem(cron);
    if (problem !== null) {
      // A 31 April can come up.
      assertMatch(problem, /never due/, cron);
      never++;
      continue;
    }
    const after = Date.UTC(2027, random.between(0, 11), random.between(1, 28), 23, 59, 31);
    const [next = 0] = nextTimes({ cron, zone: "UTC" }, after, 1);
    const iso = (ms: number) => new Date(ms).toISOString();
    assertStrictEquals(iso(next), iso(nextByMinutes(cron, after)), cron);
  }
  assert(never < 30, `${never}`);
});
