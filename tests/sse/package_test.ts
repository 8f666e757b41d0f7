import assert from "node:assert/strict";

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

/** What a page that imports these names downloads for them. */
async function bundle(names: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const entry = `${folder}/entry.ts`;
    await Deno.writeTextFile(
      entry,
      `export { ${names} } from ${JSON.stringify(new URL("mod.ts", SOURCE).href)};`,
    );
    const { outputFiles, success, errors } = await Deno.bundle({
      entrypoints: [entry],
      platform: "browser",
      minify: true,
      write: false,
    });
    assert.ok(success, JSON.stringify(errors));
    return outputFiles?.[0]?.text() ?? "";
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function size(names: string): Promise<number> {
  const zipped = new Blob([await bundle(names)]).stream().pipeThrough(
    new CompressionStream("gzip"),
  );
  return (await new Response(zipped).arrayBuffer()).byteLength;
}

const CORE = "SSEParser, parseSSE, encodeSSE";

/**
 * The aim was 1,536. Every rule and limit without a fast path is 1,519, at 0.84 of
 * eventsource-parser's speed from 16 KiB chunks; the short way of `data` and `event` lines brings
 * that to 1.3 for the rest.
 */
const CORE_BUDGET = 1690;

Deno.test("parser, iterator and encoder stay within their budget, minified and gzipped", async () => {
  const bytes = await size(CORE);
  assert.ok(bytes <= CORE_BUDGET, `${bytes} bytes`);
});

Deno.test("connectSSE adds at most 1.5 KB", async () => {
  const bytes = await size(CORE + ", connectSSE") - await size(CORE);
  assert.ok(bytes <= 1536, `${bytes} bytes`);
});

Deno.test("it imports nothing but itself", async () => {
  for (const { url, text } of await texts(SOURCE)) {
    const code = text.replace(/^\s*\*.*$/gm, ""); // examples in docstrings import the library
    for (const [, from = ""] of code.matchAll(/(?:from|import\(|import)\s*"([^"]+)"/g)) {
      assert.ok(new URL(from, url).href.startsWith(SOURCE.href), `${url.pathname} imports ${from}`);
    }
  }
});

Deno.test("it uses what every runtime has: no Deno, Node, Bun, process or document", async () => {
  for (const { url, text } of await texts(SOURCE)) {
    const code = text.replace(/^\s*(\*|\/\/|\/\*).*$/gm, "");
    assert.doesNotMatch(
      code,
      /\b(Deno|Bun|process|require|Buffer|document|window)\b[.(]/,
      url.pathname,
    );
  }
});

Deno.test("its TypeScript is only types: no enums, namespaces or parameter properties to compile", async () => {
  for (const { url, text } of await texts(SOURCE)) {
    assert.doesNotMatch(text, /^\s*(export )?(const )?(enum|namespace) /m, url.pathname);
    assert.doesNotMatch(
      text,
      /constructor\([^)]*\b(readonly|private|public|protected) /,
      url.pathname,
    );
  }
});

const node = await new Deno.Command("node", { args: ["--version"] }).output()
  .then(({ success }) => success, () => false);

Deno.test({ name: "it runs in Node", ignore: !node }, async () => {
  const code = await bundle("parseSSE, SSEParserStream, encodeSSE, connectSSE");
  const use = `
    const seen = [];
    for await (const { data } of parseSSE(new Response(encodeSSE({ data: "é" })))) seen.push(data);
    const body = new Response("data: stream\\n\\n").body.pipeThrough(new SSEParserStream());
    for await (const { data } of body) seen.push(data);
    const headers = { "content-type": "text/event-stream" };
    const fetch = async () => new Response("data: end\\n\\n", { headers });
    const isTerminal = ({ data }) => data === "end";
    for await (const { data } of connectSSE("http://x.test/", { fetch, isTerminal })) seen.push(data);
    process.stdout.write(seen.join());
  `;
  const file = await Deno.makeTempFile({ suffix: ".mjs" });
  try {
    // The bundle exports under its own names; what uses it imports it from there.
    const url = JSON.stringify("data:text/javascript," + encodeURIComponent(code));
    const names = "parseSSE, SSEParserStream, encodeSSE, connectSSE";
    await Deno.writeTextFile(file, `import { ${names} } from ${url};${use}`);
    const { stdout, stderr } = await new Deno.Command("node", { args: [file] }).output();
    const said = new TextDecoder().decode(stdout);
    assert.equal(said, "é,stream,end", new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(file);
  }
});

/** Lines of code: neither blank nor comment, for docstrings are a third of the source. */
const codeLines = (found: { text: string }[]) =>
  found.flatMap(({ text }) => text.split("\n")).filter((line) => !/^\s*($|\*|\/\/|\/\*)/.test(line))
    .length;

Deno.test("there are at least two and a half lines of test for a line of source", async () => {
  const [source, tests] = [codeLines(await texts(SOURCE)), codeLines(await texts(TESTS))];
  assert.ok(tests >= 2.5 * source, `${tests} lines of test for ${source} of source`);
});
