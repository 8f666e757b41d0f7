import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { readLine } from "../../lib/transfer/format.ts";
import { VALID_RUN } from "./valid_run.ts";

const WRONG: readonly (readonly [change: Record<string, unknown>, why: RegExp])[] = [
  [{ run_id: "../x" }, /run_id/],
  [{ processor: "" }, /processor/],
  [{ status: 7 }, /status/],
  [{ created_ms: -1e14 }, /created_ms/],
  [{ created_ms: 8.6e15 }, /created_ms/],
  [{ ended_ms: "then" }, /ended_ms/],
  [{ created_ms: 1e300 }, /created_ms/],
  [{ input: "?" }, /input/],
  [{ input: { input: 7, processor: "lite" } }, /input/],
  [{ input: { input: "?", processor: "lite", mcp_servers: ["x"] } }, /input/],
  ...Object.entries({
    task_spec: { output_schema: { type: "json", json_schema: {} }, input_schema: 5 },
    source_policy: { include_domains: "a.example" },
    advanced_settings: "de",
    webhook: [],
    metadata: [1],
    previous_interaction_id: {},
    enable_events: "yes",
  }).map(([name, value]) =>
    [{ input: { input: "?", processor: "lite", [name]: value } }, /input/] as const
  ),
  [{
    events: Array.from({ length: 20_001 }, (_, n) => ({ id: n + 1, type: "a", data: "{}" })),
  }, /20001 events/],
  [{ output: { type: "video" } }, /output/],
  [{ output: "x" }, /output/],
  [{ events: [{ id: 2, type: "a", data: "" }] }, /events/],
  [{ events: [{ id: 1, type: "a\nb", data: "" }] }, /events/],
  [{ events: "none" }, /events/],
];

for (const [change, why] of WRONG) {
  Deno.test(`a run with ${JSON.stringify(change).slice(0, 80)} is rejected with a message`, () => {
    const line = readLine(JSON.stringify({ run: { ...VALID_RUN, ...change } }));
    assert(line.kind === "wrong", line.kind);
    assertMatch(line.why, why);
  });
}

Deno.test("numbers count however another program writes them", () => {
  const event = { received_ms: 1_760_000_000_000, type: "a", data: "{}" };
  const run = {
    ...VALID_RUN,
    price_usd: 1,
    created_ms: 0,
    ended_ms: 1_760_000_000_000,
    gaps: [{ after: 1, from_ms: 5, to_ms: 1_760_000_000_000 }],
    events: [{ id: 1, ...event }, { id: 2, ...event }],
  };
  const json = JSON.stringify({ run });
  const written = json.replace(/:0\b/, ":-0").replace(/:(\d)\b/g, ":$1.0")
    .replaceAll(":1760000000000", ":1.76e12");
  assert(written.includes('"created_ms":-0') && written.includes('"id":2.0'), written);
  assertEquals(readLine(written), readLine(json));
  const read = readLine(written);
  assert(read.kind === "run" && Object.is(read.run.run.created_ms, 0));
  assertEquals(readLine('{"taskstream":"history","version":1.0}'), { kind: "head" });
  assertEquals(readLine('{"end":{"runs":2.0}}'), { kind: "end", runs: 2 });
});

Deno.test("a request with every option, null or unknown members is accepted unchanged", () => {
  const input = {
    input: "?",
    processor: "lite",
    task_spec: { output_schema: { json_schema: { type: "object" } }, input_schema: "Text" },
    source_policy: { include_domains: ["a.example"], exclude_domains: null, later: 1 },
    advanced_settings: { location: "de", data_sources: { free: [] } },
    webhook: { url: "https://a.example/", event_types: ["task_run.status"] },
    metadata: { a: 1 },
    previous_interaction_id: null,
    enable_events: true,
    later: [1],
  };
  const line = readLine(JSON.stringify({ run: { ...VALID_RUN, input } }));
  assert(line.kind === "run", JSON.stringify(line));
  assertEquals<unknown>(line.run.run.input, input);
});

Deno.test("header values in an imported file are masked before storing", () => {
  const servers = [{ type: "url", url: "https://m.example/", name: "m", headers: { a: "secret" } }];
  const input = { input: "?", processor: "lite", mcp_servers: servers };
  const line = readLine(JSON.stringify({ run: { ...VALID_RUN, input } }));
  assert(line.kind === "run");
  assertNotMatch(JSON.stringify(line), /secret/);
});

Deno.test("valid recording gaps are imported", () => {
  const gaps = [{ after: 1, from_ms: 10, to_ms: 20 }];
  const odd = [...gaps, null, { after: "1", from_ms: 1, to_ms: 2 }, { after: 1, from_ms: 1e300 }];
  const line = readLine(JSON.stringify({ run: { ...VALID_RUN, gaps: odd } }));
  assert(line.kind === "run");
  assertEquals(line.run.gaps, gaps);
});
