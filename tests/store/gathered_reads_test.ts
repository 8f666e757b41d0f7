import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { gatherReads } from "../../lib/store/gathered_reads.ts";

/** A database that counts the keys of each request. */
async function withCounted(test: (kv: Deno.Kv, requests: number[]) => Promise<void>) {
  using kv = await Deno.openKv(":memory:");
  const requests: number[] = [];
  const readOne = kv.get.bind(kv), readMany = kv.getMany.bind(kv);
  kv.get = <T>(key: Deno.KvKey) => {
    requests.push(1);
    return readOne<T>(key);
  };
  kv.getMany = ((keys: readonly Deno.KvKey[]) => {
    requests.push(keys.length);
    return readMany(keys);
  }) as typeof kv.getMany;
  gatherReads(kv);
  await test(kv, requests);
}

for (
  const { asked, sent } of [
    { asked: 1, sent: [1] },
    { asked: 10, sent: [10] },
    { asked: 23, sent: [10, 10, 3] },
    { asked: 21, sent: [10, 10, 1] },
  ]
) {
  Deno.test(`${asked} concurrent reads are sent as ${sent.join(" and ")}, each with its own result`, () =>
    withCounted(async (kv, requests) => {
      for (let n = 0; n < asked; n += 2) await kv.set(["n", n], n);
      const found = await Promise.all(
        Array.from({ length: asked }, (_, n) => kv.get<number>(["n", n])),
      );
      assertEquals(found.map(({ value }) => value), found.map((_, n) => n % 2 === 0 ? n : null));
      assertEquals(found.map(({ key }) => key), found.map((_, n) => ["n", n]));
      assertEquals(requests, sent);
    }));
}

Deno.test("a key that KV rejects fails only its own read", () =>
  withCounted(async (kv) => {
    await kv.set(["a"], 1);
    const refused = kv.get(["x".repeat(5_000)]);
    const [found] = await Promise.all([kv.get(["a"]), assertRejects(() => refused, TypeError)]);
    assertStrictEquals(found.value, 1);
  }));

Deno.test("a read after another's response sees the writes in between", () =>
  withCounted(async (kv) => {
    assertStrictEquals((await kv.get(["a"])).value, null);
    await kv.set(["a"], 2);
    assertStrictEquals((await kv.get(["a"])).value, 2);
  }));
