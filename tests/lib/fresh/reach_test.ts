/** A page loads every island that it may render. */
import { assertEquals } from "@std/assert";
import { reaching } from "../../../lib/fresh/build/reach.ts";

const FILES = {
  "islands/A.tsx": "export default () => null;",
  "islands/B.tsx": 'import A from "./A.tsx"; export default A;',
  "islands/C.tsx": "export default () => null;",
  "islands/D.tsx": 'export { default } from "../parts/D.tsx";',
  "islands/E.tsx": 'import { E as it, other } from "../parts/E.tsx"; other(); export default it;',
  "parts/D.tsx": "export default () => null;",
  "parts/E.tsx": "export const E = () => null, other = () => {};",
  "parts/mod.ts": 'export * from "./deep.ts";',
  "parts/deep.ts": 'import C from "../islands/C.tsx"; export { C };',
  "parts/circle.ts": 'import "./circle.ts"; import "../routes/circle.tsx";',
  "routes/none.tsx": 'import { h } from "preact"; import "./missing.ts"; export default "A.tsx";',
  "routes/direct.tsx": 'import A from "../islands/A.tsx";',
  "routes/through.tsx": 'import B from "../islands/B.tsx";',
  "routes/face.tsx": "import { C } from '../parts/mod.ts';",
  "routes/mapped.tsx": 'import { C } from "parts";',
  "routes/later.tsx": "const A = () => import(`../islands/A.tsx`);",
  "routes/source.tsx": 'import D from "../parts/D.tsx"; import { E } from "../parts/E.tsx";',
  "routes/circle.tsx": 'import "../parts/circle.ts"; import "../islands/C.tsx";',
};

const REACHED: readonly (readonly [route: string, islands: string[]])[] = [
  ["none", []],
  ["direct", ["A", "B"]],
  ["through", ["A", "B"]],
  ["face", ["C"]],
  ["mapped", ["C"]],
  ["later", ["A", "B"]],
  ["source", ["D", "E"]],
  ["circle", ["C"]],
];

for (const [route, islands] of REACHED) {
  Deno.test(`a route loads the islands it reaches: ${route}`, async () => {
    const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "fresh-test-" }));
    try {
      for (const [name, text] of Object.entries(FILES)) {
        await Deno.mkdir(`${dir}/${name}`.replace(/\/[^/]+$/, ""), { recursive: true });
        await Deno.writeTextFile(`${dir}/${name}`, text);
      }
      const at = (path: string) => new URL(path, `file://${dir}/`).href;
      const names = ["A", "B", "C", "D", "E"];
      const reached = reaching(names.map((name) => at(`islands/${name}.tsx`)), {
        parts: at("parts/mod.ts"),
        preact: "npm:preact",
      });
      assertEquals(
        (await reached(at(`routes/${route}.tsx`))).map((index) => names[index]),
        islands,
      );
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}
