/**
 * Wakes the islands of a page: finds their comments, reads their props, loads their chunks and
 * renders into what stands between the comments.
 *
 * With `render`, not `hydrate`, as Fresh 2.3.3 does (runtime/client/reviver.ts): elements are kept, but
 * attributes that the island does not render in the browser are removed. Islands that work here
 * therefore work there.
 */
import { type ComponentType, h, render } from "preact";
import { assetUrls } from "./assets.ts";
import { type Makers, reviver } from "./revive.ts";

/** What the server writes into the page, see render/boot.ts. */
interface PageData {
  /** URLs of the chunks. */
  c: string[];
  /** For each island: its chunk, its export, its props' place among the values. */
  i: [number, string, number][];
  /** The values, see revive.ts. */
  v: unknown[];
  /** Static files that the page asked for, and their URLs. */
  a?: Record<string, string>;
  /** There where the props are more than plain JSON, for which an entry of its own brings the makers. */
  m?: 1;
}

/** Wakes every island, unless makers are needed and not given; one that fails reports its error and leaves the others alone. */
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
    // Preact takes anything that looks enough like an element: here, a part of one.
    const part = {
      nodeType: 1,
      namespaceURI: (parent as Element).namespaceURI,
      firstChild: childNodes[0],
      childNodes,
      // Preact looks past comments for the next sibling; what follows the island is not ours.
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
