import assert from "node:assert/strict";
import { markdownHtml } from "../../components/result/markdown.ts";

Deno.test("markdown becomes headings, lists, tables and code", () => {
  const html = markdownHtml("# One\n\n- a\n- b\n\n| x | y |\n|---|--:|\n| 1 | 2 |\n\n`code`");
  assert.match(html, /<h3>One<\/h3>/);
  assert.match(html, /<li>a<\/li>/);
  assert.match(html, /<td class="number">2<\/td>/);
  assert.doesNotMatch(html, /style=/);
  assert.match(html, /<code>code<\/code>/);
});

Deno.test("headings go below the page's own and skip no level", () => {
  const levels = (text: string) =>
    [...markdownHtml(text).matchAll(/<(h\d)>/g)].map((match) => match[1]);
  assert.deepEqual(levels("# A\n\n## B\n\n# C"), ["h3", "h4", "h3"]);
  assert.deepEqual(levels("#### Deep first\n\n###### Deeper\n\n## Up"), ["h3", "h4", "h3"]);
  assert.deepEqual(levels("## A\n\n## B\n\n#### C\n\n## D"), ["h3", "h3", "h4", "h3"]);
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
    assert.doesNotMatch(html, /<(?:img|script|iframe|svg|div (?!class="wide"))/i);
    assert.doesNotMatch(html, /(?:href|src)="(?!https?:)/i);
    assert.doesNotMatch(html, /style=/, "no inline style either");
  });
}

Deno.test("links go out without our address and without our blessing", () => {
  assert.match(
    markdownHtml("[x](https://a.example/)"),
    /<a href="https:\/\/a\.example\/" rel="noopener noreferrer nofollow">x<\/a>/,
  );
});

Deno.test("[n] links to its source where there is one, and only outside code and links", () => {
  const reference = (n: number) => n === 2 ? "#source-2" : null;
  const html = markdownHtml("a [2] b [3] `[2]` [2](https://a.example/)", { reference });
  assert.equal(html.match(/href="#source-2"/g)?.length, 1);
  assert.match(html, /b \[3\]/);
  assert.match(html, /<code>\[2\]<\/code>/);
  assert.match(
    markdownHtml("x [1][2] y", { reference: (n) => `#source-${n}` }),
    /source-1.*source-2/s,
  );
});
