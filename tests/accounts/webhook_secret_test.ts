import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Keyring } from "../../lib/accounts/keyring.ts";
import { WebhookSecrets } from "../../lib/accounts/webhook_secret.ts";
import { Committer } from "../../lib/store/committer.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

async function withKv(test: (kv: Deno.Kv, committer: Committer) => Promise<void>) {
  const kv = await Deno.openKv(":memory:");
  try {
    await test(kv, new Committer(kv));
  } finally {
    kv.close();
  }
}

Deno.test("only the account itself can find its webhook secret", () =>
  withKv(async (kv, committer) => {
    const secrets = new WebhookSecrets(kv, committer, await Keyring.from(["a".repeat(32)]));
    assertStrictEquals(await secrets.get("one"), null);
    await secrets.set("one", SECRET);
    assertStrictEquals(await secrets.get("one"), SECRET);
    assertStrictEquals(await secrets.get("two"), null);
  }));

Deno.test("a webhook secret is stored sealed, and removed without remains", () =>
  withKv(async (kv, committer) => {
    const secrets = new WebhookSecrets(kv, committer, await Keyring.from(["a".repeat(32)]));
    await secrets.set("one", SECRET);
    const stored = await Array.fromAsync(kv.list({ prefix: [] }));
    assertStrictEquals(stored.length, 1);
    assert(!JSON.stringify(stored).includes("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    await secrets.set("one", null);
    assertEquals(await Array.fromAsync(kv.list({ prefix: [] })), []);
  }));

Deno.test("a webhook secret that can no longer be decrypted counts as absent", () =>
  withKv(async (kv, committer) => {
    const before = new WebhookSecrets(kv, committer, await Keyring.from(["a".repeat(32)]));
    await before.set("one", SECRET);
    const rotated = await Keyring.from(["b".repeat(32), "a".repeat(32)]);
    assertStrictEquals(await new WebhookSecrets(kv, committer, rotated).get("one"), SECRET);
    const dropped = await Keyring.from(["b".repeat(32)]);
    const sealedAnew = await new WebhookSecrets(kv, committer, dropped).get("one");
    assertStrictEquals(sealedAnew, SECRET, "reading it with both sealed it with the newest");
    const changed = await Keyring.from(["c".repeat(32)]);
    assertStrictEquals(await new WebhookSecrets(kv, committer, changed).get("one"), null);
  }));
