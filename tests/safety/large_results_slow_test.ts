/** A page stays small for any result and basis, says what it omits, and links to the rest. */
import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import { withApp } from "../app/test_app.ts";
import { VALID_RUN } from "../history/valid_run.ts";

const MAX_BYTES = 4_000_000;
/** As it opens, but for a long trace. */
const FIRST_BYTES = 250_000;
const QUOTES = '"'.repeat(900);

const many = <Item>(length: number, make: (n: number) => Item): Item[] =>
  Array.from({ length }, (_, n) => make(n));
const text = (content: string, basis: unknown[] = []) => ({
  output: { type: "text", content, basis },
});
const json = (content: unknown, basis: unknown[] = []) => ({
  output: { type: "json", content, basis },
});
const source = (n: number) => ({ url: `https://site-${n}.example/` });
const events = (count: number) =>
  many(count, (n) => ({
    id: n + 1,
    received_ms: 1,
    type: "task_run.progress_msg.plan",
    data: JSON.stringify({ message: QUOTES }),
  }));
const described = {
  type: "object",
  properties: {
    rows: {
      type: "array",
      items: {
        type: "object",
        properties: { a: { description: QUOTES.repeat(5), type: "string" } },
      },
    },
  },
};

/** Parts of a run that are too large, and what the page says about them. */
const LARGE: Readonly<Record<string, { run: Record<string, unknown>; says: RegExp }>> = {
  "39,000 entries of a basis": {
    run: json({ a: 1 }, many(39_000, (n) => ({ field: `f${n}`, reasoning: "" }))),
    says: /basis of this result is too long to show whole/,
  },
  "39,000 entries of a text's basis": {
    run: text("Text", many(39_000, (n) => ({ field: `f${n}`, reasoning: "" }))),
    says: /basis of this result is too long to show whole/,
  },
  "50,000 citations of one field": {
    run: json({ a: 1 }, [{ field: "a", reasoning: "", citations: many(50_000, source) }]),
    says: /too long to show whole \(4\d,\d+ citations left out/,
  },
  "50,000 citations of one text": {
    run: text("Text [1]", [{ field: "output", reasoning: "", citations: many(50_000, source) }]),
    says: /too long to show whole \(4\d,\d+ citations left out/,
  },
  "long reasons of nothing but quotes": {
    run: json(
      Object.fromEntries(many(400, (n) => [`f${n}`, n])),
      many(400, (n) => ({ field: `f${n}`, reasoning: QUOTES.repeat(5), citations: [source(n)] })),
    ),
    says: /basis of this result is too long to show whole/,
  },
  "excerpts without end": {
    run: json({ a: 1 }, [{
      field: "a",
      reasoning: "",
      citations: many(40, (n) => ({ ...source(n), excerpts: many(150, (m) => `${QUOTES}${m}`) })),
    }]),
    says: /too long to show whole \(\d+ citations left out/,
  },
  "a long name that 1,500 pages support": {
    run: json({ ["市".repeat(2_000)]: 1 }, [{
      field: "市".repeat(2_000),
      reasoning: "",
      citations: many(1_500, source),
    }]),
    says: /citations left out/,
  },
  "addresses of 100 KB": {
    run: json({ a: 1 }, [{
      field: "a",
      reasoning: "",
      citations: many(60, (n) => ({ url: `https://a.example/${n}/${"é".repeat(100_000)}` })),
    }]),
    says: /citations left out/,
  },
  "names of 4 KB, one below the other": {
    run: json(
      many(38, (n) => `${n}${"市".repeat(4_000)}`).reduce<unknown>(
        (a, b) => ({ [b]: a }),
        1,
      ) as object,
    ),
    says: /too long to show whole \(1 value/,
  },
  "1,800 names of 4 KB": {
    run: json(Object.fromEntries(many(1_800, (n) => [`${n}${'"'.repeat(4_000)}`, n]))),
    says: /too long to show whole/,
  },
  "40 names of 36 KB": {
    run: json(Object.fromEntries(many(40, (n) => [`${n}${QUOTES.repeat(40)}`, n]))),
    says: /too long to show whole/,
  },
  "a description that comes again with every item": {
    run: {
      input: {
        ...VALID_RUN.input,
        task_spec: { output_schema: { type: "json", json_schema: described } },
      },
      ...json({ rows: many(2_500, (n) => ({ a: `${"x".repeat(20)} ${n}`, b: { c: 1 } })) }),
    },
    says: /too long to show whole/,
  },
  "a table of Markdown as dense as they get": {
    run: text(`|a|b|c|d|e|f|g|h|\n|-|-|-|-|-|-|-|-|\n${"|1|2|3|4|5|6|7|8|\n".repeat(50_000)}`),
    says: /this is the first \d[\d,]* of [\d,]{7,9} characters/,
  },
  "300 long fields": {
    run: json(Object.fromEntries(many(300, (n) => [`f${n}`, QUOTES.repeat(7)]))),
    says: /too long to show whole/,
  },
  "20,000 fields with sources of 10 KB": {
    run: json(
      Object.fromEntries(many(20_000, (n) => [`f${n}`, n])),
      many(300, (n) => ({
        field: `f${n}`,
        reasoning: "",
        confidence: QUOTES,
        citations: many(5, (m) => ({ url: `https://a.example/${n}/${m}/${"x".repeat(9_000)}` })),
      })),
    ),
    says: /too long to show whole/,
  },
  "5,000 options": {
    run: {
      input: {
        ...VALID_RUN.input,
        metadata: Object.fromEntries(many(5_000, (n) => [`${n}`, QUOTES])),
      },
      ...text("Text"),
    },
    says: /Text/,
  },
  "everything at once": {
    run: {
      events: events(2_000),
      input: { input: QUOTES.repeat(100), processor: "lite", metadata: { a: QUOTES.repeat(100) } },
      ...json(
        { a: QUOTES.repeat(100), ...Object.fromEntries(many(2_900, (n) => [`f${n}`, `v${n}`])) },
        many(2_000, (n) => ({ field: `f${n}`, reasoning: QUOTES, citations: [source(n)] })),
      ),
    },
    says: /basis of this result is too long to show whole/,
  },
};

for (const [name, { run, says }] of Object.entries(LARGE)) {
  Deno.test(`${name}: the page is small and says what it omits`, () =>
    withApp(async (app) => {
      const browser = await app.browser().enterSandbox();
      const lines = [
        { taskstream: "history", version: 1 },
        { run: { ...VALID_RUN, ...run } },
        { run: { ...VALID_RUN, ...run, run_id: "trun_b" } },
        { end: { runs: 2 } },
      ];
      const sent = await browser.fetch("/tasks/transfer", {
        method: "POST",
        body: lines.map((line) => JSON.stringify(line)).join("\n"),
        headers: { "content-type": "application/x-ndjson" },
      });
      assertMatch(await sent.text(), /2 imported/);
      await browser.post("/tasks/trun_a/share", {});
      const token = /\/s\/([\w-]{43})/.exec(await browser.text("/tasks/trun_a"))?.[1];
      const paths = [
        "/tasks/trun_a",
        `/s/${token}`,
        "/tasks/trun_a?view=raw",
        "/tasks/trun_a?view=all",
        "/compare?ids=trun_a,trun_b",
      ];
      for (const path of paths) {
        const response = await browser.fetch(path);
        assertStrictEquals(response.status, 200, path);
        const bytes = await response.bytes();
        const most = /view=all|compare/.test(path) || "events" in run ? MAX_BYTES : FIRST_BYTES;
        assert(bytes.byteLength <= most, `${path}: ${bytes.byteLength} bytes`);
        if (/compare|view=raw/.test(path)) continue;
        const html = new TextDecoder().decode(bytes).replace(/<!--.*?-->/g, "");
        assertMatch(html, says, path);
        const links = new Set([...html.matchAll(/href="#(source-\d+)"/g)].map(([, id]) => id));
        for (const id of links) assert(html.includes(`id="${id}"`), `${id} leads nowhere`);
      }
    }));
}
