import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildStylesheet, minifyCss, writtenCss } from "../../lib/styles/build.ts";
import { classesDefinedBy, classesIn } from "../../lib/styles/classes.ts";
import { DARK, LIGHT, type Palette } from "../../lib/styles/tokens.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const BUDGET_BYTES = 16 * 1024;

Deno.test("every class in the sources has a rule", async () => {
  const { unknown } = await buildStylesheet(ROOT);
  assertEquals(unknown, []);
});

Deno.test("every class written by hand is used", async () => {
  const written = await writtenCss();
  const used = new Set<string>();
  for (const dir of ["components", "islands", "routes"]) {
    for (const text of await sourcesIn(join(ROOT, dir))) {
      for (const name of classesIn(text)) used.add(name);
    }
  }
  const unused = [...classesDefinedBy(written)].filter((name) => !used.has(name));
  assertEquals(unused, []);
});

Deno.test("each selector is styled in only one file", async () => {
  const files = new Map<string, string>();
  const twice: string[] = [];
  const dir = join(ROOT, "lib", "styles");
  for await (const { name } of Deno.readDir(dir)) {
    if (!name.endsWith(".css")) continue;
    for (const selector of selectorsOf(await Deno.readTextFile(join(dir, name)))) {
      const other = files.get(selector);
      if (other !== undefined && other !== name) twice.push(`${selector}: ${other}, ${name}`);
      files.set(selector, name);
    }
  }
  assertEquals(twice, []);
  assertEquals([...selectorsOf("/* .a */ .b,\n.c > li { top: 0 } @media x { .d { top: 0 } }")], [
    ".b",
    ".c > li",
  ]);
});

/** The selectors of the rules outside any condition. */
function selectorsOf(css: string): Set<string> {
  const found = new Set<string>();
  let depth = 0, from = 0;
  const bare = css.replace(/\/\*[\s\S]*?\*\//g, "");
  for (const { index, 0: mark } of bare.matchAll(/[{};]/g)) {
    if (mark === "{" && depth++ === 0) {
      const head = bare.slice(from, index).trim();
      if (!head.startsWith("@")) {
        // The commas within parentheses separate nothing here.
        const parts = head.replace(
          /\((?:[^()]|\([^()]*\))*\)/g,
          (list) => list.replaceAll(",", "‚"),
        );
        for (const part of parts.split(",")) found.add(part.replace(/\s+/g, " ").trim());
      }
    }
    if (mark === "}") depth--;
    from = index + 1;
  }
  return found;
}

async function sourcesIn(dir: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const entry of Deno.readDir(dir)) {
    const path = join(dir, entry.name);
    if (entry.isDirectory) texts.push(...await sourcesIn(path));
    else texts.push(await Deno.readTextFile(path));
  }
  return texts;
}

Deno.test("no rule selects every element beside or below one with :has()", async () => {
  // After each change of a live page, Chromium would look at all of it again: 6 ms instead of 1.
  const { css } = await buildStylesheet(ROOT);
  const broad = [...css.matchAll(/:has\(/g)].map(({ index }) => {
    let at = index + ":has(".length;
    for (let depth = 1; depth > 0; at++) {
      if (css[at] === "(") depth++;
      if (css[at] === ")") depth--;
    }
    return css.slice(at).split(/[,{]/, 1)[0]!;
  }).filter((rest) => /[\s>~+)]\*/.test(rest));
  assertEquals(broad, []);
});

Deno.test("the stylesheet is small, and the same for the same sources", async () => {
  const { css } = await buildStylesheet(ROOT);
  assertStrictEquals((await buildStylesheet(ROOT)).css, css);
  const size = gzipSync(css, { level: 9 }).byteLength;
  assert(size <= BUDGET_BYTES, `${size} bytes gzipped, budget ${BUDGET_BYTES}`);
});

Deno.test("class names are read only from class attributes and cx calls", () => {
  const source = `
    <p class="a b" title="not-me">{x === "nor-me" ? "nor-this" : ""}</p>
    <i class={\`c \${tone ?? (on ? "k l" : "")} d\`}></i>
    <b class={wide ? "e f" : "g"} data-x={"no"}></b>
    const LOOK = { tone: cx("h i", on && "j"), word: "no-word" };
  `;
  assertEquals(classesIn(source), ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"]);
});

Deno.test("the classes of a stylesheet are those of its selectors", () => {
  const css =
    "/* .no */ .a > .b-c:hover, .d::after { margin: .5rem 1.5em } @media x { .e { top: 0 } }";
  assertEquals([...classesDefinedBy(css)].sort(), ["a", "b-c", "d", "e"]);
});

Deno.test("minifying keeps strings, descendant spaces and math", () => {
  assertStrictEquals(
    minifyCss(`/* x */ .a .b , .c > d { margin: calc(1px + 2px) ; content: "a  { ; b" ; }\n\n`),
    `.a .b,.c>d{margin:calc(1px + 2px);content:"a  { ; b"}`,
  );
});

/** WCAG 2.2 contrast ratio of two six-digit hex colours. */
function contrast(one: string, two: string): number {
  const luminance = (hex: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [high = 0, low = 0] = [luminance(one), luminance(two)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const TEXT_PAIRS: readonly (readonly [keyof Palette, keyof Palette])[] = [
  ["ink", "paper"],
  ["ink", "sunk"],
  ["ink", "raised"],
  ["ink", "tint"],
  ["ink", "bad-tint"],
  ["ink", "warn-tint"],
  ["soft", "paper"],
  ["soft", "sunk"],
  ["soft", "raised"],
  ["soft", "line"],
  ["soft", "tint"],
  ["soft", "bad-tint"],
  ["soft", "warn-tint"],
  ["accent", "paper"],
  ["accent", "sunk"],
  ["accent", "raised"],
  ["accent", "tint"],
  ["accent", "bad-tint"],
  ["accent", "warn-tint"],
  ["on-accent", "accent"],
  ["bad", "paper"],
  ["bad", "bad-tint"],
  ["bad", "sunk"],
  ["warn", "paper"],
  ["warn", "warn-tint"],
  ["warn", "sunk"],
];

for (const [scheme, palette] of [["light", LIGHT], ["dark", DARK]] as const) {
  Deno.test(`text has a contrast of at least 4.5, and outlines of 3, in ${scheme}`, () => {
    for (const [text, ground] of TEXT_PAIRS) {
      const ratio = contrast(palette[text], palette[ground]);
      assert(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`);
    }
    for (const ground of ["paper", "sunk"] as const) {
      assert(contrast(palette.edge, palette[ground]) >= 3, `edge on ${ground}`);
    }
  });
}
