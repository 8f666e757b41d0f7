/** Faces: which of their exports end up in the chunks that a page loads first. */
import { fileURLToPath } from "node:url";
import { assertMatch, assertNotMatch, assertRejects } from "@std/assert";
import { bundleIslands } from "../../../lib/fresh/build/bundle.ts";
import { type DenoConfig, readDenoConfig } from "../../../lib/fresh/build/project.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The code of an island's first chunks, and of all others. */
interface Code {
  first: string;
  later: string;
}

/** Bundles the project of `files`, whose one island is Page in island.ts. */
async function bundle(
  files: Record<string, string>,
  change: (config: DenoConfig, url: URL) => DenoConfig = (config) => config,
): Promise<Code> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "fresh-test-" }));
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(`${dir}/${name}`.replace(/\/[^/]+$/, ""), { recursive: true });
      await Deno.writeTextFile(`${dir}/${name}`, text);
    }
    const config = change(await readDenoConfig(ROOT), new URL(`file://${dir}/`));
    const island = { file: `${dir}/island.ts`, exports: ["Page"] };
    const { scripts, islands } = await bundleIslands([island], config, "production");
    const chunks = islands[0]?.chunks ?? [];
    const code = (isFirst: boolean) =>
      Array.from(scripts).filter(([url]) => chunks.includes(url) === isFirst)
        .map(([, script]) => new TextDecoder().decode(script)).join("\n");
    return { first: code(true), later: code(false) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** A page that shows `shown`, and a module that it imports when it is clicked. */
const island = (imports: string, shown: string) =>
  `${imports}\nexport const Page = () => [${shown}, () => import("./lazy.ts")];\n`;

/** Files behind a face: each has a value, a type, and code that no bundler dares to drop. */
const behind = (name: string) =>
  `export const ${name} = () => "${name.toUpperCase()}-VALUE";
   export type ${name.toUpperCase()} = string;
   globalThis.addEventListener("${name.toUpperCase()}-EFFECT", ${name});`;

const LAZY = 'import { b } from "./room/mod.ts"; console.log(b());';
const ROOM = { "room/a.ts": behind("a"), "room/b.ts": behind("b"), "lazy.ts": LAZY };
const FACE =
  '/** The room. */\nexport { a, type A } from "./a.ts";\n// Later:\nexport { b, type B } from "./b.ts";\n';

const HELD: Record<string, Record<string, string>> = {
  "one name": {
    "room/mod.ts": FACE,
    "island.ts": island('import { a } from "./room/mod.ts";', "a()"),
  },
  "types of the other file, marked in each way": {
    "room/mod.ts": FACE,
    "island.ts": island(
      'import { a, type B } from "./room/mod.ts";\nimport type { B as C } from "./room/mod.ts";\n' +
        "export type { B } from './room/mod.ts';\nconst x: B | C = a();",
      "x",
    ),
  },
  "a type that only the face marks": {
    "room/mod.ts": FACE,
    "island.ts": island('import { a, B } from "./room/mod.ts";\nconst x: B = a();', "x"),
  },
  "nothing but a type": {
    "room/mod.ts": FACE,
    "island.ts": island(
      'import { type B } from "./room/mod.ts";\nimport { a } from "./room/a.ts";\nconst x: B = a();',
      "x",
    ),
  },
  "renamed where it is imported": {
    "room/mod.ts": FACE,
    "island.ts": island(
      'import {\n  a as other, // "a" is taken\n} from "./room/mod.ts";',
      "other()",
    ),
  },
  "renamed in the face": {
    "room/mod.ts": 'export { a as other } from "./a.ts";\nexport * as all from "./b.ts";' +
      'export { b } from "./b.ts";',
    "island.ts": island('import { other as one } from "./room/mod.ts";', "one()"),
  },
  "default exports": {
    "room/a.ts": `${behind("a")} export default a;`,
    "room/mod.ts": 'export { default, default as again } from "./a.ts";export { b } from "./b.ts"',
    "island.ts": island('import one, { again } from "./room/mod.ts";', "one(), again()"),
  },
  "a chain of faces": {
    "room/mod.ts": 'export { middle as a, b } from "./inner/mod.ts";',
    "room/inner/mod.ts": 'export { a as middle } from "../a.ts"; export { b } from "../b.ts";',
    "island.ts": island('import { a } from "./room/mod.ts";', "a()"),
  },
  "re-exported by a module with code of its own": {
    "room/mod.ts": FACE,
    "between.ts": 'export { a } from "./room/mod.ts"; export const more = 1;',
    "island.ts": island('import { a } from "./between.ts";', "a()"),
  },
  "`export *`": {
    "room/mod.ts":
      'export * from "./a.ts"; export { b } from "./b.ts"; export type { B } from "./b.ts";',
    "island.ts": island('import { a } from "./room/mod.ts";', "a()"),
  },
  "a circle of faces": {
    "room/mod.ts": 'export { a } from "./inner/mod.ts"; export { b } from "./b.ts";',
    "room/inner/mod.ts": 'export { a } from "../a.ts"; export { b } from "../mod.ts";',
    "island.ts": island('import { a } from "./room/inner/mod.ts";', "a()"),
  },
  "two files behind one import": {
    "room/c.ts": behind("c"),
    "room/mod.ts": `${FACE}export { c } from "./c.ts";`,
    "island.ts": island('import { a, c } from "./room/mod.ts";\nc();', "a()"),
  },
  "two faces in one module, two files behind each": {
    "other/c.ts": behind("c"),
    "other/d.ts": behind("d"),
    "other/mod.ts": 'export { c } from "./c.ts";\nexport { d } from "./d.ts";\n' +
      'export { b } from "../room/b.ts";\n',
    "room/e.ts": behind("e"),
    "room/mod.ts": `${FACE}export { e } from "./e.ts";`,
    "island.ts": island(
      'import { a, e } from "./room/mod.ts";\nimport { c, d } from "./other/mod.ts";\nc(), d(), e();',
      "a()",
    ),
  },
  "a file that takes a name from its own room's face": {
    "room/a.ts": `import { c } from "./mod.ts"; ${behind("a")} console.log(c());`,
    "room/c.ts": behind("c"),
    "room/mod.ts": `${FACE}export { c } from "./c.ts";`,
    "island.ts": island('import { a } from "./room/mod.ts";', "a()"),
  },
};

for (const [name, files] of Object.entries(HELD)) {
  Deno.test(`a face adds only used exports to the first chunks: ${name}`, async () => {
    const { first, later } = await bundle({ ...ROOM, ...files });
    assertMatch(first, /A-VALUE/);
    assertNotMatch(first, /B-VALUE|B-EFFECT/);
    assertMatch(later, /B-VALUE/);
    assertMatch(later, /B-EFFECT/);
  });
}

const A = island('import { a } from "./room/mod.ts";', "a()");
const ALONE: Record<string, Record<string, string>> = {
  "code of its own": { "room/mod.ts": `${FACE}globalThis.name = "mine";`, "island.ts": A },
  "an import": { "room/mod.ts": `import "./b.ts";\n${FACE}`, "island.ts": A },
  "two `export *`": {
    "room/mod.ts": 'export * from "./a.ts"; export * from "./b.ts";',
    "island.ts": A,
  },
  "all of it imported": {
    "room/mod.ts": FACE,
    "island.ts": island('import * as room from "./room/mod.ts";', "room"),
  },
  "imported for its effects": {
    "room/mod.ts": FACE,
    "island.ts": island('import { a } from "./room/mod.ts";\nimport "./room/mod.ts";', "a()"),
  },
};

for (const [name, files] of Object.entries(ALONE)) {
  Deno.test(`a face stays whole: ${name}`, async () => {
    const { first } = await bundle({ ...ROOM, ...files });
    assertMatch(first, /A-VALUE/);
    assertMatch(first, /B-EFFECT/);
  });
}

Deno.test("a dynamic import gets the whole face, even if its module also imports a name", async () => {
  const { first, later } = await bundle({
    ...ROOM,
    "room/mod.ts": FACE,
    "island.ts": island(
      'import { a } from "./room/mod.ts";\nconst x = () => import("./room/mod.ts");',
      "a(), x",
    ),
    "lazy.ts": "export {};",
  });
  assertMatch(first + later, /B-VALUE/);
});

Deno.test("names in the import map lead past faces too, and the project's scopes take precedence", async () => {
  const files = {
    ...ROOM,
    "room/mod.ts": FACE,
    "island.ts": island('import { a } from "@/room/mod.ts";', "a()"),
  };
  const mapped = (config: DenoConfig, url: URL) => ({
    ...config,
    imports: { ...config.imports, "@/": url.href },
  });
  const { first } = await bundle(files, mapped);
  assertMatch(first, /A-VALUE/);
  assertNotMatch(first, /B-VALUE/);
  const other = await bundle({ ...files, "other.ts": 'export const a = () => "OTHER-VALUE";' }, (
    config,
    url,
  ) => ({
    ...mapped(config, url),
    scopes: { [url.href]: { "@/room/mod.ts": new URL("other.ts", url).href } },
  }));
  assertMatch(other.first, /OTHER-VALUE/);
  assertNotMatch(other.first, /A-VALUE/);
});

Deno.test("code that cannot be bundled behind a face is reported with its file name", async () => {
  const report = async (files: Record<string, string>) =>
    (await assertRejects(
      () => bundle({ ...ROOM, "room/mod.ts": FACE, "island.ts": A, ...files }),
      Error,
    ))
      .message;
  assertMatch(await report({ "room/a.ts": "export const a = ;" }), /room\/a\.ts:1:18/);
  const missing = await report({
    "room/mod.ts": `${FACE}export { c } from "./none.ts";\n`,
    "island.ts": island('import { a, c } from "./room/mod.ts";', "a(), c()"),
  });
  assertMatch(missing, /room\/none\.ts/);
  assertMatch(missing, /room\/mod\.ts:5:/);
});
