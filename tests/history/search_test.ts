import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { NO_FILTER } from "../../lib/runs/history/page.ts";
import { excerptOf } from "../../lib/runs/search/excerpt.ts";
import { indexTerms, queryTerms } from "../../lib/runs/search/tokens.ts";
import type { SearchPage } from "../../lib/runs/model/model.ts";
import { removeRun, restoreRun } from "../../lib/runs/life/removal.ts";
import { withStore } from "./search_store.ts";
import { timeOf } from "../cpu_time.ts";

/** Texts, and what finds them; each of the texts holds each of the queries. */
const FOUND: readonly [name: string, text: string, queries: readonly string[]][] = [
  ["case and accents", "Crème BRÛLÉE naïve Ångström", [
    "creme",
    "BRULEE",
    "naïv",
    "ångs",
    "ANGSTROM",
  ]],
  ["ß, Ł, Ø, Đ, Æ, Œ", "Straße Łódź Ørsted Đà Næring cœur", [
    "strasse",
    "STRASSE",
    "lodz",
    "łódź",
    "orsted",
    "da",
    "naering",
    "coeur",
    "stras",
  ]],
  ["ß in capitals", "GROẞE STRASSE", ["große", "straße", "grosse"]],
  ["dotless and dotted i", "Diyarbakır İstanbul ISPARTA", [
    "diyarbakir",
    "DIYARBAKIR",
    "istanbul",
    "ısparta",
    "isparta",
  ]],
  ["the final sigma", "ΟΔΥΣΣΕΥΣ Ὀδυσσεύς λόγος", ["οδυσσευς", "οδυσσευσ", "Λόγοσ", "ΛΟΓΟΣ"]],
  ["marks of Arabic", "مُحَمَّد كِتَابٌ محـــمد أحمد", ["محمد", "كتاب", "مُحمد", "احمد"]],
  ["marks of Hebrew", "שָׁלוֹם עֲלֵיכֶם", ["שלום", "עליכם", "שָׁלוֹם"]],
  ["half-width kana", "ｶﾞﾗｽ ﾃﾞｰﾀ", ["ガラス", "データ", "ガラ", "ﾃﾞｰﾀ"]],
  ["full-width letters and digits", "ＡＢＣ ﬁne １２３", ["abc", "fine", "123"]],
  ["decomposed kana and Hangul", "が".normalize("NFD") + " 한국어".normalize("NFD"), [
    "が",
    "한국어",
    "한국",
  ]],
  ["soft hyphens and joiners", "Donau\u00addampf می\u200cخواهم zero\u2060width", [
    "donaudampf",
    "میخواهم",
    "zerowidth",
    "donau\u00addam",
  ]],
  ["numbers in groups", "1,234,567 and 9.876.543,21 or 1’000 and 12\u202f345 7 654 321", [
    "1234567",
    "1,234,567",
    "1 234 567",
    "234",
    "9876543",
    "1000",
    "1,000",
    "12345",
    "12 345",
    "7654321",
    "7,654,321",
  ]],
  ["numbers of India, and digits of other scripts", "12,34,567 ٣٤٥ ४२", ["1234567", "345", "42"]],
  ["fractions in one character", "2½ cups, ¾ kg, ⅒ or ⅟ and 5/8", [
    "1/2",
    "2 1/2",
    "2½",
    "½",
    "3/4",
    "1/10",
    "⅝",
    "cups",
  ]],
  ["numbers that are no group", "3.14159 2026-05-31 [100,200,300] 192.168.1.10", [
    "14159",
    "2026",
    "05",
    "200",
    "168",
    "2026-05-31",
  ]],
  ["scripts without spaces", "市場規模は拡大 ประเทศไทย", [
    "市場",
    "規模",
    "模は",
    "大",
    "ประเทศ",
    "ไทย",
  ]],
  ["beginnings in Thai", "ไม่ดื่ม", ["ไม", "ดื", "ไม่ดื"]],
  ["Thai with composed vowels", "น้ำดื่มสะอาด", ["น้ำ", "ดื่ม", "น้ำดื่ม"]],
  ["vowels of Hindi", "हिन्दी भाषा", ["हिन्दी", "हिन", "भाषा"]],
  ["parts of words", "don't re-run C3PO", ["don", "t", "rerun".slice(0, 2), "c3p"]],
];

