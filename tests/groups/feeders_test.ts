/** Feeders of groups: keys that the API refuses one after the other, and runs that come as a feeder ends. */
import { assert, assertEquals } from "@std/assert";
import { Feeders, type FeedersContext } from "../../lib/groups/feeders.ts";
import { TaskClient } from "../../lib/parallel/client.ts";
import { joinHistory } from "../../lib/runs/history/mod.ts";
import { activeKey, readActive, type RunKey } from "../../lib/runs/log/active.ts";
import { headKey, readHead } from "../../lib/runs/log/head.ts";
import { LOST } from "../../lib/runs/model/mod.ts";
import { GroupApi } from "../proxy/group_api.ts";
import { errorJson } from "../proxy/proxy_app.ts";
import { ACCOUNT, newHead, newSummary, type Process, withMemory } from "../runs/log_tools.ts";

const GROUP = `tgrp_${"a".repeat(32)}`;
const key = (sealed_key: string): RunKey => ({ account: ACCOUNT, sealed_key });

/** Two runs with these keys, which end while the API accepts one of them. Returns the runs' statuses. */
async function recordedWith(
  process: Process,
  keys: readonly [RunKey, ...RunKey[]],
  accepted: string,
  spares: readonly RunKey[] = [],
): Promise<string[]> {
  const api = new GroupApi();
  const ids = await stored(process, api, ["a", "b"], keys);
  api.endAll();
  const feeders = feedersOf(process, api, accepted, { sparesOf: () => Promise.resolve(spares) });
  feeders.add(GROUP, ids);
  await feeders.idle(AbortSignal.timeout(60_000));
  await feeders.drain();
  return await statusesOf(process, ids);
}

/** Adds runs to the group and stores them, as active. Returns their IDs. */
async function stored(
  process: Process,
  api: GroupApi,
  inputs: readonly string[],
  [first, ...others]: readonly [RunKey, ...RunKey[]],
): Promise<string[]> {
  const added = api.add(GROUP, inputs.map((input) => ({ input, processor: "lite" })));
  const ids = added.run_ids.map(String);
  for (const id of ids) {
    const summary = { ...newSummary(), run_id: id };
    await process.committer.commit({
      mutations: [
        { type: "set", key: headKey(id), value: newHead([ACCOUNT]) },
        { type: "set", key: activeKey(id), value: { ...first, others, group: GROUP } },
        ...joinHistory(ACCOUNT, summary, { nowMs: 0 }).mutations,
      ],
    });
  }
  return ids;
}

async function statusesOf(process: Process, ids: readonly string[]): Promise<string[]> {
  for (const id of ids) {
    assert(await readActive(process.kv, id) === null, "nothing is left to record");
  }
  return await Promise.all(ids.map(async (id) => (await readHead(process.kv, id))!.head.status));
}

/** Feeders that wait for nothing, on an API that accepts this key. */
function feedersOf(
  process: Process,
  api: GroupApi,
  accepted: string,
  more: Partial<FeedersContext> = {},
): Feeders {
  const fetchWith = (apiKey: string): typeof fetch => async (input, init) => {
    const request = new Request(input, init);
    if (apiKey !== accepted) return Response.json(errorJson("Unauthorized"), { status: 401 });
    const { pathname, search } = new URL(request.url);
    const { method, headers, signal } = request;
    return await api.answer({ method, target: pathname + search, headers, body: "", signal });
  };
  return new Feeders({
    ...process.context,
    recorders: { isRecording: () => false, notify: () => {} },
    stallMs: 1_000_000,
    gatherMs: 0,
    // Every wait is over at once.
    timers: {
      setTimeout: (run, ms) => ms < 1_000_000 ? setTimeout(run, 0) : undefined,
      clearTimeout: (id) => clearTimeout(id as number | undefined),
      now: () => 0,
    },
    log: () => {},
    watch: () => {},
    sourceFor: ({ sealed_key: apiKey }) =>
      Promise.resolve({
        client: new TaskClient({ baseUrl: "http://up.invalid", apiKey, fetch: fetchWith(apiKey) }),
        simulated: false,
        sealedKey: apiKey,
        keep: () => Promise.resolve(false),
      }),
    ...more,
  });
}

Deno.test("a group that the API refuses to one key goes on with another", () =>
  withMemory(async (process) => {
    const keys = [key("old"), key("older"), key("new")] as const;
    assertEquals(await recordedWith(process, keys, "new"), ["completed", "completed"]);
  }));

Deno.test("a group that the API refuses to every key ends", () =>
  withMemory(async (process) => {
    const keys = [key("old"), key("older")] as const;
    assertEquals(await recordedWith(process, keys, "none"), [LOST, LOST]);
  }));

Deno.test("runs that come while a group's feeder leaves are recorded too", () =>
  withMemory(async (process) => {
    const api = new GroupApi();
    const early = await stored(process, api, ["a"], [key("new")]);
    let late: string[] = [];
    const committer = Object.create(process.committer, {
      commit: {
        value: async (write: Parameters<Process["committer"]["commit"]>[0]) => {
          const isLeaving = write.mutations?.some(({ type, key }) =>
            type === "delete" && key[0] === "feed"
          );
          if (isLeaving && late.length === 0) {
            late = await stored(process, api, ["b"], [key("new")]);
            api.endAll();
            feeders.add(GROUP, late);
          }
          return await process.committer.commit(write);
        },
      },
    });
    const feeders = feedersOf(process, api, "new", { committer });
    api.endAll();
    feeders.add(GROUP, early);
    await feeders.idle(AbortSignal.timeout(60_000));
    await feeders.drain();
    assertEquals(await statusesOf(process, [...early, ...late]), ["completed", "completed"]);
  }));

Deno.test("a group goes on with a key that its account got after its runs were created", () =>
  withMemory(async (process) => {
    const spares = ["bad", "new"].map((name) => ({ ...key(name), key_sha256: name }));
    assertEquals(await recordedWith(process, [key("old")], "new", spares), [
      "completed",
      "completed",
    ]);
  }));
