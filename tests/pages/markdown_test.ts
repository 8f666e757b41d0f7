import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { markdownHtml } from "../../components/result/Markdown.tsx";

Deno.test("markdown becomes headings, lists, tables and code", () => {
  const html = markdownHtml("# One\n\n- a\n- b\n\n| x | y |\n|---|--:|\n| 1 | 2 |\n\n`code`");
  assertMatch(html, /<h3>One<\/h3>/);
  assertMatch(html, /<li>a<\/li>/);
  assertMatch(html, /<td class="number">2<\/td>/);
  assertNotMatch(html, /style=/);
  assertMatch(html, /<code>code<\/code>/);
});

Deno.test("headings start below the page's own and skip no level", () => {
  const levels = (text: string) =>
    [...markdownHtml(text).matchAll(/<(h\d)>/g)].map((match) => match[1]);
  assertEquals(levels("# A\n\n## B\n\n# C"), ["h3", "h4", "h3"]);
  assertEquals(levels("#### Deep first\n\n###### Deeper\n\n## Up"), ["h3", "h4", "h3"]);
  assertEquals(levels("## A\n\n## B\n\n#### C\n\n## D"), ["h3", "h3", "h4", "h3"]);
});

const HARMLESS: readonly [name: string, text: string][] = [
  ["inline HTML", "<img src=x onerror=alert(1)> <script>alert(1)</script>"],
  ["block HTML", "<div onclick=alert(1)>\n\n<iframe src=//evil.example></iframe>"],
  ["a javascript link", "[x](javascript:alert(1))"],
  ["a javascript link in disguise", "[x](JaVaScRiPt&colon;alert(1)) [y](\\x01javascript:alert(1))"],
  ["a data link", "[x](data:text/html;base64,PHNjcmlwdD4=)"],
  ["a vbscript reference", "[x][1]\n\n[1]: vbscript:x"],
  ["an autolink", "<javascript:alert(1)>"],
  ["an image", "![x](https://tracker.example/pixel.png)"],
  ["a table cell", "| a |\n|---|\n| <svg onload=alert(1)> |"],
];

