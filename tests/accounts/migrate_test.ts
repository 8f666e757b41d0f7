/** Migrates accounts created before they had a key list. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { listKeys } from "../../lib/accounts/keys.ts";
import { Accounts } from "../../lib/accounts/accounts.ts";
import { Committer } from "../../lib/store/committer.ts";

Deno.test("an account in the first layout gets its key list, and can be deleted completely", async () => {
  using kv = await Deno.openKv(":memory:");
  const accounts = new Accounts(kv, new Committer(kv), () => 1000);
  const { id } = await accounts.forKey("pk-the-first-key");
  await accounts.add(id, "pk-the-second-key");
  const other = await accounts.forKey("pk-of-somebody-else");
  const expected = await accounts.keys(id);
  assertStrictEquals(expected.length, 2);
  // That layout did not know who had agreed to a key.
  const bare = expected.map(({ confirmed: _, ...key }) => key);
  for await (const { key } of kv.list({ prefix: ["keys"] })) await kv.delete(key);
  // What a removed account may have left.
  await kv.set(["key", "ab".repeat(32)], "gone");

  await listKeys(kv);
  await listKeys(kv);
  assertEquals(new Set(await accounts.keys(id)), new Set(bare));
  assertStrictEquals((await accounts.keys(other.id)).length, 1);
  assertEquals(await accounts.keys("gone"), []);
  assertStrictEquals(await accounts.forget(id), 2);
  assertStrictEquals(await accounts.find("pk-the-second-key"), null);
});
