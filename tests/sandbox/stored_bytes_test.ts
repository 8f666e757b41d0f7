/** The sum of what the sandbox stores. */
import { assertRejects, assertStrictEquals } from "@std/assert";
import { StoredBytes } from "../../lib/sandbox/stored_bytes.ts";
import { wrap } from "../runs/log_tools.ts";

Deno.test("after a failure of the store the bytes are counted again at once, not a minute later", async () => {
  const kv = await Deno.openKv(":memory:");
  try {
    await new StoredBytes(kv, () => 0).add([{ runId: "trun_a", bytes: 1_000 }]);
    let isAway = true;
    const list: Deno.Kv["list"] = (...args) => {
      if (isAway) throw new Error("away");
      return kv.list(...args);
    };
    const bytes = new StoredBytes(wrap(kv, { list }), () => 0);
    await assertRejects(() => bytes.sum(), Error, "away");
    isAway = false;
    assertStrictEquals(await bytes.sum(), 1_000 + 32 * 1024);
  } finally {
    kv.close();
  }
});
