/** The target of `[n]` in a text: its own list, the citations, or nothing if ambiguous. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { markdownHtml } from "../../components/result/Markdown.tsx";
import { referenceHref } from "../../components/result/reading.ts";
import { addressesIn } from "../../lib/results/addresses.ts";
import { indexBasis } from "../../lib/results/basis_index.ts";
import { referencesIn } from "../../lib/results/references.ts";
import { runPage, state } from "./fixtures.ts";
import { reportMarkdown } from "../exports/whole.ts";
import { timeOf } from "../cpu_time.ts";

/** The API's own citations: A is the first, B the second. */
const BASIS = [{
  field: "output",
  reasoning: "",
  citations: [
    { url: "https://a.example/1" },
    { url: "https://b.example/2" },
    { url: "https://en.wikipedia.org/wiki/Foo_(bar)" },
    { url: "https://firm.example/wiki/Inc." },
  ],
}];
const GROUNDS = indexBasis(BASIS);

/** Where `[1]`, `[2]` … of a text lead. */
const leads = (text: string, numbers = [1, 2]) => {
  const { target } = referencesIn(text, BASIS, GROUNDS);
  return numbers.map((n) => {
    const found = target(n);
    return found === null ? null : "source" in found ? found.source : found.url;
  });
};

const A = "https://a.example/1", B = "https://b.example/2", C = "https://c.example/3";
/** A list that names B before A. */
const OWN = `1. [Bee](${B})\n2. [Ay](${A})`;

const OWN_LISTS: readonly (readonly [name: string, text: string])[] = [
  ["an English heading", `Bees fly [1], ay [2].\n\n## References\n\n${OWN}`],
  ["a numbered heading", `Bees fly [1].\n\n## 7. References\n\n${OWN}`],
  ["a line of its own", `Bees fly [1].\n\nReferences:\n\n${OWN}`],
  ["German", `Bienen fliegen [1].\n\n## Weiterführende Nachweise\n\n${OWN}`],
  ["French", `Les abeilles volent [1].\n\n**Pour aller plus loin**\n\n${OWN}`],
  ["Chinese", `蜜蜂会飞[1]。\n\n## 资料一览\n\n1、[蜂](${B})\n2、[甲](${A})`],
  ["Japanese brackets", `蜂は飛ぶ[1]。\n\n## 資料\n\n【1】蜂 ${B}。\n【2】甲 ${A}。`],
  ["Arabic", `النحل يطير [1].\n\n## للمزيد\n\n${OWN}`],
  ["Russian", `Пчёлы летают [1].\n\nЧто читать дальше\n\n${OWN}`],
  ["no heading at all", `Bees fly [1].\n\n${OWN}`],
  ["a rule before it", `Bees fly [1].\n\n---\n${OWN}`],
  ["brackets", `Bees fly [1].\n\n## Notes\n\n[1] Bee. ${B}.\n[2] Ay. ${A}.`],
  ["bullets with brackets", `Bees fly [1].\n\n- [1] Bee: ${B}\n- [2] Ay: ${A}`],
  ["bold brackets", `Bees fly [1].\n\n**[1]** Bee ${B}\n\n**[2]** Ay ${A}`],
  ["definitions", `Bees fly [1].\n\n[1]: ${B} "Bee"\n[2]: ${A}`],
  ["rows of a table", `Bees fly [1].\n\n| # | page |\n|---|---|\n| 1 | ${B} |\n| 2 | ${A} |`],
  [
    "bold rows of a table",
    `Bees [1].\n\n| # | page |\n|---|---|\n| **1** | ${B} |\n| **[2]** | ${A} |`,
  ],
  ["addresses on lines of their own", `Bees fly [1].\n\n1. Bee\n   ${B}\n2. Ay\n   ${A}`],
  ["addresses below a blank line", `Bees fly [1].\n\n1. Bee\n\n   ${B}\n\n2. Ay\n\n   ${A}`],
  ["a one before each", `Bees fly [1].\n\n## Sources\n\n1. ${B}\n1. ${A}`],
  ["groups that go on counting", `Bees [1].\n\n## Web\n\n1. ${B}\n\n## Books\n\n2. ${A}`],
  ["a last word after it", `Bees fly [1].\n\n## Quellen\n\n${OWN}\n\nStand: November 2026`],
  ["an appendix after it", `Bees fly [1].\n\n## Nachweise\n\n${OWN}\n\n## Anhang\n\nMehr.`],
  ["another list before it", `1. [x](${C})\n2. y\n\nBees fly [1].\n\n## Notes\n\n${OWN}`],
  ["escaped points", `Bees fly [1].\n\n### Works Cited\n\n1\\. Bee ${B}\n\n2\\. Ay ${A}`],
  ["numbers in parentheses", `Bees fly [1].\n\n(1) Bee ${B}\n(2) Ay ${A}`],
  ["Chinese parentheses", `蜜蜂会飞[1]。\n\n（1）蜂 ${B}\n（2）甲 ${A}`],
  ["numbers that are links", `Bees fly [1].\n\n- [[1]](${B}) Bee\n- [[2]](${A}) Ay`],
  ["two pages and a book", `Bees fly [1].\n\n## Further\n\n${OWN}\n3. Larousse`],
  ["italic brackets", `Bees fly [1].\n\n*[1]* Bee ${B}\n*[2]* Ay ${A}`],
  ["brackets parted by tags", `Bees fly [1].\n\n[1] Bee ${B}<br>[2] Ay ${A}<br />`],
  ["linked rows", `Bees [1].\n\n| # | page |\n|---|---|\n| [1](${B}) | Bee |\n| [2](${A}) | Ay |`],
  ["uses with anchors", `Bees fly [1](#ref1).\n\n## Refs\n\n${OWN}`],
  ["CR", `Bees fly [1].\r\r${OWN.replace("\n", "\r")}`],
  ["CRLF", `Bees fly [1].\r\n\r\n## Refs\r\n\r\n${OWN.replace("\n", "\r\n")}`],
];

