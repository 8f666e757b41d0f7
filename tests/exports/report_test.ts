import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import MarkdownIt from "markdown-it";
import { mapMarks } from "../../lib/exports/markdown_marks.ts";
import { plainPieces } from "../../lib/exports/markdown_text.ts";
import { reportMarkdown as reportPieces } from "../../lib/exports/report.ts";
import type { FieldBasis, TaskRunOutput } from "../../lib/parallel/types.ts";
import { cite, HOSTILE, runPage, state } from "../pages/fixtures.ts";
import { reportMarkdown } from "./whole.ts";

const report = (output: TaskRunOutput | null, { simulated = false, status = "completed" } = {}) =>
  reportMarkdown(runPage([state(1, status)], { output, ended: true, simulated }));

/** Every footnote that is used is defined, once, and every definition is used. */
function checkFootnotes(text: string): number {
  const defined = [...text.matchAll(/^\[\^(\d+)\]: /gm)].map(([, n]) => n);
  const used = new Set([...text.matchAll(/\[\^(\d+)\](?!: )/g)].map(([, n]) => n));
  assertStrictEquals(new Set(defined).size, defined.length);
  assertEquals([...used].sort(), [...defined].sort());
  return defined.length;
}

Deno.test("a text's references become footnotes with title, address and a quote", () => {
  const basis = [{
    field: "output",
    reasoning: "All agree.",
    confidence: "high",
    citations: [cite(1), cite(2)],
  }];
  const text = report({
    type: "text",
    content: "Long [2], wide [1], code `[1]`, [1](https://x.example/).",
    basis,
  });
  assertMatch(text, /Long \[\^2\], wide \[\^1\], code `\[1\]`, \[1\]\(https:\/\/x\.example\/\)\./);
  assertMatch(text, /^\[\^2\]: \[Page 2\]\(https:\/\/site2\.example\/\)\. “Excerpt 2”$/m);
  assertMatch(text, /- \*\*output\*\*, confidence high\. All agree\.\[\^1\]\[\^2\]/);
  assertStrictEquals(checkFootnotes(text), 2);
});

Deno.test("a text, input or result too large to process is fenced unchanged", () => {
  const marks = "`a` [1] \n".repeat(50_000);
  const fence = (text: string, language: string) => `\`\`\`${language}\n${text}\n\`\`\``;
  const text = report({ type: "text", content: marks, basis: [] });
  assert(text.includes(fence(marks, "markdown")));
  const content = { items: Array.from({ length: 30_000 }, (_, n) => n) };
  const data = report({ type: "json", content, basis: [] });
  assert(data.includes(fence(JSON.stringify(content, null, 2), "json")));
  const page = runPage([state(1, "completed")], { output: null, ended: true });
  const run = { ...page.run, input: { ...page.run.input, input: marks } };
  assert(reportMarkdown({ ...page, run }).includes(fence(marks, "")));
});

Deno.test("text that may have HTML is parsed one block at a time, and a long block stays text", () => {
  const tag = "`<a>`\n\n", block = "*中_".repeat(1_000) + "\n\n";
  const pauses = (text: string) =>
    [...reportPieces(runPage([state(1, "completed")], {
      output: { type: "text", content: text, basis: [] },
      ended: true,
    }))].filter((piece) => piece === "").length;
  assertStrictEquals(pauses(tag + block.repeat(50)) - pauses(tag + block), 49);
  for (const unit of ["*中_", "[", "`a", "[a]["]) {
    const hostile = tag + unit.repeat(90_000 / unit.length);
    assertStrictEquals(pauses(hostile) - pauses("a"), 0, unit);
    const text = report({ type: "text", content: hostile, basis: [] });
    assert(text.includes(`\n\`\`\`markdown\n${hostile}\n\`\`\``), unit);
  }
});

