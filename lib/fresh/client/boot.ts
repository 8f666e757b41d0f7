/**
 * The browser code that every page with islands shares: hydration, asset URLs and JSX.
 */
import { type Attributes, type ComponentType, Fragment, h, render, type VNode } from "preact";
import { type Makers, reviver } from "./revive.ts";

/**
 * Resolves the path that `asset()` gets. The framework's only global state: components call `asset`
 * as a plain function, so there is nowhere else to keep it.
 *
 * Three places set `of`: attaching a build, rendering a page on the server, and {@link boot} in the
 * browser, which returns the URLs that the server rendered.
 */
export const assetUrls: { of: (path: string) => string } = { of: (path) => path };

/**
 * Creates the nodes of JSX in islands. Preact's own runtime avoids a copy of the props; `h` is in
 * every page anyway, and calling it is a quarter of a kilobyte lighter. `props` include the children,
 * but not the key.
 */
export function jsx(type: ComponentType, props: Attributes, key?: Attributes["key"]): VNode {
  return h(type, key === undefined ? props : { ...props, key });
}

export { Fragment, jsx as jsxs };

/** The data in the page, written by render/boot.ts. */
interface PageData {
  /** URLs of the chunks. */
  c: string[];
  /** Chunk, export and index of the props in `v`, for each island. */
  i: [number, string, number][];
  /** The values, in the format of render/serialize.ts. */
  v: unknown[];
  /** The URLs of static files by the path that islands asked for. */
  a?: Record<string, string>;
  /** Set if the props are more than plain JSON: another entry then calls `boot` with the makers. */
  m?: 1;
}

/**
 * Hydrates every island: finds its comments, reads its props, loads its chunk and renders between the
 * comments. Does nothing if the props need makers and there are none. An island that fails reports its
 * error and does not affect the others.
 *
 * It uses `render`, not `hydrate`, as Fresh 2.3.3 does (runtime/client/reviver.ts): this keeps elements,
 * but removes attributes that the island does not render in the browser. Islands that work here
 * therefore work there.
 */
export function boot(makers?: Makers): void {
  const { c, i, v, a, m }: PageData = JSON.parse(document.getElementById("__FRSH")!.textContent!);
  if (m && !makers) return;
  if (a) assetUrls.of = (path) => a[path] ?? path;
  const get = reviver(v, makers);
  const comments = document.createTreeWalker(document, 128 /* SHOW_COMMENT */);
  const starts: Comment[] = [];
  while (comments.nextNode()) {
    const start = comments.currentNode as Comment;
    if (start.data.startsWith("i:")) starts.push(start);
  }
  for (const start of starts) {
    const [chunk, name, props] = i[+start.data.slice(2)]!;
    const parent = start.parentNode!;
    const childNodes: Node[] = [];
    let end: Node | null = start;
    while ((end = end.nextSibling) && (end as Comment).data !== "/i") childNodes.push(end);
    // Preact renders into any object that looks like an element: here, a part of one.
    const part = {
      nodeType: 1,
      namespaceURI: (parent as Element).namespaceURI,
      firstChild: childNodes[0],
      childNodes,
      // Preact looks past comments for the next sibling, which may be outside the island.
      insertBefore: (node: Node, before: Node | null) =>
        parent.insertBefore(
          node,
          before && end && end.compareDocumentPosition(before) & 2 ? before : end,
        ),
    };
    import(c[chunk]!).then((module: Record<string, ComponentType>) =>
      render(h(module[name]!, get(props)), part as never)
    );
  }
}