for (const [name, text] of OWN_LISTS) {
  Deno.test(`a text's own reference list is kept: ${name}`, () => {
    assertEquals(leads(text), [2, 1]);
  });
}

const DOUBTS: readonly (readonly [name: string, text: string])[] = [
  ["the list is used after it", `1. [x](${B})\n2. [y](${A})\n\nBees fly [1].`],
  ["several are used after it", `1. [x](${B})\n2. [y](${A})\n\nBees fly [1, 2].`],
  ["its entries refer to others", `Bees [1].\n\n1. See [2], ${B}\n2. ${A}`],
  ["it has no addresses", `Bees fly [1].\n\n## References\n\n1. elsewhere`],
  ["it has none and no name", `Abeilles [1], [2].\n\n1. Larousse\n2. Robert`],
  ["a nameless list without addresses follows", `Bees [1].\n\n${OWN}\n\nThen\n\n1. Larousse`],
  ["half of a nameless list are pages", `Bees [1].\n\n1. Visit ${C}\n2. Call them`],
  ["superscripts number it", `Bees [1].\n\n¹ ${B}\n² ${A}`],
  ["it is quoted, in brackets", `Bees [1], ay [2].\n\n> [1] Bee ${B}\n> [2] Ay ${A}`],
  ["it is indented", `Bees [1], ay [2].\n\n    [1] Bee ${B}\n    [2] Ay ${A}`],
  ["it is code", `Bees [1], ay [2].\n\n\`\`\`\n[1] Bee ${B}\n[2] Ay ${A}\n\`\`\``],
  ["it is quoted", `Bees [1].\n\n> 1. ${B}\n> 2. ${A}`],
  ["words number it", `Bees [1].\n\n- Source 1: ${B}\n- Source 2: ${A}`],
  ["notes number it", `蜂[1]。\n\n注1: ${B}\n注2: ${A}`],
  ["it lies in another list", `Bees [1].\n\n* Web\n    1. ${B}\n    2. ${A}`],
  ["it has no numbers", `Bees [1].\n\n## Lire aussi\n\n- ${B}\n- ${A}`],
  ["its numbers are Arabic", `النحل [1].\n\nروابط\n١. ${B}\n٢. ${A}`],
  ["it stands in one line", `Bees fly [1].\n\nSee [1] ${B}, [2] ${A}`],
  ["a number is past all citations", "Bees fly [1], and [9]."],
  ["each group begins at 1", `Bees [1].\n\n## Web\n\n1. ${B}\n2. ${A}\n\n## Books\n\n1. ${C}`],
  [
    "a table names it last",
    `Bees [1].\n\n| page | URL | no. |\n|---|---|---|\n| Bee | ${B} | [1] |`,
  ],
  ["words number books", "Bees [1], ay [2].\n\n- Source 1: Larousse\n- Source 2: Robert"],
  ["superscripts number books", "Bees [1], ay [2].\n\n¹ Larousse\n² Robert"],
  ["circled digits number books", "蜂[1]。\n\n① 事典\n② 辞典"],
  ["dashes follow its numbers", "Bees [1], ay [2].\n\n1 – Larousse\n2 – Robert"],
  ["its numbers are Thai", "ผึ้ง [1]\n\n๑. พจนานุกรม"],
  ["books stand in one line", "Bees [1], ay [2].\n\n[1] Larousse; [2] Robert"],
  ["its heading is HTML", "Bees [1].\n\n<h2>Sources</h2>\n<p>[1] Larousse</p>"],
  ["one number names two pages", `Bees [1].\n\n[1] ${B}\n[1] ${A}`],
];

