/** The JSX of islands: compiled calls give the same nodes as Preact's own runtime. */
import { assertEquals } from "@std/assert";
import { createRef, type VNode } from "preact";
import { jsx as preactJsx } from "preact/jsx-runtime";
import { Fragment, jsx, jsxs } from "../../../lib/fresh/client/boot.ts";

type Jsx = (type: never, props: never, key?: string | number) => VNode;

const ref = createRef();
const Named = () => null;
Named.defaultProps = { name: "default", title: "default" };

const CASES: readonly (readonly [what: string, type: unknown, props: object, key?: number])[] = [
  ["an element without children", "br", {}],
  ["one child stays one", "p", { children: "text" }],
  ["children stay a list", "p", { class: "a", children: ["a", 1, null] }],
  ["a key is no prop", "li", { children: "a" }, 0],
  ["a ref of an element is no prop", "a", { ref, href: "#" }],
  ["defaults of a component fill what is not given", Named, { title: "given" }, 7],
  ["a fragment has children", Fragment, { children: ["a", "b"] }, 3],
];

for (const [what, type, props, key] of CASES) {
  Deno.test(`JSX of islands: ${what}`, () => {
    const seen = ([jsx, jsxs, preactJsx] as readonly unknown[] as readonly Jsx[]).map((make) => {
      const node = make(type as never, { ...props } as never, key);
      return { type: node.type, props: node.props, key: node.key ?? null, ref: node.ref ?? null };
    });
    assertEquals(seen[0], seen[2]);
    assertEquals(seen[1], seen[2]);
  });
}
