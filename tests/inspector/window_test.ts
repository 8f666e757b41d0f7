/** The list's arithmetic: few rows, and the right ones for any scroll position. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { rowOf } from "../../routes/inspect/(_parts)/EventList.tsx";
import { isAtEnd, pageRows, rowWindow, scrollToRow } from "../../routes/inspect/(_parts)/window.ts";

const at = (scrollTop: number) => ({ scrollTop, height: 280, rowHeight: 28 });

Deno.test("the visible rows and a margin on either side are in the document", () => {
  assertEquals(rowWindow(50_000, at(0)), { start: 0, end: 18, top: 0 });
  assertEquals(rowWindow(50_000, at(28_000)), { start: 992, end: 1018, top: 992 * 28 });
  assertEquals(rowWindow(50_000, at(50_000 * 28 - 280)), {
    start: 49_982,
    end: 50_000,
    top: 49_982 * 28,
  });
});

Deno.test("short, empty and shortened lists work", () => {
  assertEquals(rowWindow(3, at(0)), { start: 0, end: 3, top: 0 });
  assertEquals(rowWindow(0, at(0)), { start: 0, end: 0, top: 0 });
  assertEquals(rowWindow(5, at(100_000)), { start: 0, end: 5, top: 0 });
});

Deno.test("every visible row is in the window, which is never more than a screen and two margins", () => {
  fc.assert(fc.property(
    fc.nat(100_000),
    fc.nat(3_000_000),
    fc.integer({ min: 1, max: 2000 }),
    fc.integer({ min: 10, max: 60 }),
    (total, scroll, height, rowHeight) => {
      const scrollTop = Math.min(scroll, Math.max(0, total * rowHeight - height));
      const { start, end, top } = rowWindow(total, { scrollTop, height, rowHeight });
      const first = Math.floor(scrollTop / rowHeight);
      const last = Math.min(total, Math.ceil((scrollTop + height) / rowHeight));
      assert(start <= first && end >= last);
      assert(end - start <= Math.ceil(height / rowHeight) + 17);
      assertStrictEquals(top, start * rowHeight);
    },
  ));
});

Deno.test("scrolling to a row moves as little as possible", () => {
  assertStrictEquals(scrollToRow(5, at(0)), 0);
  assertStrictEquals(scrollToRow(10, at(0)), 28);
  assertStrictEquals(scrollToRow(2, at(280)), 56);
});

Deno.test("a list is at its end when its last row is visible", () => {
  assertStrictEquals(isAtEnd(100, at(2520)), true);
  assertStrictEquals(isAtEnd(100, at(2519)), true, "half a row is close enough");
  assertStrictEquals(isAtEnd(100, at(2400)), false);
  assertStrictEquals(isAtEnd(3, at(0)), true);
});

Deno.test("scrolling by a page keeps one row of the previous page", () => {
  assertStrictEquals(pageRows(at(0)), 9);
  assertStrictEquals(pageRows({ ...at(0), height: 10 }), 1);
});

Deno.test("a block's row is found among the listed ones", () => {
  assertStrictEquals(rowOf([2, 5, 9], 5), 1);
  assertStrictEquals(rowOf([2, 5, 9], 6), 2);
  assertStrictEquals(rowOf([], 6), 0);
});