Deno.test("a JSON result becomes headings, lists and tables with their footnotes", () => {
  const basis: FieldBasis[] = [
    { field: "rivers.1", reasoning: "", citations: [cite(1)] },
    { field: "rivers.0.km", reasoning: "", citations: [cite(2)] },
    { field: "longest", reasoning: "", citations: [cite(2)] },
  ];
  const content = {
    longest: "Nile",
    rivers: [{ name: "Nile", km: 6650 }, { name: "Amazon | x", km: null }],
    words: ["a", "b"],
    deep: { er: { text: "Two\n\nparagraphs" } },
    none: [],
  };
  const text = report({ type: "json", content, basis });
  assertMatch(text, /\*\*longest\*\*: Nile\[\^2\]/);
  assertMatch(
    text,
    /### rivers\n\n\| name \| km \|\n\| --- \| --- \|\n\| Nile \| 6650\[\^2\] \|\n\| Amazon \\\| x\[\^1\] \| – \|/,
  );
  assertMatch(text, /### words\n\n- a\n- b/);
  assertMatch(text, /### deep\n\n#### er\n\n##### text\n\nTwo\n\nparagraphs/);
  assertMatch(text, /### none\n\n\(none\)/);
  assertStrictEquals(checkFootnotes(text), 2);
  assertMatch(new MarkdownIt().render(text), /<td>Amazon \| x\[\^1\]<\/td>/);
});

Deno.test("items with commas stay apart in a cell", () => {
  const rows = [["x, y", "z"], ["x", "y, z"], ["x", "y"]].map((words, n) => ({ n, words }));
  const text = report({ type: "json", content: { rows }, basis: [] });
  assertMatch(text, /\| 0 \| x, y; z \|\n\| 1 \| x; y, z \|\n\| 2 \| x, y \|/);
});

Deno.test("a field without a name is written as JSON writes it", () => {
  const text = report({ type: "json", content: { "": 5, a: { "": { b: 1 } } }, basis: [] });
  assertMatch(text, /^\*\*""\*\*: 5$/m);
  assertMatch(text, /^#### ""$/m);
});

Deno.test("a simulated report starts by saying so", () => {
  const text = report({ type: "text", content: "x", basis: [] }, { simulated: true });
  assertMatch(text, /^# [^\n]+\n\n> \*\*Simulated by the Taskstream sandbox/);
  assertNotMatch(report({ type: "text", content: "x", basis: [] }), /imulated/);
});

Deno.test("a run without a result says how and why it ended", () => {
  const page = runPage([state(1, "failed", { error: { message: "Out of sources" } })], {
    ended: true,
  });
  const text = reportMarkdown(page);
  assertMatch(text, /## No result\n\nThe run ended with the status “failed”/);
  assertMatch(text, /- Error: Out of sources/);
});

Deno.test("untrusted text does not become markup", () => {
  const basis = [{
    field: HOSTILE,
    reasoning: `${HOSTILE} [x](javascript:alert(1))`,
    citations: [{
      url: "javascript:alert(1)",
      title: "](https://evil.example/) [",
      excerpts: [HOSTILE],
    }],
  }];
  const html = new MarkdownIt({ html: true }).render(
    report({ type: "json", content: { [HOSTILE]: HOSTILE }, basis }),
  );
  assertNotMatch(html, /<(?:img|script)|href=/);
});

Deno.test("HTML in a text stays text, and its code and URLs stay unchanged", () => {
  const content =
    `${HOSTILE}\n\n<!-- x --> 1 < 2 <https://a.example/> \`<b>\`\n\n\`\`\`\n<script>\n\`\`\``;
  for (
    const text of [
      report({ type: "text", content, basis: [] }),
      report({ type: "json", content: { long: content }, basis: [] }),
    ]
  ) {
    const html = new MarkdownIt({ html: true }).render(text);
    assertNotMatch(html, /<(?:img|script|!--)/);
    assertMatch(html, /1 &lt; 2 <a href="https:\/\/a\.example\/">/);
    assertMatch(html, /<code>&lt;b&gt;<\/code>[\s\S]*<code>&lt;script&gt;\n<\/code>/);
  }
});

Deno.test("images become links, so that opening the report makes no request", () => {
  const content = "![a](https://a.example/1.png) \\\\![b](https://a.example/2.png) `![c](d)`";
  const html = new MarkdownIt().render(report({ type: "text", content, basis: [] }));
  assertNotMatch(html, /<img/);
  assertStrictEquals(html.match(/!<a href="https:\/\/a\.example\/\d\.png">/g)?.length, 2);
  assertMatch(html, /<code>!\[c\]\(d\)<\/code>/);
});

/** As a viewer with footnotes, tables and raw HTML shows it. */
const shown = (text: string) => new MarkdownIt({ html: true }).render(text);

const LITERAL = [
  "Bees\n===",
  "Bees\n---",
  "Bees\n- - -",
  "a\n:--",
  "&copy; &#169; &amp; AT&T",
  "1. one\n2) two\n- three\n+ four",
  "# no heading\n> no quote",
  "    indented\n\ttab",
  "[^1]: no note\n[x]: https://a.example/",
  "\\<b> ~~x~~ | y | `z`",
  "***\n___\n~~~",
  "2026. A year",
];

for (const text of LITERAL) {
  Deno.test(`${JSON.stringify(text)} appears in a report as it was asked`, () => {
    const page = runPage([state(1, "completed")], { ended: true });
    const html = shown(reportMarkdown({
      ...page,
      title: "t",
      run: { ...page.run, input: { ...page.run.input, input: text } },
    }));
    const quote = /<blockquote>([\s\S]*?)<\/blockquote>/.exec(html)?.[1] ?? "";
    assertNotMatch(quote, /<(?!\/?p>|br>)/);
    const words = quote.replace(/<[^>]*>\n?/g, "\n").replaceAll("&nbsp;", " ").replaceAll(
      "\u00a0",
      " ",
    )
      .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").replaceAll(
        "&quot;",
        '"',
      );
    assertStrictEquals(words.trim().replace(/\n+/g, "\n"), text.trim().replaceAll("\t", "    "));
    const result = { a: { b: text.split("\n")[0] } };
    const own = shown(report({ type: "json", content: result, basis: [] }));
    assertNotMatch(
      own.split("Result</h2>")[1] ?? "",
      /<(?:em|strong>[^ab]|code|h1|h2>(?!Basis|Sources)|table|ol)|©/,
    );
  });
}

Deno.test("a text's own footnotes are kept separate from ours", () => {
  const basis: FieldBasis[] = [{ field: "output", reasoning: "", citations: [cite(1)] }];
  const content = "Bees[^1] fly [1], ay[^source-1].\n\n[^1]: https://own.example/\n[^source-1]: b";
  const text = report({ type: "text", content, basis });
  assert(text.includes(content.split("\n")[0]!.replace("[1]", "[1]")));
  assertStrictEquals(text.match(/^\[\^1\]:/gm)?.length, 1);
  assertStrictEquals(text.match(/^\[\^source-1\]:/gm)?.length, 1);
  assertMatch(text, /^\[\^source--1\]: \[Page 1\]/m);
  const long = `x[^1]\n\n[^1]: y ${"z".repeat(160)}`;
  const fields = report({
    type: "json",
    content: { a: long, b: long },
    basis: [{ field: "a", reasoning: "", citations: [cite(1)] }],
  });
  const labels = [...fields.matchAll(/^\[\^([^\]]+)\]:/gm)].map(([, label]) => label);
  assertStrictEquals(new Set(labels).size, 3, "one of ours, one of each field");
  assertStrictEquals(labels.length, 3);
});

Deno.test("a text's own footnotes are kept separate from ours in any case", () => {
  const basis: FieldBasis[] = [{ field: "output", reasoning: "", citations: [cite(1)] }];
  for (const own of ["[^Source-1]", "[^\u017fource-1]"]) {
    const content = `Bees[^1] fly [1], ay${own}.\n\n[^1]: a\n${own}: b`;
    const text = report({ type: "text", content, basis });
    assertMatch(text, /^\[\^source--1\]: \[Page 1\]/m, own);
  }
});

Deno.test("code in a list, in a quotation, after an indentation or with other line ends stays as it is", () => {
  const basis: FieldBasis[] = [{ field: "output", reasoning: "", citations: [cite(1)] }];
  const codes = [
    "1. Step\n\n    ```ts\n    f<T>(a[1])\n\n    ![1]\n    ```",
    "- a\n  - ~~~\n    a[1]\n\n    <b>\n    ~~~",
    "> - ```\n>   a[1]\n>\n>   <b>\n>   ```",
    "a\n\n    a[1]\n\n    b[1]",
    "\ta[1]",
    `\`\`\`\r${"x".repeat(700)}a[1]\r\`\`\``,
  ];
  for (const code of codes) {
    const content = `Bees [1].\n\n${code}\n\nAnd [1].`;
    const expected = content.replace("Bees [1]", "Bees [^1]").replace("And [1]", "And [^1]");
    assert(report({ type: "text", content, basis }).includes(expected), code);
  }
  // In a viewer with footnotes, this is no code.
  const note = "Bees[^9].\n\n[^9]: Note\n\n    <script>alert(1)</script>";
  assert(!report({ type: "text", content: note, basis }).includes("    <script"));
});

Deno.test("a field's link definitions lead only from its own text", () => {
  const filler = "z".repeat(160);
  const content = {
    a: `[1], [Docs][1], [d][], ![p [q] r][D], \\[d], [x](u)[1] \`[1]\` ${filler}\n\n[1]: https://a1.example/\n[D]: <https://ad.example/> "t"`,
    b: `[1], [d], [1][d][1] ${filler}\n\n[1]: https://b1.example/\n[d]: https://bd.example/`,
    c: `[1], [d] ${filler}`,
    d: `[q] [i] [n]\n\n[q]: words, not a URL, ${filler}\n\n> [q]: https://q.example/ "t"\n\n1. [i]:\n   <https://i.example/>\n\n- - [n]: https://n.example/`,
  };
  const html = shown(report({ type: "json", content, basis: [] }));
  const links = [...html.matchAll(/<a href="([^"]*)"[^>]*>([^<]*)<\/a>/g)].map(([, url, words]) =>
    `${words} ${url}`
  );
  assertEquals(links, [
    "1 https://a1.example/",
    "Docs https://a1.example/",
    "d https://ad.example/",
    "p [q] r https://ad.example/",
    "x u",
    "1 https://a1.example/",
    "1 https://b1.example/",
    "d https://bd.example/",
    "1 https://bd.example/",
    "1 https://b1.example/",
    "q https://q.example/",
    "i https://i.example/",
    "n https://n.example/",
    "q https://q.example/",
  ]);
});

Deno.test("unclosed markup ends with its text, and code cannot hide HTML", () => {
  for (const open of ["```js\nlet a", "~~~~\na\n~~~", "```", "    code\n```\nx"]) {
    const html = shown(report({ type: "text", content: open, basis: BASIS_OF_ONE }));
    assertMatch(html, /<h2>Basis<\/h2>/, open);
    assertMatch(html, /<h2>Sources<\/h2>/, open);
  }
  const hiding = [
    "\\<script>alert(1)</script>",
    "\\\\<script>alert(1)</script>",
    "```x``` \n<script>alert(1)</script>",
    "1. a\n   ```\n   b\n\n<script>alert(1)</script>",
    "a ` b\n\n<script>alert(1)</script>\n\nc ` d",
    "# a ` b\n<img src=x> ` c",
    "- a ` b\n- ![x](https://t.example/p.png) ` c",
    "| a ` b | <script> ` c |\n|---|---|",
    "> ```\n\n<script>\n```",
    "\\`<script>`",
  ];
  for (const content of hiding) {
    const outputs: TaskRunOutput[] = [
      { type: "text", content, basis: [] },
      { type: "json", content: { long: `${content}\n` }, basis: [] },
    ];
    for (const output of outputs) {
      assertNotMatch(shown(report(output)), /<(?:script|img)/, content);
    }
  }
});

const BARE_TAGS: readonly (readonly [markdown: string, html: RegExp])[] = [
  [
    "| a | b |\n|---|---|\n| l1<br>l2 | <b>z</b> |\n\nout<BR/>side<br>",
    /l1<br>l2<\/td>\n<td><b>z<\/b><\/td>[\s\S]*out<BR\/>side<br>/,
  ],
  ["H<sub>2</sub>O, `<div>`", /H<sub>2<\/sub>O, <code>&lt;div&gt;<\/code>/],
  ["<b>Bee</b>\n<script>alert(1)</script>", /<b>Bee<\/b>\n&lt;script/],
  ["<br>\n<script>alert(1)</script>", /&lt;br&gt;\n&lt;script/],
  ["- <br>\n  <script>alert(1)</script>", /&lt;br&gt;\n&lt;script/],
  ["1. <br> <br/>\n   <script>alert(1)</script>", /&lt;br&gt; &lt;br\/&gt;\n&lt;script/],
  ["a <b>x\n\ny</b> z</sup>", /a &lt;b&gt;x<\/p>\n<p>y&lt;\/b&gt; z&lt;\/sup&gt;/],
  ["<b onclick=1>x</b>", /&lt;b onclick=1&gt;x&lt;\/b&gt;/],
];

for (const [content, expected] of BARE_TAGS) {
  Deno.test(`bare tags that the page shows work in a report: ${JSON.stringify(content)}`, () => {
    const html = shown(report({ type: "text", content, basis: [] }));
    assertMatch(html, expected);
    assertNotMatch(html, /<script/);
  });
}

const BASIS_OF_ONE: FieldBasis[] = [{ field: "output", reasoning: "r", citations: [cite(1)] }];

Deno.test("URLs that look like entities keep their target", () => {
  const url = "https://a.example/?a=1&copy;=2";
  const basis = [{ field: "a", reasoning: "", citations: [{ url, title: "T" }] }];
  const html = shown(report({ type: "json", content: { a: url }, basis }));
  assertMatch(html, /<a href="https:\/\/a\.example\/\?a=1&amp;copy;=2">/);
  assertNotMatch(html, /%C2%A9|©/);
});

Deno.test("references are distinguished from code, links and definitions", () => {
  const to = (n: number) => `<${n}>`;
  assertStrictEquals(
    mapMarks("a [1] `[1]` ``x ` [1]`` [2]", { reference: to }),
    "a <1> `[1]` ``x ` [1]`` <2>",
  );
  assertStrictEquals(mapMarks("```\n[1]\n```\n[2]", { reference: to }), "```\n[1]\n```\n<2>");
  assertStrictEquals(mapMarks("```\n[1] never closed", { reference: to }), "```\n[1] never closed");
  assertStrictEquals(
    mapMarks("[1]: https://x.example/\n[x](y)[3]", { reference: to }),
    "[1]: https://x.example/\n[x](y)<3>",
  );
  fc.assert(fc.property(fc.string(), (text) => {
    assertStrictEquals(mapMarks(text, {}), text);
  }));
});

Deno.test("a text of only opening marks does not keep the server busy", () => {
  const runs = Array.from({ length: 2_000 }, (_, n) => "`".repeat(n + 1)).join("a");
  const hostile = [
    runs,
    "](".repeat(1e6),
    "`".repeat(2e6),
    "``` \n".repeat(3e5),
    "[1".repeat(1e6),
    "<a".repeat(1e6),
  ];
  for (const content of hostile) {
    const text = report({ type: "text", content, basis: [] });
    assert(text.length >= content.length, content.slice(0, 10));
  }
});

Deno.test("a long text is escaped in pieces as it is in one, wherever a piece ends", () => {
  for (const end of ["&copy; 1", "&#169; 1", "&amp;lt; 1", "a & b", "*b* 1", "1. x"]) {
    for (let before = 64 * 1024 - 6; before <= 64 * 1024; before++) {
      const written = [...plainPieces("x".repeat(before) + end)].join("").slice(before - 1);
      const shown = end.replaceAll("&", "&amp;");
      assertStrictEquals(new MarkdownIt().renderInline(written), `x${shown}`, `${before}`);
    }
  }
});
