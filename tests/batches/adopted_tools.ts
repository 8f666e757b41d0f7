/** Shared by the tests of adopted groups: an app on a scripted API that has groups of its own. */
import { assertEquals, fail } from "@std/assert";
import type { RunOwner } from "../../lib/runs/mod.ts";
import { TestApp, type TestAppOptions } from "../app/test_app.ts";
import { addThroughApi, GroupApi } from "../proxy/group_api.ts";
import { ownerOf } from "./batch_tools.ts";

export const KEY = "pk-adopted-key-1234";
export const GROUP = `tgrp_${"b".repeat(32)}`;
export const ADOPTED = { state: "adopted" } as const;

export const inputsOf = (count: number, from = 0, more: Record<string, unknown> = {}) =>
  Array.from({ length: count }, (_, at) => ({
    input: { company: `Acme ${from + at + 1}`, zip: `0${from + at}` },
    processor: "lite",
    ...more,
  }));

export interface House {
  readonly app: TestApp;
  readonly api: GroupApi;
  readonly owner: RunOwner;
}

export const onApi = (api: GroupApi, options: TestAppOptions = {}) =>
  TestApp.start({ api: (request) => api.options.recorderApi!(request), ...options });

export async function withHouse(
  test: (house: House) => Promise<void>,
  options: TestAppOptions = {},
): Promise<void> {
  const api = new GroupApi();
  const app = await onApi(api, options);
  try {
    await test({ app, api, owner: await ownerOf(app, KEY) });
  } finally {
    await app.close();
  }
}

/** Adopts the group and returns its page. */
export async function adopted({ app, owner }: Pick<House, "app" | "owner">) {
  assertEquals(await app.services.batches.adopt(owner, GROUP), ADOPTED);
  return await app.services.batches.page(owner.id, GROUP) ?? fail("no batch");
}

/** Adds runs to the group through `/api`. */
export const addThere = ({ app }: Pick<House, "app">, inputs: readonly unknown[]) =>
  addThroughApi(app, KEY, GROUP, inputs);

/** The runs that are lines of their own, and all runs. */
export async function linesOf({ app, owner }: House) {
  const history = app.services.histories;
  const own = await history.list(owner.id, { limit: 100 });
  const all = await history.list(owner.id, { limit: 100, rows: true });
  return { own: own.runs, all: all.runs };
}
