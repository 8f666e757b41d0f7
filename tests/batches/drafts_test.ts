/** Drafts: unsent tables, kept for a day. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { Drafts, readTable } from "../../lib/batches/mod.ts";
import type { NewDraft } from "../../lib/batches/mod.ts";
import { Committer } from "../../lib/store/mod.ts";

const ACCOUNT = "acct_1";
const DAY_MS = 24 * 60 * 60_000;

async function draftOf(csv: string): Promise<NewDraft> {
  const read = await readTable(csv);
  if (!read.ok) throw new Error("the table cannot be read");
  return { name: "companies.csv", table: read.table, fields: { columns: "", processor: "lite" } };
}

async function withDrafts(
  test: (drafts: Drafts, clock: { ms: number }, kv: Deno.Kv) => Promise<void>,
): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  const clock = { ms: 1_000_000 };
  try {
    await test(new Drafts({ kv, committer: new Committer(kv), now: () => clock.ms }), clock, kv);
  } finally {
    kv.close();
  }
}

Deno.test("only one of many concurrent requests claims a draft until it is sent or fails", () =>
  withDrafts(async (drafts, clock) => {
    const id = await drafts.save("a", await draftOf("a,b\n1,2\n"));
    const asked = await Promise.all(Array.from({ length: 5 }, () => drafts.claim("a", id)));
    assertEquals(asked.map(({ status }) => status).sort(), [
      "busy",
      "busy",
      "busy",
      "busy",
      "claimed",
    ]);
    assertEquals(await drafts.claim("b", id), { status: "unknown" });
    await drafts.settle("a", id, null);
    assertEquals(await drafts.claim("a", id), { status: "claimed" });
    // Its process died.
    clock.ms += 60_000;
    assertEquals(await drafts.claim("a", id), { status: "claimed" });
    await drafts.settle("a", id, "tgrp_1");
    assertEquals(await drafts.claim("a", id), { status: "sent", batchId: "tgrp_1" });
    assertEquals((await drafts.read("a", id))?.batch_id, "tgrp_1");
  }));

Deno.test("a draft's fields change without its table, and leave nothing behind", () =>
  withDrafts(async (drafts, _, kv) => {
    const id = await drafts.save(ACCOUNT, await draftOf("name\nAcme\n"));
    const partsOf = async () =>
      (await Array.fromAsync(kv.list({ prefix: ["draft-part", ACCOUNT, id] }))).length;
    for (const processor of ["core", "pro"]) {
      assertStrictEquals(await drafts.changeFields(ACCOUNT, id, { processor }), true);
      const draft = await drafts.read(ACCOUNT, id);
      assertEquals(draft?.fields, { processor });
      assertEquals(draft?.table.rows.length, 1);
      assertStrictEquals(await partsOf(), 2);
    }
    assertStrictEquals(await drafts.change(ACCOUNT, id, await draftOf("name\nBolt\nCord\n")), true);
    const draft = await drafts.read(ACCOUNT, id);
    assertEquals([draft?.fields.processor, draft?.table.rows.length], ["lite", 2]);
    assertStrictEquals(await partsOf(), 1);
    assertStrictEquals(await drafts.changeFields("acct_2", id, {}), false);
  }));

Deno.test("a draft that was sent stays sent if its form changes", () =>
  withDrafts(async (drafts) => {
    const id = await drafts.save(ACCOUNT, await draftOf("name\nAcme\n"));
    await drafts.claim(ACCOUNT, id);
    await drafts.change(ACCOUNT, id, await draftOf("name\nBolt\n"));
    await drafts.changeFields(ACCOUNT, id, { processor: "pro" });
    assertEquals(await drafts.claim(ACCOUNT, id), { status: "busy" });
    await drafts.settle(ACCOUNT, id, "tgrp_1");
    await drafts.change(ACCOUNT, id, await draftOf("name\nCord\n"));
    assertEquals(await drafts.claim(ACCOUNT, id), { status: "sent", batchId: "tgrp_1" });
  }));

Deno.test("the drafts of an account that are neither sent nor expired are listed, the newest first", () =>
  withDrafts(async (drafts, clock) => {
    const first = await drafts.save(ACCOUNT, await draftOf("name\nAcme\n"));
    clock.ms += 60_000;
    const draft = await draftOf("name\nAcme\nBolt\n");
    const second = await drafts.save(ACCOUNT, { ...draft, name: `${"n".repeat(199)}😀` });
    const lineOf = async () => (await drafts.unsent(ACCOUNT)).map(({ id, rows }) => [id, rows]);
    assertEquals(await lineOf(), [[second, 2], [first, 1]]);
    assertEquals((await drafts.unsent(ACCOUNT))[0]!.name, "n".repeat(199));
    assertEquals(await drafts.unsent("acct_2"), []);
    await drafts.changeFields(ACCOUNT, first, { columns: "0" });
    await drafts.change(ACCOUNT, second, await draftOf("name\nBolt\nCord\nDash\n"));
    assertEquals(await lineOf(), [[second, 3], [first, 1]]);
    await drafts.claim(ACCOUNT, second);
    await drafts.settle(ACCOUNT, second, "tgrp_1");
    assertEquals(await lineOf(), [[first, 1]]);
    clock.ms += 24 * 60 * 60_000;
    assertEquals(await lineOf(), []);
  }));

Deno.test("a draft is read back unchanged, and only by its account", () =>
  withDrafts(async (drafts) => {
    const draft = await draftOf("name,zip\nAcme,007\nBolt,\n");
    const id = await drafts.save(ACCOUNT, draft);
    assertEquals(await drafts.read(ACCOUNT, id), {
      ...draft,
      id,
      created_ms: 1_000_000,
      batch_id: null,
    });
    assertStrictEquals(await drafts.read("acct_2", id), null);
    for (const invented of ["", "../x", crypto.randomUUID()]) {
      assertStrictEquals(await drafts.read(ACCOUNT, invented), null);
      assertStrictEquals(await drafts.change(ACCOUNT, invented, draft), false);
    }
  }));

Deno.test("a draft expires after a day, even if it was changed", () =>
  withDrafts(async (drafts, clock) => {
    const draft = await draftOf("name\nAcme\n");
    const id = await drafts.save(ACCOUNT, draft);
    clock.ms += DAY_MS - 1;
    assertStrictEquals(await drafts.change(ACCOUNT, id, { ...draft, name: "other" }), true);
    assertStrictEquals((await drafts.read(ACCOUNT, id))?.name, "other");
    clock.ms += 1;
    assertStrictEquals(await drafts.read(ACCOUNT, id), null);
  }));

Deno.test("an account keeps its 20 newest drafts and deletes older ones completely", () =>
  withDrafts(async (drafts, clock, kv) => {
    const ids: string[] = [];
    for (let each = 0; each < 22; each++) {
      clock.ms += 1;
      ids.push(await drafts.save(ACCOUNT, await draftOf(`name\nAcme ${each}\n`)));
    }
    const left = await Promise.all(ids.map((id) => drafts.read(ACCOUNT, id)));
    assertEquals(left.map((draft) => draft !== null), ids.map((_, at) => at >= 2));
    for (const id of ids) await drafts.remove(ACCOUNT, id);
    assertEquals(await Array.fromAsync(kv.list({ prefix: [] })), []);
  }));

Deno.test("a large table is stored in parts", () =>
  withDrafts(async (drafts) => {
    const draft = await draftOf(`name\n${"x".repeat(200_000)}\n`);
    const id = await drafts.save(ACCOUNT, draft);
    assertEquals((await drafts.read(ACCOUNT, id))?.table.rows, draft.table.rows);
  }));

Deno.test("a table is sent although what is typed in its form is kept at the same moment", () =>
  withDrafts(async (drafts, clock, kv) => {
    const id = await drafts.save(ACCOUNT, await draftOf("name\nAcme\n"));
    const committer = new Committer(kv);
    // The page's script keeps the form right before each of the two commits.
    let keeps = 0;
    const beaten = new Drafts({
      kv,
      now: () => clock.ms,
      committer: {
        commit: async (write: Parameters<Committer["commit"]>[0]) => {
          if (keeps < 2) await drafts.changeFields(ACCOUNT, id, { processor: `kept ${++keeps}` });
          return await committer.commit(write);
        },
      } as Committer,
    });
    assertEquals(await beaten.claim(ACCOUNT, id), { status: "claimed" });
    assertEquals(await drafts.claim(ACCOUNT, id), { status: "busy" });
    keeps = 0;
    await beaten.settle(ACCOUNT, id, "tgrp_1");
    assertEquals(await drafts.claim(ACCOUNT, id), { status: "sent", batchId: "tgrp_1" });
    assertEquals((await drafts.read(ACCOUNT, id))?.fields, { processor: "kept 2" });
  }));
