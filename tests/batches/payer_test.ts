/** Batches of accounts with several keys, of which the API refuses one. */
import { assertEquals, assertMatch, assertStrictEquals, fail } from "@std/assert";
import type { RunOwner } from "../../lib/runs/mod.ts";
import { TestApp } from "../app/test_app.ts";
import { GroupApi } from "../proxy/group_api.ts";
import { errorJson } from "../proxy/proxy_app.ts";
import { batchOf, companies, created, pageWhen, rowsOf } from "./batch_tools.ts";

const [OLD, NEXT] = ["pk-first-key-1234", "pk-second-key-1234"];

interface House {
  readonly app: TestApp;
  readonly api: GroupApi;
  readonly owner: RunOwner;
  /** Keys that the API refuses, and those of other organisations, which do not see its groups. */
  readonly refused: Set<string | null>;
  readonly foreign: Set<string | null>;
  /** Keys that rows were sent with. */
  readonly payers: Set<string | null>;
}

/** An account whose first key created a batch of two rows, of which one was sent, and has a second key. */
async function withPaused(test: (house: House, batch: string) => Promise<void>): Promise<void> {
  const api = new GroupApi(), payers = new Set<string | null>();
  const refused = new Set<string | null>(), foreign = new Set<string | null>();
  const app = await TestApp.start({
    api: async (request) => {
      const key = request.headers.get("x-api-key");
      if (refused.has(key)) return Response.json(errorJson("Unauthorized"), { status: 401 });
      const { pathname } = new URL(request.url);
      if (foreign.has(key) && pathname.includes("/groups/")) {
        return Response.json(errorJson("Group not found"), { status: 404 });
      }
      if (request.method === "POST" && pathname.endsWith("/runs")) payers.add(key);
      return await api.options.recorderApi!(request);
    },
  });
  try {
    const browser = await app.browser().enterKey(OLD);
    const owner = await app.services.runs.ownerOf(OLD);
    const batch = await created(app, owner, await batchOf(companies(2), { trial: 1 }));
    await pageWhen(app, owner, batch, (page) => rowsOf(page)[0]!.status === "running");
    assertEquals([...payers], [OLD]);
    payers.clear();
    const added = await browser.post("/account/keys", { api_key: NEXT, confirm: "yes" });
    assertStrictEquals(added.status, 303);
    refused.add(OLD);
    await test({ app, api, owner, refused, foreign, payers }, batch);
  } finally {
    await app.close();
  }
}

Deno.test("a batch goes on with another key of its account when the API refuses the first one", () =>
  withPaused(async ({ app, owner, payers }, batch) => {
    await app.services.batches.command(owner, batch, { type: "start", rows: null });
    const page = await pageWhen(
      app,
      owner,
      batch,
      (page) => page.view.state === "paused" || rowsOf(page)[1]!.status !== "waiting",
    );
    assertEquals([page.view.reason, [...payers]], [null, [NEXT]]);
  }));

Deno.test("a batch pauses if no key of its account sees its group", () =>
  withPaused(async ({ app, foreign, owner, payers }, batch) => {
    foreign.add(NEXT);
    await app.services.batches.command(owner, batch, { type: "start", rows: null });
    const { view } = await pageWhen(app, owner, batch, ({ view }) => view.state === "paused");
    assertMatch(view.reason ?? fail("no reason"), /rejected the next rows: Unauthorized/);
    assertEquals([...payers], []);
  }));
