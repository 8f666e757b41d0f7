import { assert, assertEquals } from "@std/assert";
import { AdminPage } from "../../routes/admin/(_parts)/AdminPage.tsx";
import { htmlOf, START_MS } from "./fixtures.ts";

Deno.test("no figure of an instance is wider than the narrowest window, whatever its uptime", () => {
  const html = htmlOf(
    <AdminPage
      figures={[]}
      now={START_MS + 399 * 86_400_000 - 1}
      instance={{
        version: "0.1.0",
        deno: "2.9.6",
        store: "a KV Connect server",
        schema: 2,
        startedMs: START_MS,
        activeRuns: 123_456,
        memoryBytes: 1_234_567_890,
        draining: true,
      }}
    />,
  );
  const values = [...html.matchAll(/<dd[^>]*>([^<]*)<\/dd>/g)].map(([, value = ""]) => value);
  assert(values.includes("2026-10-05 12:00:00 UTC"), values.join("\n"));
  // They do not wrap: 290 px, of 8.5 px a character at most.
  assertEquals(values.filter((value) => value.length > 34), []);
});
