/**
 * Renders a tree as a whole document: adds missing html, head and body elements, moves the tags of
 * `<Head>`, and adds the boot script, its preloads and its data to a page with islands.
 */
import { Fragment, h, type VNode } from "preact";
import { mergeHead } from "./head.ts";
import { BODY, HEAD_END, HEAD_START, HTML_START } from "./placeholders.ts";
import type { Part, RenderState } from "./state.ts";
import { renderWith } from "./visit.ts";

/** Markup that a document gets besides the page itself. */
export interface Additions {
  /** At the end of the head. */
  head: string;
  /** At the end of the body. */
  body: string;
}

/** Renders `vnode` as a document. Calls `additions` once everything else is rendered. */
export function renderDocument(
  vnode: VNode,
  state: RenderState,
  additions: () => Additions,
): string {
  const html = renderWith(vnode, state);
  state.inBody = true;
  const inside = state.body === null ? "" : renderPart(state.body, state);
  state.inBody = false;
  let heads = "";
  for (const part of state.heads) heads += renderPart(part, state);
  const { head: more, body: data } = additions();
  if (!state.sawHtml && !state.sawHead && state.body === null) {
    return `${DOCTYPE}<html>${newHead(heads, more)}<body>${html}${data}</body></html>`;
  }
  const [before, after] = aroundBody(html, state);
  const start = state.sawHtml ? before : `<html>${HTML_START}${before}`;
  const whole = DOCTYPE + withHead(start, state, heads, more) + inside + data + after;
  return state.sawHtml ? whole : `${whole}</html>`;
}

function renderPart({ children, context }: Part, state: RenderState): string {
  return renderWith(h(Fragment, null, children), state, context);
}

const DOCTYPE = "<!DOCTYPE html>";
const CHARSET = '<meta charset="utf-8"/>';

function newHead(heads: string, more: string): string {
  return `<head>${heads === "" ? CHARSET : mergeHead(CHARSET, heads)}${more}</head>`;
}

/** Completes the head in the document's beginning, or adds one. */
function withHead(start: string, state: RenderState, heads: string, more: string): string {
  if (!state.sawHead) return start.replace(HTML_START, () => newHead(heads, more));
  const from = start.indexOf(HEAD_START), to = start.indexOf(HEAD_END);
  const inner = start.slice(from + HEAD_START.length, to);
  const filled = (heads === "" ? inner : mergeHead(inner, heads)) + more;
  return (start.slice(0, from) + filled + start.slice(to + HEAD_END.length)).replace(
    HTML_START,
    "",
  );
}

/**
 * Splits a document at the placeholder of the body's content, or at the end of that content. In a page
 * with html or head but no body, everything after the head becomes the body.
 */
function aroundBody(html: string, state: RenderState): [string, string] {
  if (state.body !== null) {
    const at = html.indexOf(BODY);
    return [html.slice(0, at), html.slice(at + BODY.length)];
  }
  const own = html.lastIndexOf("</body>");
  if (own !== -1 && /<body[\s>]/.test(html)) return [html.slice(0, own), html.slice(own)];
  const closed = `${HEAD_END}</head>`;
  const from = state.sawHead
    ? html.indexOf(closed) + closed.length
    : html.indexOf(HTML_START) + HTML_START.length;
  const to = state.sawHtml ? html.lastIndexOf("</html>") : html.length;
  return [`${html.slice(0, from)}<body>${html.slice(from, to)}`, `</body>${html.slice(to)}`];
}
