/** A build keeps what the server that is running may still read of the build before. */
import { assertEquals, assertRejects } from "@std/assert";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { config } from "../../fresh.config.ts";
import { keepPrevious, previousFiles } from "../../lib/build/previous.ts";
import { ORIGIN, withApp } from "../app/test_app.ts";

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

Deno.test("a build that fails after it replaced the one before keeps its scripts and routes", () =>
  withBuilds(async (build) => {
    await build([A, ROUTE]);
    await assertRejects(() => build([B, "\0"]));
    assertEquals(await build([]), [ROUTE, B, A].sort());
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

Deno.test("a page from before a restart still gets scripts that it had not loaded", () =>
  withApp(async (app) => {
    // As a build leaves it there: with a name that no list of the new build has.
    const name = `kept-${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}.js`;
    const folder = join(config.root, config.outDir, "static", "_fresh", "js");
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(join(folder, name), "export {};");
    const packed = join(config.root, config.outDir, "gzip", "_fresh", "js");
    await Deno.mkdir(packed, { recursive: true });
    await Deno.writeFile(join(packed, name), gzipSync("export {};"));
    try {
      const get = (path: string, method = "GET", headers = {}) =>
        app.handle(new Request(`${ORIGIN}/_fresh/js/${path}`, { method, headers }));
      const response = await get(name);
      assertEquals(
        [response.status, response.headers.get("content-type"), await response.text()],
        [200, "text/javascript; charset=utf-8", "export {};"],
      );
      assertEquals((await get(name, "HEAD")).status, 200);
      const small = await get(name, "GET", { "accept-encoding": "br, gzip" });
      assertEquals(
        [small.headers.get("content-encoding"), small.headers.get("vary")],
        ["gzip", "accept-encoding"],
      );
      assertEquals(gunzipSync(await small.bytes()).toString(), "export {};");
      for (const other of [`../../${name}`, `..%2f${name}`, "kept-000000000000.js", "kept.js"]) {
        assertEquals((await get(other)).status, 404, other);
      }
    } finally {
      await Deno.remove(join(folder, name));
      await Deno.remove(join(packed, name));
    }
  }));
