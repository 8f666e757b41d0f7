/**
 * Parts of a page that are rendered apart from what is around them, in the same contexts: the body,
 * because what belongs into the head is known only after it, and what `<Head>` holds.
 *
 * Cutting them out of the finished page instead would mean searching it: the renderer leaves a tree of
 * a thousand small strings, and a search first copies that into one. They are rendered after what is
 * around them, not within: nested renders made the garbage collector work twice as hard.
 */
import { cloneElement, type ComponentChildren, toChildArray, type VNode } from "preact";
import { comment } from "./comment.ts";
import { identityOf } from "./head.ts";
import { BODY } from "./marks.ts";
import type { RenderState } from "./state.ts";

/** What a part gets: its children, and the render it is a part of. */
export type PartProps = { children?: ComponentChildren; state: RenderState };

/** Children to render, and the contexts around them. */
export interface Part {
  children: ComponentChildren;
  context: unknown;
}

/** Stands in for the children of `<body>`. The renderer hands the whole context to components. */
export function BodyPart({ children, state }: PartProps, context?: unknown): VNode {
  state.body = { children, context };
  return comment(BODY.slice(4, -3));
}

/** Stands in for `<Head>`. */
export function HeadPart({ children, state }: PartProps, context?: unknown): null {
  const keyed = toChildArray(children).map((child) => {
    if (typeof child !== "object") return child;
    if (child.key != null) return cloneElement(child, { "data-key": child.key });
    if (typeof child.type === "string") state.headTags.add(identityOf(child.type, child.props));
    return child;
  });
  state.heads.push({ children: keyed, context });
  return null;
}
