/**
 * Changes vnodes while a page is rendered: frames islands, marks links, adds nonces.
 *
 * Preact's hooks are global and its string renderer is synchronous, so a variable of this module
 * holds the render in progress, for the duration of the call only.
 */
import {
  type ComponentChildren,
  type ComponentType,
  Fragment,
  h,
  options,
  type VNode,
} from "preact";
import { renderToString } from "preact-render-to-string";
import { assetUrls } from "../client/boot.ts";
import { Head } from "../runtime.ts";
import { identityOf } from "./head.ts";
import { linkMarks } from "./links.ts";
import {
  BodyPart,
  comment,
  HEAD_END,
  HEAD_START,
  HeadPart,
  HTML_START,
  mark,
} from "./placeholders.ts";
import type { PlacedIsland, RenderState } from "./state.ts";

type Props = Record<string, unknown>;
interface Visited {
  type: unknown;
  props: Props;
  key?: unknown;
}

let current: RenderState | null = null;
/**
 * The changes of this render, to undo them: a vnode in a constant is visited on every page. They are not stored in
 * the vnode, because another property slows down every access of the renderer.
 */
let changes: { vnode: Visited; type: unknown; props: Props }[] = [];

// Preact publishes its "before diff" hook as `__b`.
const hooks: { __b?: (vnode: Visited) => void } = options as never;
const before = hooks.__b;
hooks.__b = (vnode) => {
  if (current !== null) visit(vnode, current);
  before?.(vnode);
};

/**
 * Renders `vnode` to HTML and gathers islands and parts into `state`. `context` holds the contexts
 * around a part.
 */
export function renderWith(vnode: VNode, state: RenderState, context?: unknown): string {
  const outer = current, outerAsset = assetUrls.of, outerChanges = changes;
  current = state;
  changes = [];
  assetUrls.of = state.asset;
  try {
    return renderToString(vnode, context);
  } finally {
    // If a vnode was changed twice, the first change has its original state.
    for (const { vnode, type, props } of changes.reverse()) {
      vnode.type = type;
      vnode.props = props;
    }
    current = outer;
    changes = outerChanges;
    assetUrls.of = outerAsset;
  }
}

function visit(vnode: Visited, state: RenderState): void {
  const { type } = vnode;
  if (typeof type === "string") return visitElement(type, vnode, state);
  if (type === Fragment) return;
  if (type === IslandFrame) {
    // A constant that this page has already shown. Within an island it is a part of that one.
    const { placed } = vnode.props as FrameProps;
    if (state.inIsland) change(vnode, placed.props, placed.island.fn);
    return;
  }
  if (type === Head) {
    return change(vnode, { ...vnode.props, state }, HeadPart);
  }
  if (state.inIsland) return;
  const island = state.islands.get(type as ComponentType<never>);
  if (island === undefined) return;
  const { props } = vnode;
  change(vnode, { placed: { island, props }, state } satisfies FrameProps, IslandFrame);
}

function change(vnode: Visited, props: Props, type = vnode.type): void {
  changes.push({ vnode, type: vnode.type, props: vnode.props });
  vnode.type = type;
  vnode.props = props;
}

function visitElement(type: string, vnode: Visited, state: RenderState): void {
  switch (type) {
    case "a": {
      const { href } = vnode.props;
      const marks = typeof href === "string" ? linkMarks(href, state.pathname, state.search) : null;
      if (marks !== null) change(vnode, { ...marks, ...vnode.props });
      return;
    }
    case "title":
    case "meta":
    case "link":
    case "base":
    case "noscript":
    case "template":
      return checkPlace(type, vnode, state);
    case "script":
    case "style":
      checkPlace(type, vnode, state);
      if (state.nonce !== null && !vnode.props.nonce) {
        change(vnode, { ...vnode.props, nonce: state.nonce });
      }
      return;
    case "html":
      state.sawHtml = true;
      return change(vnode, {
        ...vnode.props,
        children: [mark(HTML_START), vnode.props.children],
      });
    case "head":
      state.sawHead = true;
      return change(vnode, {
        ...vnode.props,
        children: [mark(HEAD_START), vnode.props.children, mark(HEAD_END)],
      });
    case "body":
      // HTML given as a string has no children to render later.
      if (vnode.props.dangerouslySetInnerHTML) return;
      return change(vnode, {
        ...vnode.props,
        children: h(BodyPart, { children: vnode.props.children as ComponentChildren, state }),
      });
  }
}

/**
 * Refuses a tag in the body that equals one in `<Head>`. Fresh 2.3.3 moves the one in `<Head>` there
 * (runtime/server/preact_hooks.ts), so that an SVG's title removes the document's.
 */
function checkPlace(type: string, vnode: Visited, state: RenderState): void {
  if (!state.inBody || state.headTags.size === 0) return;
  if (!state.headTags.has(identityOf(type, vnode.key, vnode.props))) return;
  throw new Error(`A <${type}> in the page equals one in <Head>: give it a key of its own`);
}

type FrameProps = { placed: PlacedIsland; state: RenderState };

/** Renders an island between the comments by which the browser finds it. */
function IslandFrame({ placed, state }: FrameProps): VNode {
  const index = state.placed.push(placed) - 1;
  return h(Fragment, null, [
    h(Enter, { state, text: `i:${index}` }),
    h(placed.island.fn as ComponentType<Props>, placed.props),
    h(Leave, { state }),
  ]);
}

function Enter({ state, text }: { state: RenderState; text: string }): VNode {
  state.inIsland = true;
  return comment(text);
}

function Leave({ state }: { state: RenderState }): VNode {
  state.inIsland = false;
  return comment("/i");
}
