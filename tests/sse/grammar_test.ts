import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { SSEEvent } from "../../lib/sse/mod.ts";
import { GRAMMAR, type GrammarRow, type Row } from "./support/grammar.ts";
import { cutAt, pieces, read, type Reading, utf8 } from "./support/read.ts";

function expected(row: GrammarRow, flush: boolean): Reading {
  let id = "";
  const events = [...row.events, ...(flush ? row.flushed ?? [] : [])].map((cells: Row) => {
    const [data, event = "message", named, retry] = cells;
    id = named ?? id;
    const out: SSEEvent = { id, event, data };
    if (retry !== undefined) out.retry = retry;
    return out;
  });
  return {
    events,
    comments: [...row.comments ?? []],
    retries: [...row.retries ?? []],
    ignored: [...row.ignored ?? []],
    lastEventId: flush ? id : row.lastEventId ?? id,
  };
}

Deno.test("the table has at least sixty distinct rules", () => {
  assert(GRAMMAR.length >= 60, `${GRAMMAR.length}`);
  assertStrictEquals(new Set(GRAMMAR.map((row) => row.rule)).size, GRAMMAR.length);
});

for (const row of GRAMMAR) {
  const { input } = row;
  const raw = typeof input === "string" ? utf8(input) : input;
  Deno.test(row.rule, () => {
    const want = expected(row, false);
    for (let size = 1; size <= Math.max(raw.length, 1); size++) {
      assertEquals(read(pieces(raw, size)), want, `bytes by ${size}`);
    }
    for (let place = 1; place < raw.length; place++) {
      assertEquals(read(cutAt(raw, [place])), want, `bytes cut at ${place}`);
      assertEquals(
        read([raw.slice(0, place), new Uint8Array(), raw.slice(place)]),
        want,
        `an empty chunk at ${place}`,
      );
    }
    if (typeof input !== "string") return;
    for (let size = 1; size <= Math.max(input.length, 1); size++) {
      assertEquals(read(pieces(input, size)), want, `strings by ${size}`);
    }
    for (let place = 1; place < input.length; place++) {
      const head = input.slice(0, place);
      const rest = input.slice(place);
      assertEquals(read([head, "", rest]), want, `string cut at ${place}`);
      if (head.isWellFormed()) {
        assertEquals(read([head, utf8(rest)]), want, `string, then bytes at ${place}`);
        assertEquals(read([utf8(head), rest]), want, `bytes, then string at ${place}`);
      }
    }
  });
  if (row.flushed) {
    Deno.test(`${row.rule}; flushing at the end dispatches it`, () => {
      const { events, lastEventId } = expected(row, true);
      for (let size = 1; size <= raw.length; size++) {
        const got = read(pieces(raw, size), { flush: true });
        assertEquals([got.events, got.lastEventId], [events, lastEventId], `by ${size}`);
      }
    });
  }
}
