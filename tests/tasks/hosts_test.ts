import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { isCountryCode } from "../../lib/tasks/fields/checks.ts";
import { isRealDate } from "../../lib/base/mod.ts";
import {
  domainProblem,
  isPrivateHost,
  normaliseDomain,
  splitDomains,
} from "../../lib/tasks/fields/hosts.ts";
import { timeOf } from "../cpu_time.ts";

const PRIVATE = [
  "https://localhost/",
  "https://LOCALHOST./",
  "https://intranet/",
  "https://printer.local/",
  "https://db.prod.internal/",
  "https://app.localhost/",
  "https://127.0.0.1/",
  "https://127.1/",
  "https://0x7f000001/",
  "https://2130706433/",
  "https://0177.0.0.1/",
  "https://0.0.0.0/",
  "https://10.1.2.3/",
  "https://172.16.0.1/",
  "https://172.31.255.255/",
  "https://192.168.1.1/",
  "https://169.254.169.254/",
  "https://100.64.0.1/",
  "https://198.18.0.1/",
  "https://224.0.0.1/",
  "https://255.255.255.255/",
  "https://[::1]/",
  "https://[::]/",
  "https://[fe80::1]/",
  "https://[fd00::1]/",
  "https://[::ffff:10.0.0.1]/",
  "https://[::ffff:7f00:1]/",
  "https://[2001:db8::1]/",
  "https://[64:ff9b::a00:1]/",
];
for (const url of PRIVATE) {
  Deno.test(`${url} is private`, () => assert(isPrivateHost(new URL(url).hostname)));
}

const PUBLIC = [
  "https://hooks.mysite.com/",
  "https://8.8.8.8/",
  "https://172.15.0.1/",
  "https://172.32.0.1/",
  "https://[2606:4700::1111]/",
  "https://[::ffff:8.8.8.8]/",
  "https://localhost.mysite.com/",
  "https://xn--bcher-kva.de/",
];
for (const url of PUBLIC) {
  Deno.test(`${url} is public`, () => assert(!isPrivateHost(new URL(url).hostname)));
}

const NORMALISED: readonly (readonly [string, string])[] = [
  ["example.com", "example.com"],
  [" Example.COM. ", "example.com"],
  ["https://example.com/a?b#c", "example.com"],
  ["HTTP://user:pw@example.com:8080/a", "example.com"],
  ["example.com/", "example.com"],
  ["docs.python.org/3/?q", "docs.python.org/3"],
  ["docs.python.org/3/Library", "docs.python.org/3/Library"],
  ["*.example.com", "example.com"],
  [".gov", ".gov"],
  ["*.gov", ".gov"],
  ["*.co.uk", "co.uk"],
  [".CO.UK", ".co.uk"],
  ["münchen.de", "xn--mnchen-3ya.de"],
  ["exa mple", "exa mple"],
];
for (const [typed, expected] of NORMALISED) {
  Deno.test(`the domain "${typed}" becomes "${expected}"`, () => {
    assertStrictEquals(normaliseDomain(typed), expected);
  });
}

Deno.test("a list of domains may use lines, commas or spaces; duplicates are removed", () => {
  assertEquals(splitDomains(" a.com,b.com;\n\tA.com  https://b.com/x "), ["a.com", "b.com"]);
  assertEquals(splitDomains("a.com，b.com、c.com；d.com"), ["a.com", "b.com", "c.com", "d.com"]);
  assertEquals(splitDomains(" \n,"), []);
});

const DOMAINS: readonly (readonly [string, RegExp | null])[] = [
  ["example.com", null],
  ["sub.example.gov", null],
  [".gov", null],
  [".co.uk", null],
  ["docs.python.org/3", null],
  ["xn--bcher-kva.example", null],
  ["http://a.com", /scheme/],
  ["a.com?x", /query/],
  ["a.com#x", /fragment/],
  ["a.com:80", /port/],
  ["localhost", /not a domain/],
  ["", /not a domain/],
  ["a..com", /not a domain/],
  ["-a.com", /not a domain/],
  [".", /not a domain/],
];
for (const [entry, problem] of DOMAINS) {
  Deno.test(`"${entry}" is ${problem === null ? "a valid" : "an invalid"} source policy entry`, () => {
    const found = domainProblem(entry);
    if (problem === null) assertStrictEquals(found, null);
    else assertMatch(found ?? "", problem);
  });
}

Deno.test("dates must exist", () => {
  for (const day of ["2026-01-31", "2024-02-29", "2000-02-29", "0001-01-01"]) {
    assert(isRealDate(day), day);
  }
  const none = [
    "2026-02-29",
    "1900-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-04-31",
    "2026-1-1",
    "26-01-01",
    "",
  ];
  for (const day of none) assert(!isRealDate(day), day);
});

Deno.test("country codes are ISO 3166-1 alpha-2", () => {
  for (const code of ["us", "DE", "gb", "Zw"]) assert(isCountryCode(code), code);
  for (const code of ["uk", "xx", "", "usa", "d", "D ", "eu"]) {
    assert(!isCountryCode(code), code);
  }
});

Deno.test("a path of slashes is read once", () => {
  const ms = timeOf(() => {
    const long = `example.com/${"/".repeat(300_000)}`;
    assertEquals(splitDomains(`${long}x`), [`${long}x`]);
    assertEquals(splitDomains(`example.com/a${"/".repeat(300_000)}`), ["example.com/a"]);
  });
  // It took half a minute, and of a whole form minutes.
  assert(ms < 4_000, `${ms} ms`);
});
