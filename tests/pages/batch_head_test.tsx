/** The head of a live batch: a figure that grows moves nothing, because its place is as wide from the start. */
import { assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { renderToString } from "preact-render-to-string";
import { RowActions } from "../../components/table/Actions.tsx";
import { BatchHead } from "../../components/table/BatchHead.tsx";
import { room } from "../../components/table/columns.ts";
import { seedOf, viewOf as restored } from "../../components/table/seed.ts";
import {
  applyBatchEvent,
  type BatchView,
  emptyBatchView,
  type RowChange,
} from "../../lib/batches/model/mod.ts";

const PRICE_USD = 0.01;
const FACTS = {
  base: "/batches/b",
  isShared: false,
  processor: "base",
  prices: { base: PRICE_USD },
  stronger: { name: "core", price_usd: 0.025 },
};

/** A batch of which this many rows are done with low confidence; every third failed. */
function viewOf(rows: number, ended: number): BatchView {
  const changes = Array.from({ length: ended }, (_, at): RowChange => {
    const hasFailed = at % 3 === 2;
    return {
      row: at + 1,
      attempt: 1,
      status: hasFailed ? "failed" : "completed",
      ...!hasFailed && { cost_usd: PRICE_USD, cells: [{ text: "a", confidence: "low" }] },
    };
  });
  return applyBatchEvent(emptyBatchView("Companies", rows), {
    id: 1,
    at_ms: 1_000,
    type: "rows",
    data: { rows: changes },
  });
}

/** What a text takes up: so many digits, or signs and spaces as wide, and so many marks. */
const widthOf = (text: string) =>
  [...text.replace(/[\d$\u2007]/g, "0").replace(/[,\u2008]/g, ",")].sort().join("");

/** The head's figures, and what stands on the buttons. */
const textsOf = (html: string) =>
  [...html.matchAll(/<(?:b|small)\b[^>]*>([^<]*)(?=<)|<\/svg> ([^<]*)(?=<)/g)].map((
    [, text, words],
  ) => widthOf(text ?? words ?? ""));

for (const rows of [30, 1_200]) {
  Deno.test(`the figures and buttons of a live batch of ${rows} rows keep their width while it runs`, () => {
    const render = (ended: number, isLive: boolean) => {
      const props = { facts: FACTS, view: viewOf(rows, ended), isLive };
      return renderToString(
        <>
          <BatchHead {...props} now={61_000} />
          <RowActions {...props} />
        </>,
      );
    };
    const first = textsOf(render(3, true));
    assertStrictEquals(first.length, 9, first.join("\n"));
    for (const ended of [12, rows / 2, rows - 1]) {
      assertEquals(textsOf(render(ended, true)), first);
    }
    // Where nothing grows any more there is no room.
    assertNotMatch(render(3, false), /[\u2007\u2008]/);
  });
}

Deno.test("a figure has room for the digits and commas that it lacks, and for no less than none", () => {
  assertStrictEquals(room(true, "7", "30"), "\u2007");
  assertStrictEquals(room(true, "12", "3,000"), "\u2007\u2008\u2007");
  assertStrictEquals(room(true, "$0.30", "$1.275"), "\u2007");
  assertStrictEquals(room(true, "12,345", "9,999"), "");
  assertStrictEquals(room(false, "7", "30"), "");
});

Deno.test("what was spent stays beside the whole price, although cents have no exact sum", () => {
  const view = { ...viewOf(30, 30), spent_usd: Array(30).fill(PRICE_USD).reduce((a, b) => a + b) };
  const html = renderToString(<BatchHead facts={FACTS} view={view} now={0} isLive />);
  assertMatch(html, /\$0\.30<\/b> of \$0\.30</);
});

Deno.test("the total is what all runs cost that were asked for: reruns, added columns, none that failed", () => {
  const prices = { base: PRICE_USD, core: 0.025, pro: 0.1 };
  const facts = { ...FACTS, prices };
  const costOf = (view: BatchView, isLive = true) =>
    /class="cost">(.*?)<\/span>/.exec(
      renderToString(<BatchHead facts={facts} view={view} now={0} isLive={isLive} />),
    )?.[1]?.replace(/<\/?b>|\u2007/g, "").trim();
  const tell = (view: BatchView, type: string, data: unknown) =>
    applyBatchEvent(view, { id: view.lastId + 1, at_ms: 2_000, type, data });
  // Of ten rows three failed.
  const done = viewOf(10, 10);
  assertStrictEquals(costOf(done, false), "$0.07");
  const again = { row: 1, attempt: 2, status: "waiting", processor: "pro" };
  const rerun = tell(done, "rows", { rows: [again] });
  assertStrictEquals(costOf(rerun), "$0.07 of $0.17");
  const added = tell(rerun, "joined", { processor: "core", columns: [] });
  assertStrictEquals(costOf(added), "$0.07 of $0.42");
  // A page that is loaded now knows as much.
  assertStrictEquals(costOf(restored(JSON.parse(JSON.stringify(seedOf(added))))), "$0.07 of $0.42");
});

Deno.test("the buttons say how many rows of the head run again, and how many runs that makes", () => {
  const both = applyBatchEvent(viewOf(10, 5), {
    id: 2,
    at_ms: 2_000,
    type: "joined",
    data: { processor: "core", columns: [] },
  });
  const low = { status: "completed", cost_usd: 0.025, cells: [{ text: "b", confidence: "low" }] };
  const view = applyBatchEvent(both, {
    id: 3,
    at_ms: 3_000,
    type: "rows",
    data: {
      rows: [1, 2].map((row) => ({ row, attempt: 1001, ...low })),
    },
  });
  const words = (view: BatchView) =>
    [
      ...renderToString(<RowActions facts={FACTS} view={view} isLive={false} />)
        .matchAll(/<\/svg> (.*?)<\/button>/g),
    ].map(([, text]) => text?.replace(/<[^>]+>/g, " ").trim());
  assertEquals(words(viewOf(10, 5)), ["Retry 1 failed", "Rerun 4 low on core $0.10"]);
  assertEquals(words(view), ["Rerun 4 low on core 6 runs $0.15"]);
});
