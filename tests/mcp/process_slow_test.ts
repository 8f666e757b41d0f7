/** An agent over a real socket whose requests alternate between two processes: neither keeps session state. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { Server } from "../process/server.ts";
import { CLIENTS } from "./agents.ts";

for (const [n, { name, connect }] of CLIENTS.entries()) {
  Deno.test(`waiting for a long run takes calls of at most 60 s, from either of two processes (${name})`, async () => {
    // An ultra8x run takes 100 s in the sandbox: 14 s here for the newest client, 5 s for the others. Each wait is
    // a second, as the 45 s that a wait may last are of ten minutes.
    const speed = n === 0 ? "7" : "20";
    await using first = await Server.start({ SANDBOX_SPEED: speed });
    await using second = await first.twin();
    let requests = 0;
    const fetchInTurn: typeof fetch = (input, init) => {
      const request = new Request(input, init);
      const url = new URL(request.url);
      url.port = new URL(requests++ % 2 === 0 ? first.url : second.url).port;
      return fetch(new Request(url, request));
    };
    const agent = await connect({
      url: `${first.url}/mcp`,
      headers: { authorization: "Bearer sandbox-agent" },
      fetch: fetchInTurn,
      timeoutMs: 60_000,
    });
    const created = await agent.call("create_task", { input: "Heat pumps", processor: "ultra8x" });
    const { id } = created.data;
    assertMatch(String(id), /^trun_/, created.text);
    let calls = 0, over = false;
    while (!over) {
      const { data, isError, text } = await agent.call("get_status", { id, wait_s: 1 });
      assert(!isError, text);
      over = data.is_over === true;
      calls++;
    }
    assert(calls >= 2, `${calls}`);
    const result = await agent.call("get_result", { id });
    assertEquals([result.data.status, result.data.page], ["completed", 1]);
    assertMatch(result.text, /\[\^1\]: \[/);
    const trace = await agent.call("get_trace", { id, types: ["search"] });
    assert((trace.data.events as unknown[]).length > 0);
    await agent.close();
    assertStrictEquals(await second.stop(), 0);
  });
}
