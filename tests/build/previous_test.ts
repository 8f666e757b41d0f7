/** A build keeps what the server that is running may still read of the build before. */
import { assertEquals, assertRejects } from "@std/assert";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { keepPrevious } from "../../lib/build/mod.ts";
import { previousFiles } from "../../lib/build/previous.ts";

const DAY_MS = 24 * 60 * 60_000;

/** Makes builds of these files in a folder of its own; each replaces the one before. */
async function withBuilds(
  test: (build: (names: readonly string[], laterMs?: number) => Promise<string[]>) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const outDir = `${dir}/_fresh`;
  try {
    await test(async (names, laterMs = 0) => {
      const write = async () => {
        await Deno.remove(outDir, { recursive: true }).catch(() => {});
        for (const name of names) {
          const path = `${outDir}/${name}`;
          await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
          await Deno.writeTextFile(path, `${names}`);
        }
      };
      await keepPrevious(outDir, write, () => Date.now() + laterMs);
      const entries = await readdir(dir, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile() && entry.name !== "previous.json")
        .map(({ parentPath, name }) => join(parentPath, name).slice(outDir.length + 1)).sort();
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const A = "static/_fresh/js/Form-84e35cc37a96.js", B = "static/_fresh/js/Form-0123456789ab.js";
const ROUTE = "[id]-5CDUA7O2.js";

Deno.test("a build keeps scripts and routes of the build before, and nothing that has no hash", () =>
  withBuilds(async (build) => {
    await build([A, ROUTE, `${ROUTE}.map`, "bundle.js", "static/old.css"]);
    assertEquals(await build([B, "bundle.js"]), [ROUTE, "bundle.js", B, A].sort());
  }));

Deno.test("the build before is kept however old it is, older ones for a day", () =>
  withBuilds(async (build) => {
    await build([A]);
    assertEquals(await build([B], 2 * DAY_MS), [B, A].sort());
    assertEquals(await build([ROUTE]), [ROUTE, B, A].sort());
    assertEquals(await build(["snapshot.js"], 2 * DAY_MS), [ROUTE, "snapshot.js"].sort());
  }));

Deno.test("a build that fails leaves what was there", () =>
  withBuilds(async (build) => {
    await build([A]);
    await assertRejects(() => build([A, "\0"]));
    assertEquals(await build([A, B]), [B, A].sort());
  }));

Deno.test("what a build keeps is listed, so that a package can leave it out", async () => {
  const outDir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${outDir}/${ROUTE}`, "");
    assertEquals(await previousFiles(outDir), new Set());
    await keepPrevious(outDir, () => Deno.remove(`${outDir}/${ROUTE}`));
    assertEquals(await previousFiles(outDir), new Set([ROUTE]));
  } finally {
    await Deno.remove(outDir, { recursive: true });
  }
});