for (const [name, text, queries] of FOUND) {
  Deno.test(`${name}: any spelling finds them`, () => {
    const terms = indexTerms([text]);
    for (const query of queries) {
      const asked = queryTerms(query);
      assert(asked.length > 0, query);
      for (const { text: term, whole } of asked) {
        const has = terms.some((each) => whole ? each === term : each.startsWith(term));
        assert(has, `${query}: ${term} among ${terms.join(" ")}`);
      }
      const place = { input: text, metadata: "", result: "" };
      const excerpt = excerptOf(place, asked.map(({ text }) => text));
      assert(excerpt !== null && excerpt.pieces.some(({ hit }) => hit), `${query} is marked`);
      assertStrictEquals(
        excerpt.pieces.map(({ text }) => text).join(""),
        text,
        "nothing is shifted",
      );
    }
  });
}

const APART: readonly [text: string, query: string][] = [
  ["かき", "がき"],
  ["हम", "हिम"],
  ["ไม", "ไม่"],
  ["nation", "ration"],
  ["12 345", "1235"],
];
for (const [text, query] of APART) {
  Deno.test(`${query} does not find ${text}`, () => {
    const terms = indexTerms([text]);
    const asked = queryTerms(query);
    assert(!asked.every(({ text: term }) => terms.some((each) => each.startsWith(term))));
  });
}

const MARKED: readonly [text: string, query: string, hits: string[]][] = [
  ["น้ำดื่มสะอาดเพื่อทุกคน", "ดื่ม", ["ดื่ม"]],
  ["ราคาน้ำมัน", "มัน", ["มัน"]],
  ["Die Straße ist lang", "strasse", ["Straße"]],
  ["Die Straßenbahn", "strass", ["Straß"]],
  ["ｶﾞﾗｽの市場", "ガラス", ["ｶﾞﾗｽ"]],
  ["Donau\u00addampf", "donaud", ["Donau\u00add"]],
  ["worth $1,234,567 in all", "1234567", ["1,234,567"]],
  ["مُحَمَّد", "محمد", ["مُحَمَّد"]],
  ["𠮷野家の𠮷", "𠮷野", ["𠮷野"]],
];
for (const [text, query, hits] of MARKED) {
  Deno.test(`${query} marks ${hits.join()} in ${text}`, () => {
    const terms = queryTerms(query).map(({ text }) => text);
    const pieces = excerptOf({ input: text, metadata: "", result: "" }, terms)!.pieces;
    // Pairs of characters overlap.
    const marked = pieces.map(({ text, hit }) => hit ? text : "\n").join("").trim().split(/\n+/);
    assertEquals(marked, hits);
  });
}

Deno.test("a term has at most 24 letters; characters between words belong to none", () => {
  assertEquals(indexTerms(["x".repeat(40)]), ["x".repeat(24)]);
  assertEquals(indexTerms(["…—! \u00ad \u0301"]), []);
  assertEquals(queryTerms("…—!"), []);
});

Deno.test("text without spaces is searched by pairs of characters, a single character by itself", () => {
  const texts = (query: string) => queryTerms(query).map(({ text }) => text);
  assertEquals(texts("市場規模"), ["市場", "場規", "規模"]);
  assertEquals(texts("市"), ["市"]);
  assertEquals(texts("1,234,567 12 345"), ["1234567", "12", "345"]);
  assertEquals(texts("2½"), ["2", "1"], "not 212");
});