for (const [name, text] of HARMLESS) {
  Deno.test(`${name} in markdown stays text`, () => {
    const html = markdownHtml(text);
    assertNotMatch(html, /<(?:img|script|iframe|svg|div (?!class='wide))/i);
    assertNotMatch(html, /(?:href|src)="(?!https?:)/i);
    assertNotMatch(html, /style=/, "no inline style either");
  });
}

Deno.test("links carry noopener, noreferrer and nofollow", () => {
  assertMatch(
    markdownHtml("[x](https://a.example/)"),
    /<a href="https:\/\/a\.example\/" rel="noopener noreferrer nofollow">x<\/a>/,
  );
});

Deno.test("[n] links to its source if there is one, but not in code or links", () => {
  const reference = (n: number) => n === 2 ? "#source-2" : null;
  const html = markdownHtml("a [2] b [3] `[2]` [2](https://a.example/)", { reference });
  assertStrictEquals(html.match(/href="#source-2"/g)?.length, 1);
  assertMatch(html, /b \[3\]/);
  assertMatch(html, /<code>\[2\]<\/code>/);
  assertMatch(
    markdownHtml("x [1][2] y", { reference: (n) => `#source-${n}` }),
    /source-1.*source-2/s,
  );
});

Deno.test("[n] with an anchor or without a target is a reference, and no link leads to the page itself", () => {
  const reference = (n: number) => n < 4 ? `#source-${n}` : null;
  const html = markdownHtml("a [1](#ref-1) [2, 3](#r) [1]() [9](#r) [1](/x)", { reference });
  assertEquals([...html.matchAll(/href="#source-(\d)"/g)].map(([, n]) => n), ["1", "2", "3", "1"]);
  assertMatch(html, / \[9\]\(#r\) \[1\]\(\/x\)/);
  assertStrictEquals(
    markdownHtml("[x]() [**y**]() ![z]() [w](https://a.example/)").replace(/ rel="[^"]+"/, ""),
    '<p>[x] [<strong>y</strong>] z <a href="https://a.example/">w</a></p>\n',
  );
});

const CJK: readonly (readonly [text: string, html: string])[] = [
  ["**注意：**正文", "<strong>注意：</strong>正文"],
  ["含**「重点」**内容", "含<strong>「重点」</strong>内容"],
  ["~~删除。~~这个", "<s>删除。</s>这个"],
  ["これは**テスト。**です", "これは<strong>テスト。</strong>です"],
  ["**중요(重要)**하다", "<strong>중요(重要)</strong>하다"],
  ["*（注）*本文", "<em>（注）</em>本文"],
  ["**[链接](https://a.example/)**。后", "</a></strong>。后"],
  ["**หมายเหตุ:**ข้อความ", "<strong>หมายเหตุ:</strong>ข้อความ"],
  ["ข้อความ**“สำคัญ”**มาก", "ข้อความ<strong>“สำคัญ”</strong>มาก"],
  ["**ຂໍ້ຄວນ:**ລາວ", "<strong>ຂໍ້ຄວນ:</strong>ລາວ"],
  ["**អក្សរ៖**ខ្មែរ", "<strong>អក្សរ៖</strong>ខ្មែរ"],
  ["و**«المهم»**", "و<strong>«المهم»</strong>"],
  ['ב**"הארץ"** נכתב', "ב<strong>&quot;הארץ&quot;</strong> נכתב"],
  ['**"বই"**এর', "<strong>&quot;বই&quot;</strong>এর"],
  ["คำ ** ไม่ ** คำ", "คำ ** ไม่ ** คำ"],
  ["f(x)*g(y)*h, ملف_(١)_x", "f(x)*g(y)*h, ملف_(١)_x"],
];

for (const [text, expected] of CJK) {
  Deno.test(`emphasis works beside letters of any script: ${text}`, () => {
    const html = markdownHtml(text);
    assert(html.includes(expected), html);
  });
}

Deno.test("a table with many or long columns is marked as broad, so that it takes the margin too", () => {
  const look = (columns: string[]) => {
    const row = `| ${columns.join(" | ")} |\n`;
    const rule = `|${columns.map(() => "---|").join("")}\n`;
    return /^<div class='([^']*)'/.exec(markdownHtml(row + rule + row))?.[1];
  };
  assertEquals([
    look(["a", "b"]),
    look(["a", "b ".repeat(100)]),
    look(["a ".repeat(20), "b ".repeat(20)]),
    look([..."abcdef"]),
  ], ["wide", "wide", "wide broad", "wide broad"]);
});

Deno.test("a line break works wherever it is written, and all other HTML stays text", () => {
  const html = markdownHtml(
    "| a<BR>b | c |\n|---|---|\n| l1<br>l2<br/>l3<br />[x](https://a.example/) | `<br>` \\<br> <q>z</q><br onclick=1> |\n\nout<br>side\n\n- one<br\t/>two",
  );
  assertMatch(html, /<th>a<br>\s*b<\/th>/);
  assertMatch(html, /<td>l1<br>\s*l2<br>\s*l3<br>\s*<a /);
  assertMatch(html, /<code>&lt;br&gt;<\/code> &lt;br&gt;/);
  assertMatch(html, /&lt;q&gt;z&lt;\/q&gt;&lt;br onclick=1&gt;/);
  assertMatch(html, /out<br>\s*side/);
  assertMatch(html, /<li>one<br>\s*two<\/li>/);
});

const TAGS: readonly (readonly [text: string, html: string])[] = [
  ["H<sub>2</sub>O, x<sup>2</sup>", "H<sub>2</sub>O, x<sup>2</sup>"],
  ["**CO<SUB>2</SUB>**", "<strong>CO<sub>2</sub></strong>"],
  ["said<sup>[1](https://a.example/)</sup>", "<sup><a href="],
  ["<b>b</b> <I>i</I> <mark>m</mark>", "<strong>b</strong> <em>i</em> <mark>m</mark>"],
  ["<b>x</i>", "&lt;b&gt;x&lt;/i&gt;"],
  ["<b onclick=1>x</b>", "&lt;b onclick=1&gt;x&lt;/b&gt;"],
  ["`<sup>`", "<code>&lt;sup&gt;</code>"],
  ["open <sup>only", "open &lt;sup&gt;only"],
  ["close</sub> only", "close&lt;/sub&gt; only"],
  ["a **b<sup>c** d</sup>", "<strong>b&lt;sup&gt;c</strong> d&lt;/sup&gt;"],
  ["<sup onclick=1>x</sup>", "&lt;sup onclick=1&gt;x&lt;/sup&gt;"],
];

for (const [text, expected] of TAGS) {
  Deno.test(`a bare tag works where it is closed: ${text}`, () => {
    const html = markdownHtml(text);
    assert(html.includes(expected), html);
  });
}

Deno.test("an image becomes a link to it, or the text of the link around it", () => {
  const image = "![A chart](https://a.example/x.png)";
  assertMatch(markdownHtml(image), /<a href="https:\/\/a.example\/x.png" rel="[^"]+">A chart<\/a>/);
  assertMatch(
    markdownHtml(`[${image}](https://b.example/)`),
    /<a href="https:\/\/b.example\/" rel="[^"]+">A chart<\/a>/,
  );
  assertMatch(markdownHtml("![](https://a.example/x.png)"), />a\.example<\/a>/);
  assertNotMatch(markdownHtml("![x](data:image/png;base64,AA)"), /<(?:a|img)/);
});

Deno.test("tables whose short rows would get thousands of cells stay text, and each other one is a table", () => {
  const wide = (columns: number, rows: number, before = "") =>
    before + `|a`.repeat(columns) + `|\n${before}` + "|-".repeat(columns) + "|\n" +
    `${before}|b\n`.repeat(rows);
  const cells = (text: string) => markdownHtml(text).split("<td").length - 1;
  for (const before of ["", "> ", "  "]) {
    assertStrictEquals(cells(wide(10, 1000, before)), 10_000, before);
    assertStrictEquals(cells(wide(500, 1000, before)), 0, before);
    assertMatch(markdownHtml(wide(500, 1000, before)), /\|b/);
  }
  // The sum counts, and text between them does not.
  const text = "A line.\n".repeat(500);
  assertStrictEquals(cells(`${wide(100, 100)}\n${text}\n`.repeat(2)), 20_000);
  assertStrictEquals(cells(`${wide(100, 100)}\n`.repeat(3)), 0);
  // The next text is not affected.
  assertStrictEquals(cells(wide(2, 1)), 2);
});

Deno.test("addresses that contain thousands of others are no links, and each other one is", () => {
  const links = (text: string) => markdownHtml(text).split("<a ").length - 1;
  assertStrictEquals(links("_https://a.example/".repeat(2_500)), 0);
  assertStrictEquals(links("`https://a.example/".repeat(2_500)), 0);
  assertStrictEquals(links("https://a.example/b ".repeat(2_500)), 2_500);
  assertStrictEquals(links(`${"\u4e2d".repeat(40_000)} https://a.example/b`), 1);
});
