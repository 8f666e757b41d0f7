/** Runs of a group whose requests the API does not return at once. */
import { assertEquals, fail } from "@std/assert";
import { adoptRuns } from "../../lib/groups/adopt.ts";
import { TaskClient } from "../../lib/parallel/mod.ts";
import { encodeSSE } from "../../lib/sse/mod.ts";
import { errorJson, runJson } from "../proxy/proxy_app.ts";

const INPUT = { input: "Who?", processor: "lite" };
const [IN_LIST, FROM_RUN, GONE, AWAY, PAGE] = [
  "trun_list",
  "trun_run",
  "trun_gone",
  "trun_away",
  "trun_page",
] as const;
const ALL = [IN_LIST, FROM_RUN, GONE, AWAY, PAGE];
const ANSWERS: Readonly<Record<string, () => Response>> = {
  [FROM_RUN]: () => Response.json(INPUT),
  [GONE]: () => Response.json(errorJson("Run id not found"), { status: 404 }),
  [AWAY]: () => Response.json(errorJson("Try again"), { status: 503 }),
  [PAGE]: () => new Response("<h1>Soon</h1>", { headers: { "content-type": "text/html" } }),
};

const frame = (run_id: string) =>
  encodeSSE({
    event: "task_run.state",
    data: JSON.stringify({
      type: "task_run.state",
      event_id: run_id,
      run: runJson({ run_id, status: "running" }),
      input: run_id === IN_LIST ? INPUT : null,
    }),
  });

const api: typeof fetch = (request, init) => {
  const { pathname } = new URL(new Request(request, init).url);
  const [, runId] = /\/runs\/(\w+)\/input$/.exec(pathname) ?? [];
  if (runId !== undefined) return Promise.resolve(ANSWERS[runId]?.() ?? fail(runId));
  const frames = ALL.map(frame).join("");
  return Promise.resolve(
    new Response(frames, { headers: { "content-type": "text/event-stream" } }),
  );
};

Deno.test("a run that a group lists without its request is refused if the API has none, or never says", async () => {
  const client = new TaskClient({ apiKey: "key", baseUrl: "https://api.test", fetch: api });
  const inputs: unknown[] = [], unread = new Map<string, number>();
  const adopt = async (wanted: readonly string[]) => {
    const { kept, refused } = await adoptRuns(client, "tgrp_1", {
      wanted: new Set(wanted),
      after: null,
      simulated: false,
      keep: ({ input }) => {
        inputs.push(input);
        return Promise.resolve(true);
      },
      unread,
    });
    return { kept: [...kept].sort(), refused: [...refused].sort() };
  };
  assertEquals(await adopt(ALL), { kept: [IN_LIST, FROM_RUN], refused: [GONE] });
  assertEquals(inputs, [INPUT, INPUT]);
  for (let turn = 0; turn < 18; turn++) {
    assertEquals(await adopt([AWAY, PAGE]), { kept: [], refused: [] });
  }
  assertEquals(await adopt([AWAY, PAGE]), { kept: [], refused: [AWAY, PAGE] });
});
