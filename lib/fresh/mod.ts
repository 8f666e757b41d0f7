/**
 * `fresh`: the part of Fresh 2's public API that this app uses, on npm packages alone.
 *
 * @module
 */
export { App } from "./app.ts";
export { createDefine, type Define, page } from "./define.ts";
export { csp, type CSPOptions } from "./middlewares/csp.ts";
export { staticFiles } from "./middlewares/static_files.ts";
export { trailingSlashes } from "./middlewares/trailing_slashes.ts";
export { HttpError } from "./runtime.ts";
export type {
  Context,
  FreshConfig,
  HandlerByMethod,
  HandlerFn,
  LayoutConfig,
  Lazy,
  ListenOptions,
  MaybeLazy,
  Method,
  Middleware,
  PageProps,
  PageResponse,
  RenderOptions,
  ResolvedFreshConfig,
  RouteConfig,
  RouteData,
  RouteHandler,
} from "./types.ts";