for (const [name, text] of DOUBTS) {
  Deno.test(`an ambiguous number is not linked: ${name}`, () => {
    assertStrictEquals(leads(text)[0], null);
  });
}

Deno.test("without a reference list, [n] is the n-th citation if each is a page of its own", () => {
  for (
    const text of [
      "Bees fly [1], [2] since [2026].",
      "## Sources of revenue\n\nHoney [1] [2].",
      "Sources agree [1], [2].",
      "```\n## References\n1. https://c.example/\n```\nBees [1], [2].",
      "It grew 1.5 million [1], [2].",
      "Bees fly [1], ay [2].\n\n[1] is older.\n\n3 – nobody knows.",
    ]
  ) assertEquals(leads(text), [1, 2], text);
  const twice = [{ ...BASIS[0]!, citations: [{ url: A }, { url: A }, { url: B }] }];
  const { target } = referencesIn("x [1] [2] [3]", twice, indexBasis(twice));
  assertEquals([1, 2, 3].map((n) => target(n)), [{ source: 1 }, null, null]);
});

Deno.test("only the last lines of a text of very many lines are searched for its list", () => {
  const text = (lines: number) =>
    `x [1]\n\n## Sources\n\n[1] https://b.example/2${"\n".repeat(lines)}`;
  for (const [lines, isFound] of [[1_000, true], [100_000, false]] as const) {
    const { list, target } = referencesIn(text(lines), BASIS, GROUNDS);
    assertStrictEquals(list !== null, isFound);
    assertEquals(target(1), isFound ? { source: 2 } : null);
  }
});

Deno.test("a list entry links to its page, cited or not, and an entry without a page is not linked", () => {
  const text = `a [1] b [2] c [3]\n\n## Sources\n\n1. ${C}\n2. A book\n3. [Ay](${A}), ${C}`;
  assertEquals(leads(text, [1, 2, 3, 4]), [C, null, 1, null]);
});

Deno.test("footnotes in the text link to their pages, but plain numbers do not", () => {
  const text = `Bees[^1], ay[^2].\n\n[^1]: Bee, ${B}.\n[^2]: ${A}`;
  const { target } = referencesIn(text, BASIS, GROUNDS);
  assertEquals([target(1, true), target(2, true), target(1)], [{ source: 2 }, { source: 1 }, null]);
  const reference = referenceHref(referencesIn(text, BASIS, GROUNDS));
  assertMatch(
    markdownHtml(text, { reference }),
    /<a href="#source-2" class="chip"><i>\[\^<\/i>1<i>\]<\/i><\/a>/,
  );
});

