import assert from "node:assert/strict";
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

Deno.test("a generated secret is made once, readable by its owner alone, beside the KV file", () =>
  inFolder(async (folder) => {
    const path = `${folder}/data/taskstream.db`;
    const [first] = await loadSecrets([], path);
    assert.ok(first!.length >= 32);
    assert.deepEqual(await loadSecrets([], path), [first]);
    const { mode } = await Deno.stat(`${folder}/data/session-secret`);
    assert.equal(mode! & 0o777, 0o600);
  }));

Deno.test("processes that start at once agree on one secret", () =>
  inFolder(async (folder) => {
    const path = `${folder}/kv.db`;
    const all = await Promise.all(Array.from({ length: 8 }, () => loadSecrets([], path)));
    assert.equal(new Set(all.flat()).size, 1);
  }));

Deno.test("a configured secret is used as it is", async () => {
  assert.deepEqual(await loadSecrets(["a", "b"], "x"), ["a", "b"]);
});

Deno.test("a shared database needs a configured secret", async () => {
  await assert.rejects(loadSecrets([], "https://kv.example/connect"), ConfigError);
  await assert.rejects(loadSecrets([], null), ConfigError);
});
