import { assert, assertNotEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Keyring, SealError } from "../../lib/accounts/keyring.ts";

const OLD = "o".repeat(32), NEW = "n".repeat(32), OTHER = "x".repeat(32);

Deno.test("a sealed text reveals nothing and opens with the same secret", async () => {
  const keyring = await Keyring.from([OLD]);
  const sealed = await keyring.seal("pk-canary");
  assert(
    !sealed.includes("canary") &&
      !atob(sealed.split(".")[3]!.replace(/[-_]/g, "A")).includes("canary"),
  );
  assertStrictEquals(await keyring.open(sealed), "pk-canary");
  assertNotEquals(await keyring.seal("pk-canary"), sealed, "never the same nonce twice");
});

Deno.test("old seals and signatures remain valid after one rotation, but not after two", async () => {
  const before = await Keyring.from([OLD]);
  const sealed = await before.seal("text");
  const signed = await before.sign("id");
  const rotated = await Keyring.from([NEW, OLD]);
  assertStrictEquals(await rotated.open(sealed), "text");
  assertStrictEquals(await rotated.verify(signed), "id");
  const later = await Keyring.from([NEW]);
  await assertRejects(() => later.open(sealed), SealError);
  assertStrictEquals(await later.verify(signed), null);
});

for (const broken of ["", "a.b.c.d.e", "not sealed", "eyJhbGciOiJub25lIn0.e30."]) {
  Deno.test(`open refuses ${JSON.stringify(broken)}`, async () => {
    await assertRejects(async () => (await Keyring.from([OLD])).open(broken), SealError);
  });
}

Deno.test("verify refuses every change of value or signature", async () => {
  const keyring = await Keyring.from([OLD]);
  const signed = await keyring.sign("session-id");
  const foreign = await (await Keyring.from([OTHER])).sign("session-id");
  const flipped = signed.slice(0, -2) + (signed.at(-2) === "A" ? "B" : "A") + signed.at(-1);
  for (
    const bad of [
      "",
      ".",
      "session-id",
      "session-id.",
      "x" + signed,
      flipped,
      foreign,
      "session-id.%%%",
    ]
  ) {
    assertStrictEquals(await keyring.verify(bad), null, bad);
  }
});
