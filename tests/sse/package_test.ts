import { assert, assertNotMatch } from "@std/assert";

const SOURCE = new URL("../../lib/sse/", import.meta.url);
const TESTS = new URL("./", import.meta.url);

async function* files(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    const url = new URL(entry.name + (entry.isDirectory ? "/" : ""), folder);
    if (entry.isDirectory) yield* files(url);
    else yield url;
  }
}

async function texts(folder: URL) {
  const found: { url: URL; text: string }[] = [];
  for await (const url of files(folder)) {
    if (url.pathname.endsWith(".ts")) found.push({ url, text: await Deno.readTextFile(url) });
  }
  return found;
}

/** What a page that has this program downloads. */
async function bundle(program: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const entry = `${folder}/entry.ts`;
    await Deno.writeTextFile(entry, program);
    const { outputFiles, success, errors } = await Deno.bundle({
      entrypoints: [entry],
      platform: "browser",
      minify: true,
      write: false,
    });
    assert(success, JSON.stringify(errors));
    return outputFiles?.[0]?.text() ?? "";
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The size of some names, or of all (`*`), of a module. */
async function size(names: string, module = "mod.ts"): Promise<number> {
  const list = names === "*" ? names : `{ ${names} }`;
  const from = JSON.stringify(new URL(module, SOURCE).href);
  const zipped = new Blob([await bundle(`export ${list} from ${from};`)]).stream().pipeThrough(
    new CompressionStream("gzip"),
  );
  return (await new Response(zipped).arrayBuffer()).byteLength;
}

const CORE = "SSEParser, parseSSE, encodeSSE";

/**
 * Every rule and limit without a fast path is 1,519, at 0.84 of eventsource-parser's speed from
 * 16 KiB chunks. What was chosen over 1.9 KB: fast paths for `data`, `event`, `id`, comments and blank
 * lines (190 bytes), CRs found in place (50), holding small chunks until a line ends (140), cutting large
 * ones at a character so that the decoder is fast (60), calls of `next` that keep their order and end at once over any source (65), callbacks in the order of the
 * stream (120), telling what can be read, from a Node stream to a string (170), `await using` (35).
 */
const CORE_BUDGET = 2480;

Deno.test("parser, iterator and encoder stay within their budget, minified and gzipped", async () => {
  const bytes = await size(CORE);
  assert(bytes <= CORE_BUDGET, `${bytes} bytes`);
});

/**
 * What connectSSE has on top of followSSE: quoting refusals (250), telling requests that cannot be made
 * (210), ids and caches (350), bodies that are sent once (60), leaving at any time (200), order of callbacks (90), `Retry-After` as a
 * date (60).
 */
const SIZES: readonly (readonly [names: string, most: number])[] = [
  ["followSSE, LeanParser", 2120],
  ["connectSSE", 4415],
  [`${CORE}, connectSSE`, 5175],
];

for (const [names, most] of SIZES) {
  Deno.test(`${names} is at most ${most} bytes`, async () => {
    const bytes = await size(names);
    assert(bytes <= most, `${bytes} bytes`);
  });
}

Deno.test("the README's sizes of the entries are right", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", SOURCE));
  const { name, exports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", SOURCE)));
  for (const [entry, module] of Object.entries<string>(exports)) {
    if (entry === ".") continue;
    const row = readme.split("\n").find((line) =>
      line.startsWith(`| \`${name}${entry.slice(1)}\``)
    );
    const written = Number(/([\d.]+) KB *\|$/.exec(row ?? "")?.[1]);
    const actual = await size("*", module) / 1000;
    assert(Math.abs(written - actual) <= 0.1, `${entry}: ${actual} KB, written ${written}`);
  }
});

Deno.test("it imports nothing but itself", async () => {
  for (const { url, text } of await texts(SOURCE)) {
    const code = text.replace(/^\s*\*.*$/gm, ""); // examples in docstrings import the library
    for (const [, from = ""] of code.matchAll(/(?:from|import\(|import)\s*"([^"]+)"/g)) {
      assert(new URL(from, url).href.startsWith(SOURCE.href), `${url.pathname} imports ${from}`);
    }
  }
});

Deno.test("it uses only what every runtime has: no Deno, Node, Bun, process or document", async () => {
  for (const { url, text } of await texts(SOURCE)) {
    const code = text.replace(/^\s*(\*|\/\/|\/\*).*$/gm, "");
    assertNotMatch(
      code,
      /\b(Deno|Bun|process|require|Buffer|document|window)\b[.(]/,
      url.pathname,
    );
  }
});

Deno.test("its TypeScript has only types: no enums, namespaces or parameter properties to compile", async () => {
  for (const { url, text } of await texts(SOURCE)) {
    assertNotMatch(text, /^\s*(export )?(const )?(enum|namespace) /m, url.pathname);
    assertNotMatch(
      text,
      /constructor\([^)]*\b(readonly|private|public|protected) /,
      url.pathname,
    );
  }
});

/** Lines of code and of recorded streams: neither blank nor comments. */
async function lines(folder: URL): Promise<number> {
  let sum = 0;
  for await (const url of files(folder)) {
    if (!/\.(ts|mjs|sse)$/.test(url.pathname)) continue;
    const all = (await Deno.readTextFile(url)).split("\n");
    sum += all.filter((line) => !/^\s*($|\*|\/\/|\/\*)/.test(line)).length;
  }
  return sum;
}

Deno.test("each line of source has at least two and a half lines of tests", async () => {
  const [source, tests] = [await lines(SOURCE), await lines(TESTS)];
  assert(tests >= 2.5 * source, `${tests} lines of test for ${source} of source`);
});
