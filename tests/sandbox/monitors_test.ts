import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { withRoom } from "./support.ts";

Deno.test("a monitor goes with its run, of which it keeps a copy", () =>
  withRoom(async (room) => {
    const create = async (input: string) => {
      const runId = await room.create({ input });
      await room.clock.advanceUntil(
        room.ask(`/v1/tasks/runs/${runId}/result`).then((response) => response.text()),
      );
      return runId;
    };
    const monitor = async (runId: string): Promise<string> => {
      const body = { type: "snapshot", frequency: "1h", settings: { task_run_id: runId } };
      const response = await room.ask("/v1/monitors", {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      });
      const made = await response.json();
      assertMatch(made.monitor_id, /^monitor_/);
      return made.monitor_id;
    };
    const gone = await create("Who built the Eiffel Tower?");
    const stays = await create("Who built the Louvre?");
    const monitors = [await monitor(gone), await monitor(gone), await monitor(stays)];
    // A monitor that was cancelled is forgotten too.
    const cancelled = await room.ask(`/v1/monitors/${monitors[1]}/cancel`, { method: "POST" });
    await cancelled.body?.cancel();

    await room.sandbox.forget(gone);
    const statuses = await Promise.all(monitors.map(async (id) => {
      const response = await room.ask(`/v1/monitors/${id}`);
      await response.body?.cancel();
      return response.status;
    }));
    assertEquals(statuses, [404, 404, 200]);
    const left = await Array.fromAsync(room.kv.list({ prefix: [] }));
    const stored = left.map(({ key, value }) => JSON.stringify([key, value]));
    assertEquals(stored.filter((text) => text.includes(gone) || text.includes("Eiffel")), []);
    assertStrictEquals(stored.filter((text) => text.includes(String(monitors[2]))).length, 3);
  }));
