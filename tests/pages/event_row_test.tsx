import { assert, assertMatch, assertNotMatch } from "@std/assert";
import fc from "fast-check";
import { readEvents } from "../../components/feed/body.tsx";
import { EventRow } from "../../components/feed/row.tsx";
import type { LogEvent } from "../../lib/runs/model/event.ts";
import { payloadOf } from "../../lib/runs/model/view.ts";
import { event, HOSTILE, htmlOf, message, START_MS, state } from "./fixtures.ts";

const row = (each: LogEvent) => {
  const [event] = readEvents([each], 0, payloadOf);
  return htmlOf(<EventRow event={event!} startMs={START_MS} />);
};

const KINDS: readonly [kind: string, event: LogEvent, shows: RegExp][] = [
  ["state", state(1, "running"), />running</],
  [
    "stats",
    event(2, "task_run.progress_stats", {
      source_stats: { num_sources_considered: 1223, num_sources_read: 22, sources_read_sample: [] },
      progress_meter: 41.7,
    }),
    /1,223 considered · 22 read · 41 %/,
  ],
  ["plan", message(3, "plan", "Break it into parts"), /Break it into parts/],
  ["search", message(4, "search", "Objective: Find lists"), />Find lists</],
  ["search", message(5, "search", "Query: longest rivers"), /class="q">“longest rivers”</],
  [
    "extract",
    message(6, "extract", "Extract: https://a.example/x"),
    /href="https:\/\/a.example\/x"[^>]*>a\.example <span>\/x</,
  ],
  ["result", message(7, "result", "The Nile"), /The Nile/],
  ["tool", message(8, "tool_call", "Executing MCP tool call"), /Executing MCP tool call/],
  ["tool", message(9, "tool", "Older spelling"), /Older spelling/],
  [
    "tool",
    message(14, "tool_call", "Executing MCP tool call on server pubmed with tool find.all."),
    /calls pubmed\.find\.all</,
  ],
  [
    "tool",
    message(15, "tool_call", "Listing tools for MCP server pubmed."),
    /lists the tools of pubmed</,
  ],
  ["exec", message(10, "exec_status", "Starting research"), /Starting research/],
  ["reasoning", message(11, "reasoning", "Two lists disagree"), /Two lists disagree/],
  ["analysis", message(12, "analysis", "Counted"), /Counted/],
  ["error", event(13, "error", { error: { message: "Hiccup", ref_id: "r-1" } }), /Hiccup.*r-1/],
];

for (const [kind, each, shows] of KINDS) {
  Deno.test(`a ${each.type} (${kind}) has its own look and its log id`, () => {
    const html = row(each);
    assertMatch(html, new RegExp(`^<li id="e${each.id}" class="e" data-kind="${kind}"[ >]`));
    assertMatch(html, shows);
  });
}

Deno.test("an unknown type is shown by its name, with its message or raw payload", () => {
  const html = row(message(1, "telepathy", "I knew it"));
  assertMatch(html, /data-kind="other"/);
  assertMatch(html, /class="k">telepathy</);
  assertMatch(html, />I knew it</);
  assertMatch(row(event(1, "odd", { a: 1 })), /class="k">odd<[^]*&quot;a&quot;:1/);
});

Deno.test("a payload that is not JSON is shown unchanged", () => {
  const html = row(event(1, "task_run.progress_msg.plan", "{broken <b>"));
  assertMatch(html, /{broken &lt;b>/);
});

Deno.test("a known type with an unknown shape is shown raw", () => {
  assertMatch(row(event(1, "task_run.state", { run: 7 })), /&quot;run&quot;:7/);
  assertMatch(row(event(1, "task_run.progress_msg.plan", { text: "moved" })), /moved/);
  assertMatch(row(event(1, "error", { error: "plain words" })), /plain words/);
});

Deno.test("the time is the API's own, otherwise when it was received, otherwise unknown", () => {
  assertMatch(
    row(message(1, "plan", "x", 31)),
    /class="at" href="\?raw=1#e1" title="Event 1"><time datetime="2026-10-05T12:00:31\.000Z" data-utc="12:00:31">0:31</,
  );
  assertMatch(
    row(event(1, "task_run.state", { run: { status: "running" } }, { seconds: 65 })),
    />1:05</,
  );
  const nobody = event(1, "task_run.state", { run: { status: "running" } }, { received: false });
  assertMatch(row(nobody), /title="Event 1"><time>–</);
});

Deno.test("a message of megabytes is cut with a note", () => {
  const html = row(message(1, "result", "x".repeat(2_000_000)));
  assert(html.length < 10_000);
  assertMatch(html, /2\.0 MB in all, see result\.json/);
});

Deno.test("no message text becomes markup or a script link", () => {
  for (const subtype of ["plan", "search", "extract", "result", "telepathy"]) {
    for (
      const text of [
        HOSTILE,
        `Extract: javascript:alert(1)`,
        `Query: ${HOSTILE}`,
        `Extract: ${HOSTILE}`,
      ]
    ) {
      const html = row(message(1, subtype, text));
      assertNotMatch(html, /<img|<script|href="javascript/i);
    }
  }
  assertNotMatch(row(event(1, HOSTILE, { message: HOSTILE })), /<img|<script/);
});

Deno.test("any event renders", () => {
  fc.assert(fc.property(fc.string(), fc.oneof(fc.string(), fc.json()), (type, data) => {
    const html = row({ id: 1, type, data, received_ms: null });
    assertMatch(html, /^<li id="e1"/);
  }));
  const known = fc.constantFrom(
    "task_run.state",
    "task_run.progress_stats",
    "error",
    "task_run.progress_msg.plan",
  );
  fc.assert(fc.property(known, fc.json(), (type, data) => {
    assertMatch(row({ id: 1, type, data, received_ms: null }), /<\/li>$/);
  }));
});

Deno.test("a long message is folded, not cut", () => {
  const html = row(message(1, "result", `${"word ".repeat(300)}end`));
  assertMatch(html, /<details class="said"><summary>word [^<]* end<\/summary>/);
  assertNotMatch(row(message(1, "result", "word ".repeat(50))), /<details/);
});
