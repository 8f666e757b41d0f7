/**
 * An HTML comment as a vnode: the renderer's own way, which keeps tables and lists valid where a
 * wrapper element would not be.
 */
import { Fragment, h, type VNode } from "preact";

/** Renders as `<!--text-->`. */
export function comment(text: string): VNode {
  // The key keeps it whole where it is all that a component renders.
  const props: Record<string, string> = { UNSTABLE_comment: text, key: "" };
  return h(Fragment, props);
}
