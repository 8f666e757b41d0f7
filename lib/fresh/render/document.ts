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
    const head = heads === "" ? CHARSET : mergeHead(CHARSET, heads);
    return `${DOCTYPE}<html><head>${head}${more}</head><body>${html}${body}</body></html>`;
  }
  html = state.sawBody ? html.replace(BODY_END, () => body) : wrapBody(html, state, body);
  html = state.sawHead
    ? fillHead(html, heads, more)
    : addHead(html, state, heads === "" ? CHARSET : mergeHead(CHARSET, heads), more);
  if (state.sawHtml) return DOCTYPE + html.replace(HTML_START, "");
  return `${DOCTYPE}<html>${html}</html>`;
}

const DOCTYPE = "<!DOCTYPE html>";
const CHARSET = '<meta charset="utf-8"/>';

function fillHead(html: string, heads: string, more: string): string {
  const start = html.indexOf(HEAD_START), end = html.indexOf(HEAD_END);
  const inner = html.slice(start + HEAD_START.length, end);
  const merged = heads === "" ? inner : mergeHead(inner, heads);
  return html.slice(0, start) + merged + more + html.slice(end + HEAD_END.length);
}

function addHead(html: string, state: RenderState, inner: string, more: string): string {
  const head = `<head>${inner}${more}</head>`;
  return state.sawHtml ? html.replace(HTML_START, () => head) : head + html;
}

/** A page with html or head but no body: everything after the head is the body. */
function wrapBody(html: string, state: RenderState, body: string): string {
  const HEAD_CLOSES = `${HEAD_END}</head>`;
  const from = state.sawHead
    ? html.indexOf(HEAD_CLOSES) + HEAD_CLOSES.length
    : html.indexOf(HTML_START) + HTML_START.length;
  const to = state.sawHtml ? html.lastIndexOf("</html>") : html.length;
  return `${html.slice(0, from)}<body>${html.slice(from, to)}${body}</body>${html.slice(to)}`;
}