const ADDRESSES: readonly (readonly [text: string, bare: string])[] = [
  ["Bee. https://b.example/2.", B],
  ["Bee (https://b.example/2).", B],
  ["Bee <https://b.example/2>,", B],
  ["**https://b.example/2**.", B],
  ["蜂（https://b.example/2）。", B],
  ["蜂、https://b.example/2。次", B],
  ["[Foo](https://en.wikipedia.org/wiki/Foo_(bar))", "https://en.wikipedia.org/wiki/Foo_(bar)"],
  ["(https://en.wikipedia.org/wiki/Foo_(bar)).", "https://en.wikipedia.org/wiki/Foo_(bar)"],
  ["https://en.wikipedia.org/wiki/Foo\\_\\(bar\\)", "https://en.wikipedia.org/wiki/Foo_(bar)"],
  ["[x](https://a.example/?a=1&amp;b=2 'T')", "https://a.example/?a=1&b=2"],
  ["https://a.example/?q=[1]", "https://a.example/?q=[1]"],
  ["see [https://a.example/1]:", A],
];

for (const [text, bare] of ADDRESSES) {
  Deno.test(`the URL in ${text} is found exactly`, () => {
    assertEquals(addressesIn(text).map((address) => address.bare), [bare]);
  });
}

Deno.test("a URL that ends in a full stop is found with and without it", () => {
  const text =
    `x [1] [2] [3]\n\n1. Bee. ${B}.\n2. [Foo](https://en.wikipedia.org/wiki/Foo_(bar))\n` +
    "3. https://firm.example/wiki/Inc.";
  assertEquals(leads(text, [1, 2, 3]), [2, 3, 4]);
});

const html = (text: string) =>
  markdownHtml(text, { reference: referenceHref(referencesIn(text, BASIS, GROUNDS)) });

Deno.test("bracketed numbers inside a link's text stay part of the link", () => {
  assertMatch(
    html("A [[1]](https://a.example/x) b, [[1] Title](https://a.example/x) [2]"),
    /A <a href="https:\/\/a\.example\/x" rel="[^"]+">\[1\]<\/a> b, <a href="https:\/\/a\.example\/x" rel="[^"]+">\[1\] Title<\/a> <a href="#source-2"/,
  );
  assertMatch(html("**[1]** \\[2\\] _[1]_"), /source-1[\s\S]*source-2[\s\S]*source-1/);
  assertMatch(
    html(`x [1] [2]\n\n[1]: ${B}\n[2]: ${A}`),
    /#source-2" class="chip"><i>\[<\/i>1[\s\S]*#source-1" class="chip"><i>\[<\/i>2/,
  );
});

Deno.test("a number that one of two groups has links to its page", () => {
  const groups = `Bees [1], ay [2].\n\n## Web\n\n1. ${C}\n2. ${B}\n\n## Books\n\n1. ${A}`;
  assertEquals(leads(groups), [null, 2]);
});

Deno.test("several numbers in one pair of brackets link to one page each, or nowhere", () => {
  const text = `Bees [1, 2], ay [1-2], [2;1], [1,2](x), 95% CI [1, 95].\n\n${OWN}`;
  const made = html(text).replaceAll(' class="chip"', "").replace(/<\/?i>/g, "");
  const [one, two] = ['<a href="#source-2">1</a>', '<a href="#source-1">2</a>'];
  assert(
    made.includes(
      `Bees [${one}, ${two}], ay [${one}-${two}], [${two};${one}], [1,2](x), 95% CI [1, 95].`,
    ),
    made,
  );
  const report = reportMarkdown(
    runPage([state(1, "completed")], {
      output: { type: "text", content: text, basis: BASIS },
      ended: true,
    }),
  );
  assert(report.includes("Bees [^2], [^1], ay [^2]-[^1], [^1];[^2], [1,2](x), 95% CI [1, 95]."));
});

Deno.test("numbers in Chinese and Japanese brackets are linked like others", () => {
  const text = `蜂【1】、［2］、【1、2】。\n\n参考\n【1】蜂 ${B}\n【2】甲 ${A}`;
  assertEquals(leads(text), [2, 1]);
  const made = html(text).replaceAll(' class="chip"', "").replace(/<\/?i>/g, "");
  const [one, two] = ['<a href="#source-2">', '<a href="#source-1">'];
  assert(
    made.includes(`蜂${one}【1】</a>、${two}［2］</a>、【${one}1</a>、${two}2</a>】。`),
    made,
  );
  assertStrictEquals(leads("蜂【9】、[1]。")[0], null, "a number is past all citations");
});

