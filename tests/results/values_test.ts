/** How values are displayed: one table per kind. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { Numeral, readVerbatim } from "../../lib/base/mod.ts";
import type { JsonObject } from "../../lib/base/mod.ts";
import type { Schema } from "../../lib/results/schema.ts";
import { passageIn } from "../../lib/results/passages.ts";
import { inlineLabelOf, labelOf, shownLine, showValue } from "../../lib/results/values.ts";
import { timeOf } from "../cpu_time.ts";

const described = (description: string): Schema => schemaOf({ type: "number", description });
const schemaOf = (node: JsonObject): Schema => ({ root: node, node });

const NUMBERS:
  readonly (readonly [name: string, text: string, description: string, line: string])[] = [
    ["employees", "1312", "", "1,312"],
    ["employees", "-1312.5", "", "-1,312.5"],
    ["ratio", "0.0001234", "", "0.0001234"],
    ["big", "123456789012345678901234567890", "", "123,456,789,012,345,678,901,234,567,890"],
    ["exact", "1.10", "", "1.10"],
    ["tiny", "1e-7", "", "1e-7"],
    // Years and identifiers are not quantities.
    ["founded_year", "2003", "", "2003"],
    ["founded", "2014", "", "2014"],
    ["first_release", "2019", "Year", "2019"],
    ["opened", "1998", "Year in which it opened", "1998"],
    ["employees", "2003", "Headcount in the last fiscal year", "2,003"],
    ["company_number", "913402771", "", "913402771"],
    ["id", "12345", "", "12345"],
    ["zip_code", "94105", "", "94105"],
    // Currencies.
    ["revenue_nok", "1386000000", "", "NOK 1,386,000,000"],
    ["revenueUsd", "12.5", "", "USD 12.50"],
    ["price_usd", "0.1", "", "USD 0.10"],
    ["price_usd", "0.125", "", "USD 0.125"],
    ["amount", "8.5", "In millions of EUR", "8.5 million EUR"],
    ["revenue", "1386000000", "Revenue in NOK", "NOK 1,386,000,000"],
    ["price", "9.99", "List price in US dollars", "USD 9.99"],
    ["amount", "84000000", "Amount in euros", "EUR 84,000,000"],
    ["amount", "84", "In millions of EUR", "84 million EUR"],
    ["revenue_usd_millions", "84", "", "84 million USD"],
    ["amount", "84", "In USD or EUR, as reported", "84"],
    ["use_all", "3", "Count of ALL", "3"],
    // Measures.
    ["height_m", "2864", "", "2,864 m"],
    ["height", "2864", "Height above sea level in metres", "2,864 m"],
    ["area_km2", "17098246", "", "17,098,246 km²"],
    ["capacity_mw", "168.2", "", "168.2 MW"],
    ["growth_percent", "31", "", "31 %"],
    ["market_share", "31", "Share in percent", "31 %"],
    ["m", "5", "", "5"],
    ["length", "6650", "Length (km) of the river", "6,650 km"],
  ];

Deno.test("numbers are grouped, with the currency or unit that their field names", () => {
  for (const [name, text, description, line] of NUMBERS) {
    const schema = description === "" ? null : described(description);
    const shown = showValue(new Numeral(text), schema, name);
    assertStrictEquals(shown.kind, "number");
    assertStrictEquals(shownLine(shown), line, `${name} ${description}`);
  }
  assertStrictEquals(showValue(6650).text, "6,650");
});

Deno.test("grouping keeps every digit of any number", () => {
  fc.assert(fc.property(fc.bigInt(), (value) => {
    const { text } = showValue(readVerbatim(String(value)), null, "count");
    assertStrictEquals(text.replaceAll(",", ""), String(value));
    assert(/^-?\d{1,3}(,\d{3})*$/.test(text), text);
  }));
});

const TEXTS: readonly (readonly [value: unknown, kind: string, text: string])[] = [
  [null, "none", "–"],
  [undefined, "none", "–"],
  ["", "none", "–"],
  [[], "none", "–"],
  [{}, "none", "–"],
  [{ a: null }, "none", "–"],
  [true, "yes-no", "Yes"],
  [false, "yes-no", "No"],
  ["2014-03-14", "date", "14 March 2014"],
  ["2014-03", "date", "March 2014"],
  ["2014-02-30", "text", "2014-02-30"],
  ["2014-13", "text", "2014-13"],
  ["2026-04-28T09:30:00Z", "date", "28 April 2026, 09:30 UTC"],
  ["2026-04-28T09:30:00.123+02:00", "date", "28 April 2026, 09:30 +02:00"],
  ["2014", "text", "2014"],
  ["https://www.site.example/", "link", "site.example"],
  ["https://site.example/a/b?c=1#d", "link", "site.example/a/b?c=1"],
  ["https://site.example/caf%C3%A9", "link", "site.example/café"],
  ["https://site.example/%ff", "link", "site.example/%ff"],
  [`https://site.example/${"x".repeat(99)}`, "link", `site.example/${"x".repeat(47)}…`],
  ["javascript:alert(1)", "text", "javascript:alert(1)"],
  ["see https://site.example/", "text", "see https://site.example/"],
  ["x".repeat(161), "prose", "x".repeat(161)],
  ["two\nlines", "prose", "two lines"],
  ["x".repeat(500), "prose", `${"x".repeat(240)}…`],
  [["a", "b"], "list", "a, b"],
  [["a, b", "c"], "list", "a, b; c"],
  [[1000, 2000], "list", "1,000; 2,000"],
  [[[1, 2], [3]], "list", "1, 2; 3"],
  [{ city: "Trondheim", country: "Norway" }, "record", "Trondheim, Norway"],
  [[{ date: "2026-02-03", name: "Series C" }, { name: "Seed" }], "records", "Series C, Seed"],
  [[{ date: "2026-02-03", round: "C" }], "records", "3 Feb 2026"],
  [Array.from({ length: 14 }, (_, n) => n), "list", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …"],
];

Deno.test("every other value is shown on one line too", () => {
  for (const [value, kind, text] of TEXTS) {
    const shown = showValue(value);
    assertEquals([shown.kind, shown.text], [kind, text]);
  }
  assertStrictEquals(showValue("2026-02-03", null, "", { brief: true }).text, "3 Feb 2026");
});

Deno.test("a record follows its schema's order and uses its units", () => {
  const node = {
    properties: { name: {}, amount: { description: "in EUR" } },
  };
  assertStrictEquals(
    showValue({ amount: 84000000, name: "Series C" }, schemaOf(node)).text,
    "Series C, EUR 84,000,000",
  );
});

Deno.test("labels are in words, without the number's unit", () => {
  const labels: readonly (readonly [string, unknown, string])[] = [
    ["annual_revenue", 5, "Annual revenue"],
    ["revenue_2025_nok", 5, "Revenue 2025"],
    ["revenue_2025_nok", "NOK 5", "Revenue 2025 NOK"],
    ["favourite_pen", null, "Favourite pen"],
    ["height-m", 5, "Height"],
    ["revenue_in_eur", 5, "Revenue"],
    ["is_listed", true, "Listed"],
    ["is_listed", null, "Is listed"],
    ["is", false, "Is"],
    ["usd", 5, "Usd"],
    ["GDP", 5, "GDP"],
    ["__", 5, "__"],
    // A hyphen is a sign or part of a name, unless letters follow it.
    ["net-new-customers", 5, "Net new customers"],
    ["24-hour_volume", 5, "24 hour volume"],
    ["-1", 5, "-1"],
    ["change_-5", 5, "Change -5"],
    ["18-24", 5, "18-24"],
    ["2024-11-30", 5, "2024-11-30"],
    ["AA-", 5, "AA-"],
    ["-inf", 5, "-inf"],
  ];
  for (const [name, value, label] of labels) assertStrictEquals(labelOf(name, value), label);
});

Deno.test("inside a line, labels start small and abbreviations stay", () => {
  const labels = [
    ["annual_revenue", "annual revenue"],
    ["revenue_nok", "revenue NOK"],
    ["GDP", "GDP"],
    ["Founding Year", "founding year"],
    ["companyURL", "companyURL"],
    ["A_share", "a share"],
  ] as const;
  for (const [name, label] of labels) assertStrictEquals(inlineLabelOf(name), label);
});

Deno.test("a name of megabytes is not read for its unit", () => {
  const ms = timeOf(() => {
    for (const unit of ["k_", "aB", "registration ", "1 "]) {
      const name = unit.repeat(6_000_000);
      assert(labelOf(name, 1).length < 200);
      assert(shownLine(showValue(1, null, name)).length < 200);
    }
  });
  // It took half a minute to take apart what no label shows.
  assert(ms < 4_000, `${ms} ms`);
});

Deno.test("a number of thousands of digits is shown as it is", () => {
  const number = readVerbatim("7".repeat(10_000));
  const ms = timeOf(() => {
    for (let n = 0; n < 500; n++) {
      const { text } = showValue(number, null, "n");
      assertStrictEquals(text.length, 10_000);
      assertStrictEquals(passageIn("7", number, 100).match, "");
    }
  });
  // It took 30 ms for each, and a page has hundreds.
  assert(ms < 4_000, `${ms} ms`);
});

Deno.test("any JSON value fits a line of bounded length", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.string(), (value, name) => {
    const { text } = showValue(value, null, name);
    assert(text.length > 0 && text.length <= 330, text);
    assert(!text.includes("\n"));
  }));
});