Deno.test("an excerpt shows the passage with most of the words, and marks them", () => {
  const text = {
    input: "heat pumps",
    metadata: "",
    result: `${"x ".repeat(100)}Heat is moved by the pump’s compressor, and by nothing else.`,
  };
  const excerpt = excerptOf(text, ["compress", "heat"])!;
  assertStrictEquals(excerpt.place, "result");
  assertEquals(excerpt.pieces.filter(({ hit }) => hit).map(({ text }) => text), [
    "Heat",
    "compress",
  ]);
  assert(text.result.includes(excerpt.pieces.slice(1).map(({ text }) => text).join("")));
  assertStrictEquals(excerptOf(text, ["absent"]), null);
  const cjk = excerptOf({ input: "世界の市場規模", metadata: "", result: "" }, ["市場", "場規"])!;
  assertEquals(cjk.pieces.filter(({ hit }) => hit).map(({ text }) => text).join(""), "市場規");
});

Deno.test("a search finds word prefixes, ignoring case and accents, newest first", () =>
  withStore(async (store) => {
    const first = await store.add("The market for Crème brûlée");
    const second = await store.add("Markets of the world", { metadata: { team: "Blue" } });
    await store.add("Nothing of interest");
    await store.add("The market of somebody else", {}, "b");
    await store.index();
    assertEquals(await store.ids("MARK"), [second, first]);
    assertEquals(await store.ids("creme mar"), [first]);
    assertEquals(await store.ids("blue"), [second]);
    assertEquals(await store.ids("team: blue, world"), [second]);
    assertEquals(await store.ids("market absent"), []);
    const wordless = await store.search("…!");
    assertEquals([wordless.runs, wordless.wordless], [[], true]);
    assertStrictEquals((await store.search("market")).wordless, false);
  }));

Deno.test("words, facets and dates combine in one search, over pages in both directions", () =>
  withStore(async (store) => {
    const expected: string[] = [];
    for (let index = 0; index < 120; index++) {
      const processor = index % 3 === 0 ? "pro" : "lite";
      const id = await store.add(
        `alpha${index % 2 ? " beta" : ""} gamma${index}`,
        { processor },
      );
      if (index % 2 && processor === "pro") expected.unshift(id);
    }
    await store.index();
    const filter = { ...NO_FILTER, processor: "pro", from_ms: 1001, to_ms: 1100 };
    const within = expected.filter((id) => Number(id.slice(5)) < 1100);
    const pages: SearchPage[] = [];
    for (let cursor: string | null = null, first = true; first || cursor !== null;) {
      first = false;
      const page: SearchPage = await store.search("beta alpha gam", { filter, cursor, limit: 4 });
      pages.push(page);
      cursor = page.next;
    }
    const ids = (page: SearchPage) => page.runs.map(({ run_id }) => run_id);
    assertEquals(pages.flatMap(ids), within);
    for (let index = pages.length - 1; index > 0; index--) {
      const options = { filter, cursor: pages[index]!.prev, limit: 4 };
      assertEquals(ids(await store.search("beta alpha gam", options)), ids(pages[index - 1]!));
    }
    assertStrictEquals((await store.search("gamma7")).excerpts[expected[0]!], undefined);
    const [excerpt] = Object.values((await store.search("gamma7")).excerpts);
    assertEquals(excerpt?.pieces.filter(({ hit }) => hit), [{ text: "gamma7", hit: true }]);
  }));

Deno.test("a prefix of more than 64 words is still found", () =>
  withStore(async (store) => {
    const ids: string[] = [];
    for (let index = 0; index < 100; index++) {
      ids.unshift(await store.add(`word${index} ${index % 10 === 0 ? "rare" : ""}`));
    }
    await store.index();
    assertEquals(await store.ids("wor", { limit: 200 }), ids);
    assertEquals((await store.ids("wor rare")).length, 10);
    assertEquals(await store.ids("wor absent"), []);
  }));

