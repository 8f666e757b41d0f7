/**
 * The framework's eye on every vnode while a page is rendered.
 *
 * Preact's hooks are global and its string renderer is synchronous, so the render in progress is a
 * variable of this module, set for the duration of the call and for nothing else.
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
import { assetUrls } from "../client/assets.ts";
import { Head } from "../runtime.ts";
import { BodyPart, HeadPart } from "./apart.ts";
import { comment } from "./comment.ts";
import { identityOf } from "./head.ts";
import { linkMarks } from "./links.ts";
import { HEAD_END, HEAD_START, HTML_START } from "./marks.ts";
import type { PlacedIsland, RenderState } from "./state.ts";

type Props = Record<string, unknown>;
interface Visited {
  type: unknown;
  props: Props;
  key?: unknown;
  /** What it was before it was changed: a vnode kept in a constant is visited on every page. */
  original?: { type: unknown; props: Props };
}

let current: RenderState | null = null;

// `__b` is the name under which Preact publishes its "before diff" hook.
const hooks: { __b?: (vnode: Visited) => void } = options as never;
const before = hooks.__b;
hooks.__b = (vnode) => {
  if (current !== null) visit(vnode, current);
  before?.(vnode);
};

/** Renders `vnode` to HTML, gathering islands and parts into `state`; `context` is what a part was in. */
export function renderWith(vnode: VNode, state: RenderState, context?: unknown): string {
  const outer = current, outerAsset = assetUrls.of;
  current = state;
  assetUrls.of = state.asset;
  try {
    return renderToString(vnode, context);
  } finally {
    current = outer;
    assetUrls.of = outerAsset;
  }
}

function visit(vnode: Visited, state: RenderState): void {
  if (vnode.original !== undefined) Object.assign(vnode, vnode.original);
  const { type } = vnode;
  if (typeof type === "string") return visitElement(type, vnode, state);
  if (type === Fragment) return;
  if (type === Head) {
    return change(vnode, { ...vnode.props, state }, HeadPart);
  }
  if (state.islands === null || state.inIsland) return;
  const island = state.islands.get(type as ComponentType<never>);
  if (island === undefined) return;
  const { props } = vnode;
  change(vnode, { placed: { island, props }, state } satisfies FrameProps, IslandFrame);
}

function change(vnode: Visited, props: Props, type = vnode.type): void {
  vnode.original = { type: vnode.type, props: vnode.props };
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
    case "img":
    case "source":
      return lockSources(vnode, state);
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
      // Its own HTML has no children to take apart.
      if (vnode.props.dangerouslySetInnerHTML) return;
      return change(vnode, {
        ...vnode.props,
        children: h(BodyPart, { children: vnode.props.children as ComponentChildren, state }),
      });
  }
}

/**
 * Fresh 2.3.3 takes a tag in the body for the one of the same kind in `<Head>`, and moves that here
 * (runtime/server/preact_hooks.ts): an SVG's title loses the document's. Refused, so that no page does.
 */
function checkPlace(type: string, vnode: Visited, state: RenderState): void {
  if (!state.inBody || state.headTags.size === 0 || vnode.key != null) return;
  if (!state.headTags.has(identityOf(type, vnode.props))) return;
  throw new Error(`A <${type}> like one in <Head> stands outside of it: give it a key`);
}

function lockSources(vnode: Visited, state: RenderState): void {
  const { src, srcset, srcSet } = vnode.props;
  if (vnode.props["data-fresh-disable-lock"]) return;
  const locked: Props = {};
  if (isRooted(src)) locked.src = state.asset(src);
  for (const [name, set] of [["srcset", srcset], ["srcSet", srcSet]] as const) {
    if (typeof set !== "string") continue;
    locked[name] = set.split(",").map((entry) => {
      const [url = "", ...size] = entry.trim().split(/\s+/);
      return [isRooted(url) ? state.asset(url) : url, ...size].join(" ");
    }).join(", ");
  }
  change(vnode, { ...vnode.props, ...locked });
}

function isRooted(url: unknown): url is string {
  return typeof url === "string" && url.startsWith("/") && !url.startsWith("//");
}

function mark(html: string): VNode {
  return comment(html.slice(4, -3));
}

type FrameProps = { placed: PlacedIsland; state: RenderState };

/** An island between the comments by which the browser finds it. */
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