Deno.test("text linked by a numbered definition stays linked", () => {
  const made = html(`See [Windows 10][1] and [2].\n\n[1]: ${B}\n[2]: ${A}`);
  assertMatch(made, /<a href="https:\/\/b\.example\/2" rel="[^"]+">Windows 10<\/a>/);
  assertMatch(made, /<a href="#source-1" class="chip"><i>\[<\/i>2<i>\]<\/i><\/a>/);
});

Deno.test("the report links where the page links, and keeps the text's own list", () => {
  const report = (content: string) =>
    reportMarkdown(
      runPage([state(1, "completed")], {
        output: { type: "text", content, basis: BASIS },
        ended: true,
      }),
    );
  for (const [name, text] of OWN_LISTS.filter(([, text]) => !text.includes("\r"))) {
    const list = text.slice(
      text.search(/(?:\n|^)(?:[-*]+ )?(?:\*\*)?(?:\[1\]|1[.、]|【1】|\| 1)[^\n]*b\.ex|1\. Bee/),
    );
    const made = report(text);
    assertMatch(
      made,
      /(?:Bees|Bees fly|Bienen fliegen|volent|蜜蜂会飞|蜂は飛ぶ|يطير|летают) ?\[\^2\]/,
      name,
    );
    if (!name.startsWith("groups")) assert(made.includes(list.trim()), name);
  }
  for (const [name, text] of DOUBTS) {
    assertNotMatch(report(text).split("## Basis")[0] ?? "", /\[\^\d/, name);
  }
  const linked = "A [[1]](https://a.example/x) b, [[1] Title](https://a.example/x)";
  assert(report(linked).includes(linked));
  const worded = `See [Windows 10][1], ay [2].\n\n[1]: ${B}\n[2]: ${A}`;
  assert(report(worded).includes(worded.replace("ay [2]", "ay [^1]")));
});

Deno.test("any text is read to its end in linear time", () => {
  const part = fc.constantFrom(
    "[1]",
    "1. ",
    "\n",
    "https://a.example/(",
    "[",
    "](",
    "`",
    "```\n",
    "| 1 |",
    "x ",
  );
  fc.assert(fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
    const text = parts.join("");
    const { target, list } = referencesIn(text, BASIS, GROUNDS);
    target(1);
    if (list !== null) assert(list[0] < list[1] && list[1] <= text.length);
    html(text);
  }));
  for (
    const each of ["1. a\n", "[1]", "[1] https://a.example/\n", "1.", "| 1 |", "\n \n", "(https://"]
  ) {
    assert(referencesIn(each.repeat(200_000 / each.length), BASIS, GROUNDS));
  }
});

Deno.test("a text of only references and lines takes linear time", () => {
  const text = "# H\n\ntext [1] *b*\n\n".repeat(50_000);
  const ms = timeOf(() => void referencesIn(text, [], indexBasis([])));
  // It took ten seconds and more while every line looked at every reference.
  assert(ms < 4_000, `${ms} ms`);
});

Deno.test("long runs of one character are read once", () => {
  for (
    const text of [
      `# Sources${" ".repeat(20_000)}x`,
      `Sources and${"\t".repeat(20_000)}x`,
      `See [1]: https://a.example/${".".repeat(250_000)}x`,
      `See https://a.example/${"*".repeat(250_000)}x [1]`,
    ]
  ) {
    const ms = timeOf(() => void referencesIn(text, BASIS, GROUNDS));
    // Each took half a minute and more while every character began another look at the rest.
    assert(ms < 4_000, `${text.slice(0, 20)}: ${ms} ms`);
  }
});

Deno.test("the reference list at the end of a very long text is found; without one numbers stay plain", () => {
  const filler = "Words and more words.\n\n".repeat(20_000);
  const list = "[1] https://own.example/a";
  const text = `${filler}As [1] says.\n\n## Sources\n\n${list}\n`;
  const found = referencesIn(text, [], indexBasis([]));
  assertEquals(found.target(1), { url: "https://own.example/a" });
  assertStrictEquals(text.slice(...found.list ?? []), list);
  const basis = [{
    field: "output",
    reasoning: "",
    confidence: "high",
    citations: [{ url: "https://cited.example/", title: null, excerpts: [] }],
  }];
  assertStrictEquals(referencesIn(`[1] [7] ${filler}`, basis, indexBasis(basis)).target(1), null);
});
