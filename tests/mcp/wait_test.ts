/** Waiting for a task: limited in time, with progress, and leaving nothing behind. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import type { Agent, McpContext } from "../../lib/mcp/context.ts";
import { mcpContext } from "../../lib/mcp/mod.ts";
import { checkAgainSeconds, getStatus } from "../../lib/mcp/status.ts";
import { keyCaller } from "../../lib/proxy/mod.ts";
import { type TestApp, withApp } from "../app/test_app.ts";
import { FakeTimers } from "../sse/support/timers.ts";
import { agentOf } from "./agents.ts";

const KEY = "sandbox-agent";

/** An app whose runs take hours, a run, and the parts that wait for it by a clock that a test moves. */
function withWait(
  test: (wait: {
    readonly app: TestApp;
    readonly id: string;
    readonly timers: FakeTimers;
    readonly context: McpContext;
    readonly agent: Agent;
    readonly leave: AbortController;
  }) => Promise<void>,
  config: { readonly streamLimit?: number } = {},
): Promise<void> {
  return withApp(async (app) => {
    const made = await agentOf(app, KEY);
    const { data } = await made.call("create_task", { input: "Why?", processor: "pro" });
    await made.close();
    const timers = new FakeTimers();
    const leave = new AbortController();
    await test({
      app,
      id: String(data.id),
      timers,
      context: { ...mcpContext(app.services), timers },
      agent: {
        ...keyCaller(app.services.runs, KEY),
        simulated: true,
        client: { client: "192.0.2.1", network: null },
        origin: "http://localhost:8000",
        signal: leave.signal,
      },
      leave,
    });
  }, { config: { sandboxSpeed: 0.01, ...config } });
}

Deno.test("a wait ends after its time, and reports progress every five seconds", () =>
  withWait(async ({ id, timers, context, agent }) => {
    const told: [number, number, string][] = [];
    let onReport = () => {};
    const waiting = getStatus(context, agent, { id }, (...progress) => {
      told.push(progress);
      onReport();
      return Promise.resolve();
    });
    for (let passed = 0; passed < 45; passed += 5) {
      const reported = new Promise<void>((resolve) => onReport = resolve);
      await timers.armed(5_000);
      timers.advance(5_000);
      // The last report and the end are due at once.
      if (passed < 40) await reported;
    }
    const { data, text } = await waiting;
    assertEquals([data.is_over, data.check_again_in_s], [false, 5]);
    assertMatch(text, /Call get_status again now/);
    assertEquals(told.slice(0, 8).map(([passed, total]) => [passed, total]), [
      [5, 45],
      [10, 45],
      [15, 45],
      [20, 45],
      [25, 45],
      [30, 45],
      [35, 45],
      [40, 45],
    ]);
    assertMatch(told[0]?.[2] ?? "", /^(?:queued|running)/);
    assertStrictEquals(timers.pending.size, 0);
  }));

Deno.test("a wait ends at once and frees its stream when the client disconnects", () =>
  withWait(async ({ app, id, timers, context, agent, leave }) => {
    const waiting = getStatus(context, agent, { id }, null);
    await timers.armed(45_000);
    leave.abort();
    await waiting;
    assertStrictEquals(timers.pending.size, 0);
    // The account's only stream is free again.
    const after = await app.browser().fetch(`/api/v1/tasks/runs/${id}/events`, {
      headers: { "x-api-key": KEY },
    });
    assertStrictEquals(after.status, 200);
    await after.body?.cancel();
  }, { streamLimit: 1 }));

Deno.test("waits count as streams of the account: beyond the limit the tool returns at once", () =>
  withWait(async ({ id, timers, context, agent, leave }) => {
    const first = getStatus(context, agent, { id }, null);
    await timers.armed(45_000);
    const second = await getStatus(context, { ...agent, signal: new AbortController().signal }, {
      id,
    }, null);
    assertStrictEquals(second.data.is_over, false);
    leave.abort();
    await first;
  }, { streamLimit: 1 }));

Deno.test("a wait ends when the task is deleted, and reports it as missing", () =>
  withWait(async ({ app, id, timers, context, agent }) => {
    const waiting = getStatus(context, agent, { id }, null).catch((error) => error);
    await timers.armed(45_000);
    const account = await agent.account();
    assert(await app.services.runs.remove(account!, id));
    assertMatch(String(await waiting), /no task with that ID/);
  }));

Deno.test("a wait of zero seconds returns at once", () =>
  withWait(async ({ id, timers, context, agent }) => {
    const { data } = await getStatus(context, agent, { id, wait_s: 0 }, null);
    assertStrictEquals(data.is_over, false);
    assertStrictEquals(timers.pending.size, 0);
  }));

Deno.test("check_again_in_s follows the progress or the usual duration, within bounds", () => {
  const again = (processor: string, elapsedS: number, progress: number | null) =>
    checkAgainSeconds({ processor, simulated: false, elapsedMs: elapsedS * 1000, progress });
  assertEquals([
    again("lite", 0, null),
    again("pro", 0, null),
    again("pro", 60, null),
    again("pro", 600, null),
    again("ultra8x", 0, null),
    again("pro", 60, 50),
    again("pro", 30, 90),
    again("pro", 1_000, 10),
    again("unknown", 0, null),
    again("pro", 10, 2),
  ], [10, 120, 60, 5, 300, 60, 5, 300, 60, 110]);
});
