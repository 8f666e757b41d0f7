import { assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { Committer } from "../../lib/store/committer.ts";
import {
  DamagedPartsError,
  PART_BYTES,
  readParts,
  readText,
  writeParts,
} from "../../lib/store/parts.ts";
import { openKv, pingKv, SchemaError } from "../../lib/store/open.ts";

const bytesOf = (length: number) => new Uint8Array(length).map((_, index) => index * 7);

for (const length of [0, 1, PART_BYTES, PART_BYTES + 1, 5_000_000]) {
  Deno.test({
    name: "a database is readable only by its owner, new or old, whatever its folder's mode",
    ignore: Deno.build.os === "windows",
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        await Deno.chmod(folder, 0o755);
        const path = `${folder}/taskstream.db`;
        const rights = async () => {
          const kv = await openKv(path);
          await kv.set(["written"], true);
          const files = [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`);
          const modes = files.map((file) => (Deno.statSync(file).mode ?? 0) & 0o777);
          kv.close();
          return modes;
        };
        assertEquals(await rights(), [0o600, 0o600, 0o600]);
        for (const { name } of Deno.readDirSync(folder)) Deno.chmodSync(`${folder}/${name}`, 0o644);
        assertEquals(await rights(), [0o600, 0o600, 0o600]);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });

  Deno.test(`a value of ${length} bytes is restored from its parts`, async () => {
    using kv = await Deno.openKv(":memory:");
    const bytes = bytesOf(length);
    const ref = await writeParts(new Committer(kv), ["v"], bytes);
    assertStrictEquals(ref.parts, Math.max(1, Math.ceil(length / PART_BYTES)));
    assertEquals(await readParts(kv, ["v"], ref), bytes);
  });
}

Deno.test("a missing, changed or surplus part is an error, never a wrong value", async () => {
  using kv = await Deno.openKv(":memory:");
  const committer = new Committer(kv);
  const ref = await writeParts(committer, ["v"], bytesOf(PART_BYTES * 3));
  await kv.set(["v", 3], new Uint8Array(10));
  assertStrictEquals(
    (await readParts(kv, ["v"], ref)).byteLength,
    PART_BYTES * 3,
    "a later leftover is not read",
  );
  await kv.set(["v", 1], bytesOf(PART_BYTES).fill(1));
  await assertRejects(() => readParts(kv, ["v"], ref), DamagedPartsError);
  await kv.delete(["v", 1]);
  await assertRejects(() => readParts(kv, ["v"], ref), DamagedPartsError);
});

Deno.test("a database in a newer layout is rejected with a message", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/deep/kv.db`;
    (await openKv(path)).close();
    const { mode } = await Deno.stat(`${folder}/deep`);
    assertStrictEquals(
      (mode ?? 0) & 0o077,
      0,
      "nobody else looks into a folder that was made for it",
    );
    const kv = await Deno.openKv(path);
    await kv.set(["schema"], 99);
    kv.close();
    await assertRejects(() => openKv(path), SchemaError);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an unresponsive database is detected", async () => {
  using kv = await Deno.openKv(":memory:");
  await pingKv(kv);
  assertMatch(
    String(await assertRejects(() => pingKv({ get: () => new Promise(() => {}) }, 1))),
    /No response in 1 ms/,
  );
  assertMatch(
    String(await assertRejects(() => pingKv({ get: () => Promise.reject(new Error("gone")) }))),
    /gone/,
  );
});

Deno.test("a text is restored from its parts, whatever they cut", async () => {
  using kv = await Deno.openKv(":memory:");
  // No part ends where a character does.
  const text = `x${"é€😀".repeat(PART_BYTES / 4)}`;
  const ref = await writeParts(new Committer(kv), ["v"], new TextEncoder().encode(text));
  assertStrictEquals(await readText(kv, ["v"], ref), text);
});
