import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { loadSecrets } from "../../lib/accounts/secrets.ts";
import { ConfigError } from "../../lib/config.ts";

async function inFolder(test: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a generated secret is created once beside the KV file, readable only by its owner", () =>
  inFolder(async (folder) => {
    const path = `${folder}/data/taskstream.db`;
    const [first] = await loadSecrets([], path);
    assert(first!.length >= 32);
    assertEquals<unknown>(await loadSecrets([], path), [first]);
    const { mode } = await Deno.stat(`${folder}/data/session-secret`);
    assertStrictEquals(mode! & 0o777, 0o600);
  }));

Deno.test("processes that start at once agree on one secret", () =>
  inFolder(async (folder) => {
    const path = `${folder}/kv.db`;
    const all = await Promise.all(Array.from({ length: 8 }, () => loadSecrets([], path)));
    assertStrictEquals(new Set(all.flat()).size, 1);
  }));

Deno.test("a configured secret is used unchanged", async () => {
  assertEquals(await loadSecrets(["a", "b"], "x"), ["a", "b"]);
});

Deno.test("a shared database needs a configured secret", async () => {
  await assertRejects(() => loadSecrets([], "https://kv.example/connect"), ConfigError);
  await assertRejects(() => loadSecrets([], null), ConfigError);
});
