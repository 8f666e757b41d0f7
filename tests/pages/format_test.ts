import { assertStrictEquals } from "@std/assert";
import * as format from "../../lib/base/mod.ts";
import { hostOf, webUrl } from "../../lib/results/addresses.ts";

const CASES: readonly [actual: string, expected: string][] = [
  [format.count(1234567), "1,234,567"],
  [format.count(0), "0"],
  [format.count(999), "999"],
  [format.count(1000), "1,000"],
  [format.count(-12345), "-12,345"],
  [format.count(null), "–"],
  [format.dollars(0.005), "$0.005"],
  [format.dollars(0.1), "$0.10"],
  [format.dollars(2.4), "$2.40"],
  [format.dollars(null), "–"],
  [format.percent(99.9), "99 %"],
  [format.percent(null), "–"],
  [format.duration(0), "0.0 s"],
  [format.duration(9_900), "9.9 s"],
  [format.duration(59_499), "59 s"],
  [format.duration(59_600), "1 min 0 s"],
  [format.duration(220_000), "3 min 40 s"],
  [format.duration(3_900_000), "1 h 5 min"],
  [format.duration(null), "–"],
  [format.elapsed(-50), "0 s"],
  [format.elapsed(9_999), "9 s"],
  [format.elapsed(72_400), "1 min 12 s"],
  [format.clock(31_000), "0:31"],
  [format.clock(3_729_000), "1:02:09"],
  [format.clock(-5), "0:00"],
  [format.clock(null), "–"],
  [format.ago(59_999), "just now"],
  [format.ago(120_000), "2 min ago"],
  [format.ago(26 * 3_600_000), "1 d ago"],
  [format.ago(-5), "just now"],
  [format.bytes(812), "812 B"],
  [format.bytes(5_100_000), "5.1 MB"],
  [format.exact(0), "1970-01-01 00:00:00 UTC"],
];

Deno.test("figures are formatted for people, and unknown ones are a dash", () => {
  for (const [actual, expected] of CASES) assertStrictEquals(actual, expected);
});

Deno.test("only http and https addresses become links", () => {
  for (
    const text of [
      "javascript:alert(1)",
      "data:text/html,x",
      " https://a.example",
      "//a.example",
      "ftp://a.example",
      "https://",
    ]
  ) {
    assertStrictEquals(webUrl(text), null, text);
  }
  assertStrictEquals(webUrl("HTTPS://a.example/x")?.href, "https://a.example/x");
  assertStrictEquals(hostOf("https://www.a.example/x"), "a.example");
  assertStrictEquals(hostOf("not a link"), "not a link");
});
