import assert from "node:assert/strict";
import { readLine } from "../../lib/transfer/format.ts";
import { SOUND } from "./sound_run.ts";

const WRONG: readonly [change: Record<string, unknown>, why: RegExp][] = [
  [{ run_id: "../x" }, /run_id/],
  [{ processor: "" }, /processor/],
  [{ status: 7 }, /status/],
  [{ created_ms: -1 }, /created_ms/],
  [{ created_ms: 1e300 }, /created_ms/],
  [{ input: "?" }, /input/],
  [{ input: { input: 7, processor: "lite" } }, /input/],
  [{ input: { input: "?", processor: "lite", mcp_servers: ["x"] } }, /input/],
  [{ output: { type: "video" } }, /output/],
  [{ output: "x" }, /output/],
  [{ events: [{ id: 2, type: "a", data: "" }] }, /events/],
  [{ events: [{ id: 1, type: "a\nb", data: "" }] }, /events/],
  [{ events: "none" }, /events/],
];

for (const [change, why] of WRONG) {
  Deno.test(`a run with ${JSON.stringify(change).slice(0, 60)} is refused in words`, () => {
    const line = readLine(JSON.stringify({ run: { ...SOUND, ...change } }));
    assert.ok(line.kind === "wrong", line.kind);
    assert.match(line.why, why);
  });
}

Deno.test("header values that somebody wrote into a file are masked before anything is stored", () => {
  const servers = [{ type: "url", url: "https://m.example/", name: "m", headers: { a: "secret" } }];
  const input = { input: "?", processor: "lite", mcp_servers: servers };
  const line = readLine(JSON.stringify({ run: { ...SOUND, input } }));
  assert.ok(line.kind === "run");
  assert.doesNotMatch(JSON.stringify(line), /secret/);
});
