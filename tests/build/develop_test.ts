import { assertEquals, assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import { developmentConfig } from "../../lib/build/develop.ts";
import { resolvedTo, sourceOf } from "../../lib/build/framework.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

Deno.test("development runs with the same imports and options, and compiles JSX to calls", async () => {
  const text = await Deno.readTextFile(join(ROOT, "deno.json"));
  const config = JSON.parse(text);
  const made = JSON.parse(developmentConfig(text, "/home/me/a project"));
  assertEquals(Object.keys(made.imports), Object.keys(config.imports));
  assertStrictEquals(made.imports.fresh, "file:///home/me/a%20project/lib/fresh/mod.ts");
  assertStrictEquals(made.imports.preact, config.imports.preact);
  assertEquals(made.unstable, config.unstable);
  assertStrictEquals(made.nodeModulesDir, config.nodeModulesDir);
  const { jsx, jsxPrecompileSkipElements: _, ...options } = config.compilerOptions;
  assertEquals(made.compilerOptions, { ...options, jsx: "react-jsx" });
  assertStrictEquals(jsx, "precompile");
});

Deno.test("development and the switch to JSR accept comments and trailing commas in deno.json", async () => {
  const text = await Deno.readTextFile(join(ROOT, "deno.json"));
  const commented = `// "imports": {}\n${text.replaceAll("\n  }", ", /* , */\n  }")}`;
  assertStrictEquals(developmentConfig(commented, "/"), developmentConfig(text, "/"));
  assertStrictEquals(sourceOf(commented), sourceOf(text));
  const switched = resolvedTo(commented, sourceOf(text) === "npm" ? "jsr" : "npm");
  assertStrictEquals(resolvedTo(switched, sourceOf(text)), commented);
});
