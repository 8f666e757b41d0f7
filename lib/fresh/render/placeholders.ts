/**
 * Placeholders in a page that is being rendered: comments where later steps insert something, and
 * components for the parts that are rendered later, in the contexts that surround them.
 *
 * The body is rendered later because it decides what the head needs; the children of `<Head>`
 * because they move. Cutting either out of the finished page would mean a search, which first
 * flattens the renderer's tree of a thousand small strings. They are rendered after their
 * surroundings rather than within: nested renders doubled the work of the garbage collector.
 */
import {
  cloneElement,
  type ComponentChildren,
  Fragment,
  h,
  toChildArray,
  type VNode,
} from "preact";
import { identityOf } from "./head.ts";
import type { RenderState } from "./state.ts";

// New in every process, so that user input cannot contain it.
const token = crypto.randomUUID();

/** Where the children of `<html>` begin. A page without a head gets one here. */
export const HTML_START = `<!--html ${token}-->`;
/** Before the children of `<head>`. */
export const HEAD_START = `<!--in ${token}-->`;
/** After the children of `<head>`. */
export const HEAD_END = `<!--out ${token}-->`;
/** In place of the children of `<body>`. */
export const BODY = `<!--body ${token}-->`;

/**
 * Renders as `<!--text-->`. A comment keeps tables and lists valid where a wrapper element would not.
 */
export function comment(text: string): VNode {
  // The key stops Preact from unwrapping a fragment that is all a component renders.
  const props: Record<string, string> = { UNSTABLE_comment: text, key: "" };
  return h(Fragment, props);
}

/** Renders one of the comments above. */
export function mark(html: string): VNode {
  return comment(html.slice(4, -3));
}

/** The props of a placeholder: its children, and the render it belongs to. */
export type PartProps = { children?: ComponentChildren; state: RenderState };

/** Replaces the children of `<body>`. The renderer passes the whole context to components. */
export function BodyPart({ children, state }: PartProps, context?: unknown): VNode {
  state.body = { children, context };
  return mark(BODY);
}

/** Replaces `<Head>`. */
export function HeadPart({ children, state }: PartProps, context?: unknown): null {
  const keyed = toChildArray(children).map((child) => {
    if (typeof child !== "object") return child;
    const { type, key, props } = child;
    if (typeof type === "string") state.headTags.add(identityOf(type, key, props));
    return key == null ? child : cloneElement(child, { "data-key": key });
  });
  state.heads.push({ children: keyed, context });
  return null;
}
