/**
 * A rendered tree becomes a whole document: missing html, head and body are added, `<Head>` tags
 * moved, and where the page has islands, the boot script, its preloads and the data.
 */
import type { VNode } from "preact";
import { cutHeads, mergeHead } from "./head.ts";
import { BODY_END, HEAD_END, HEAD_START, HTML_START } from "./marks.ts";
import type { RenderState } from "./state.ts";
import { renderWith } from "./visit.ts";

/** What goes into a document besides the page itself. */
export interface Additions {
  /** At the end of the head. */
  head: string;
  /** At the end of the body. */
  body: string;
}

/** Renders `vnode` as a document; `additions` is asked once everything is rendered. */
export function renderDocument(
  vnode: VNode,
  state: RenderState,
  additions: () => Additions,
): string {
  let html = renderWith(vnode, state);
  let heads = "";
  if (state.sawHeadComponent) ({ html, heads } = cutHeads(html));
  const { head: more, body } = additions();
  if (!state.sawHtml && !state.sawHead && !state.sawBody) {
    return `${DOCTYPE}<html>${newHead(heads, more)}<body>${html}${body}</body></html>`;
  }
  if (!state.sawBody) html = wrapBody(html, state);
  // One pass over a long string: where the marks are, then the pieces between them.
  let at = 0, out = DOCTYPE;
  const upTo = (mark: string) => {
    const end = html.indexOf(mark, at);
    out += html.slice(at, end);
    at = end + mark.length;
  };
  if (state.sawHtml) {
    upTo(HTML_START);
    if (!state.sawHead) out += newHead(heads, more);
  } else {
    out += "<html>";
    if (!state.sawHead) out += newHead(heads, more);
  }
  if (state.sawHead) {
    upTo(HEAD_START);
    const end = html.indexOf(HEAD_END, at);
    const inner = html.slice(at, end);
    out += (heads === "" ? inner : mergeHead(inner, heads)) + more;
    at = end + HEAD_END.length;
  }
  // From the end, where it is: a search forward stops at every "<" of a long page.
  const end = html.lastIndexOf(BODY_END);
  out += html.slice(at, end) + body + html.slice(end + BODY_END.length);
  return state.sawHtml ? out : `${out}</html>`;
}

const DOCTYPE = "<!DOCTYPE html>";
const CHARSET = '<meta charset="utf-8"/>';

function newHead(heads: string, more: string): string {
  return `<head>${heads === "" ? CHARSET : mergeHead(CHARSET, heads)}${more}</head>`;
}

/** A page with html or head but no body: everything after the head is the body. */
function wrapBody(html: string, state: RenderState): string {
  const closed = `${HEAD_END}</head>`;
  const from = state.sawHead
    ? html.indexOf(closed) + closed.length
    : html.indexOf(HTML_START) + HTML_START.length;
  const to = state.sawHtml ? html.lastIndexOf("</html>") : html.length;
  return `${html.slice(0, from)}<body>${html.slice(from, to)}${BODY_END}</body>${html.slice(to)}`;
}
