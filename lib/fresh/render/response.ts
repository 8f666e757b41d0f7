/**
 * Makes a response of an element or component: wraps it in layouts and app, renders it, adds the
 * boot data.
 */
import { type ComponentChild, Fragment, type FunctionComponent, h } from "preact";
import { responseOf } from "../respond.ts";
import { nonces, type Run } from "../run.ts";
import type { Context, PageComponent, PageProps, RenderOptions } from "../types.ts";
import { bootMarkup } from "./boot.ts";
import { renderDocument } from "./document.ts";
import type { RenderState } from "./state.ts";

const HTML = "text/html; charset=utf-8";

/** Renders `content` inside the app wrapper and the layouts that apply here. */
export async function renderResponse<State>(
  ctx: Context<State>,
  run: Run<State>,
  content: ComponentChild,
  init?: ResponseInit,
  options: RenderOptions = {},
): Promise<Response> {
  const wrapped = await wrap(ctx, run, content, options);
  if (wrapped instanceof Response) return wrapped;
  const { attached } = run;
  if (!run.hasIslands) await attached.loadIslands();
  const response = responseOf(ctx.req, renderHtml(ctx, run, wrapped), init, HTML);
  if (run.nonce !== null) nonces.set(response, run.nonce);
  return response;
}

/** Renders a component with the context's props. An async one may return its own response. */
export async function renderComponent<State>(
  ctx: Context<State>,
  run: Run<State>,
  component: PageComponent<State>,
  init?: ResponseInit,
  options?: RenderOptions,
): Promise<Response> {
  const content = await call(component, propsOf(ctx));
  if (content instanceof Response) return content;
  return renderResponse(ctx, run, content, init, options);
}

async function wrap<State>(
  ctx: Context<State>,
  { wrappers }: Run<State>,
  content: ComponentChild,
  options: RenderOptions,
): Promise<ComponentChild | Response> {
  let skipApp = options.skipAppWrapper ?? false;
  let child = content;
  const around = async (component: PageComponent<State>) => {
    const inner = child;
    ctx.Component = () => h(Fragment, null, inner);
    return await call(component, propsOf(ctx));
  };
  for (const layout of options.skipInheritedLayouts ? [] : wrappers.layouts.toReversed()) {
    const result = await around(layout.component);
    if (result instanceof Response) return result;
    child = result;
    skipApp ||= layout.config?.skipAppWrapper ?? false;
    if (layout.config?.skipInheritedLayouts) break;
  }
  return wrappers.app === null || skipApp ? child : await around(wrappers.app);
}

/** Calls a declared `async function`. Any other component renders with the tree, where hooks work. */
function call<State>(
  component: PageComponent<State>,
  props: PageProps<unknown, State>,
): ComponentChild | Response | Promise<ComponentChild | Response> {
  // The page's own handler returned the data that the page takes.
  const given = props as PageProps<never, State>;
  return component.constructor.name === "AsyncFunction"
    ? component(given)
    : h(component as FunctionComponent<PageProps<never, State>>, given);
}

function propsOf<State>(ctx: Context<State>): PageProps<unknown, State> {
  return {
    config: ctx.config,
    url: ctx.url,
    req: ctx.req,
    params: ctx.params,
    info: ctx.info,
    state: ctx.state,
    isPartial: ctx.isPartial,
    Component: ctx.Component,
    error: ctx.error,
    route: ctx.route,
    data: ctx.data,
  };
}

function renderHtml<State>(
  ctx: Context<State>,
  run: Run<State>,
  content: ComponentChild,
): string {
  const { attached } = run;
  const { basePath } = ctx.config;
  const asked = new Map<string, string>();
  const state: RenderState = {
    pathname: ctx.url.pathname,
    search: ctx.url.search,
    islands: attached.islands,
    nonce: run.nonce,
    asset: (path) => {
      const url = attached.files.urlOf(path);
      if (url === null) return path;
      // An island may request later what the body has requested already.
      if (state.inBody) asked.set(path, basePath + url);
      return basePath + url;
    },
    placed: [],
    asked,
    inIsland: false,
    inBody: false,
    sawHtml: false,
    sawHead: false,
    body: null,
    heads: [],
    headTags: new Set(),
  };
  return renderDocument(
    h(Fragment, null, content),
    state,
    () => bootMarkup(state, attached, basePath, run),
  );
}