Deno.test("a search that reaches its read limit says so and can be continued", () =>
  withStore(async (store) => {
    const ids: string[] = [];
    for (let index = 0; index < 300; index++) {
      const id = await store.add(index % 2 ? "odd" : index === 0 ? "even odd" : "even");
      if (index === 0) ids.push(id);
    }
    await store.index();
    const first = await store.search("odd even", { maxKeys: 100 });
    assertStrictEquals(first.partial, true);
    assertEquals(first.runs, []);
    let page = first, pages = 1;
    for (; page.next !== null; pages++) {
      page = await store.search("odd even", { maxKeys: 100, cursor: page.next });
    }
    assert(pages > 3, `${pages} pages`);
    assertEquals(page.runs.map(({ run_id }) => run_id), ids);
  }));

Deno.test("a removed run is not found and loses its terms until it is restored", () =>
  withStore(async (store) => {
    const id = await store.add("unforgettable things");
    await store.index();
    const context = { kv: store.kv, committer: store.committer, now: () => 5000 };
    await removeRun(context, "a", id, { undoMs: 1000 });
    assertEquals(await store.ids("unforget"), []);
    await store.index();
    for (const name of ["term", "terms", "text", "unindexed"]) {
      assertEquals(await Array.fromAsync(store.kv.list({ prefix: [name] })), [], name);
    }
    assertStrictEquals(await restoreRun(context, "a", id, { undoMs: 10_000 }), "restored");
    await store.index();
    assertEquals(await store.ids("unforget"), [id]);
  }));

Deno.test("the end of each text is searchable, regardless of the length of others", () =>
  withStore(async (store) => {
    // Every pair of characters a different one.
    const chinese = (from: number, length: number) =>
      Array.from({ length }, (_, index) => String.fromCodePoint(0x4e00 + from + index)).join("");
    const id = await store.add(`${chinese(0, 3990)} 結尾輸入`, {
      metadata: { note: `${"m ".repeat(300)} metaend` },
    });
    await store.finish(id, `${chinese(5000, 11_900)} 結果末尾 lastword`);
    await store.index();
    for (const query of ["結尾輸入", "metaend", "結果末尾", "lastword", "lastw 結尾輸入 metaend"]) {
      assertEquals(await store.ids(query), [id], query);
    }
    assertEquals(await store.ids("結末"), []);
    await removeRun({ kv: store.kv, committer: store.committer, now: () => 5000 }, "a", id, {
      undoMs: 1000,
    });
    await store.index();
    for (const name of ["term", "terms", "text", "unindexed"]) {
      assertEquals(await Array.fromAsync(store.kv.list({ prefix: [name] })), [], name);
    }
  }));

Deno.test("every word of a search counts, no matter how many there are", () =>
  withStore(async (store) => {
    const words = Array.from({ length: 300 }, (_, index) => `word${index}`);
    const all = await store.add(words.join(" "));
    const most = await store.add(words.slice(0, -1).join(" "));
    await store.index();
    assertEquals(await store.ids(words.slice(0, -1).join(" ")), [most, all]);
    assertEquals(await store.ids(words.join(" ")), [all]);
    assertEquals(await store.ids("a b c d e f g h i j"), []);
    // The ninth and later terms alone make the difference.
    assertEquals(await store.ids(`${words.slice(0, 20).join(" ")} absent`), []);
    const excerpt = (await store.search(words.join(" "))).excerpts[all]!;
    assert(excerpt.pieces.some(({ hit }) => hit));
  }));

Deno.test("a text of nothing but matches takes about as long to search for an excerpt as one without", () => {
  const text = { input: "", metadata: "", result: "中".repeat(12_000) };
  const time = (term: string) =>
    timeOf(() => {
      for (let at = 0; at < 60; at++) excerptOf(text, [term, "x"]);
    });
  time("中");
  const without = Math.min(time("国"), time("国"));
  assert(Math.min(time("中"), time("中")) < 10 * Math.max(without, 20));
});
