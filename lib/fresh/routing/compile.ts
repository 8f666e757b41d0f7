/**
 * Compiles an app's items into a router. Each route gets its whole chain of steps.
 *
 * Outer levels come first. Within a level, the error boundary comes before the middlewares, so that an
 * error page renders outside the middlewares of its own level, as in Fresh. Every level below the root
 * has a boundary for 404s too: Fresh 2.3.3 answers them there (segments.ts, segmentMiddleware), so that
 * outer middlewares see the rendered page, not the error.
 */
import type { Step } from "../run.ts";
import { HttpError } from "../runtime.ts";
import type { Method, Middleware, Route } from "../types.ts";
import { boundary, notFoundBoundary } from "./errors.ts";
import type { FileRoutes } from "./fs.ts";
import {
  appliesTo,
  isAtRoot,
  type Level,
  levelsOf,
  makePart,
  type Part,
  type Place,
  stepOf,
  wrappersAt,
  wrappersOf,
} from "./part.ts";
import { refuse, runRoute } from "./route.ts";
import { type Endpoint, type Plan, Router } from "./router.ts";

/** A registration on an app. */
export type Item<State> =
  | { kind: "use"; path: string; middlewares: Middleware<State>[] }
  | { kind: "handle"; path: string; methods: readonly Method[]; chain: Middleware<State>[] }
  | { kind: "route"; path: string; load: () => Promise<Route<State>> }
  | { kind: "error"; path: string; route: Route<State> }
  | { kind: "notFound"; route: Route<State> }
  | { kind: "files"; under: string };

/** An app that is ready to answer requests. */
export interface Compiled<State> {
  router: Router<State>;
  /** The chain of requests without a route. */
  unmatched: Plan<State>;
  notFound: Route<State> | null;
}

/** Compiles an app's items. `files` are the routes of its build. */
export function compile<State>(
  items: readonly Item<State>[],
  files: FileRoutes<State> | null,
  basePath: string,
): Compiled<State> {
  // It applies to every route, wherever it is in the order.
  const notFound = items.reduce<Route<State> | null>(
    (found, item) =>
      item.kind === "notFound"
        ? item.route
        : item.kind === "files"
        ? files?.notFound ?? found
        : found,
    null,
  );
  const compiler = new Compiler<State>(basePath, files, notFound);
  for (const item of items) compiler.add(item);
  return compiler.finish();
}

class Compiler<State> {
  readonly #parts: Part<State>[] = [];
  readonly #router = new Router<State>();
  /** Every route so far, to find those that a late middleware misses. */
  readonly #routes: { source: string; place: Place | null; name: string }[] = [];
  readonly #late: { part: Part<State>; before: number }[] = [];
  #mounts = 0;

  constructor(
    readonly basePath: string,
    readonly files: FileRoutes<State> | null,
    readonly notFound: Route<State> | null,
  ) {}

  finish(): Compiled<State> {
    this.#checkLate();
    const root = this.#parts.filter((part) => isAtRoot(part, this.basePath));
    const applies = (part: Part<State>) => part.prefix.depth === 0 ? "always" : "maybe";
    const unmatched = planOf(root, applies, [], () => {
      throw new HttpError(404);
    });
    return { router: this.#router, unmatched, notFound: this.notFound };
  }

  add(item: Item<State>): void {
    switch (item.kind) {
      case "use":
        for (const run of item.middlewares) {
          const part = this.#part(item.path, null, { middleware: run });
          this.#late.push({ part, before: this.#routes.length });
        }
        return;
      case "error":
        this.#error(item.path, null, item.route);
        return;
      case "notFound":
        return;
      case "handle":
        return this.#handle(item);
      case "route":
        return this.#route(item.path, null, item.path, item.load);
      case "files":
        if (this.files) this.#mount(this.files, item.under);
    }
  }

  /** Adds `routes/`. Its middlewares, layouts and error pages apply to later routes by path. */
  #mount(files: FileRoutes<State>, under: string): void {
    const mount = this.#mounts++;
    const at = (pattern: string) => pattern === "/" ? under || "/" : under + pattern;
    if (files.app) this.#part(at("/"), { mount, dir: "" }, { app: files.app });
    for (const { file, route } of files.errors) {
      this.#error(at(file.pattern), { mount, dir: file.dir }, route);
    }
    for (const { file, functions } of files.middlewares) {
      for (const middleware of functions) {
        this.#part(at(file.pattern), { mount, dir: file.dir }, { middleware });
      }
    }
    for (const { file, layout } of files.layouts) {
      this.#part(at(file.pattern), { mount, dir: file.dir }, { layout });
    }
    for (const { file, pattern, load } of files.routes) {
      this.#route(at(pattern), { mount, dir: file.dir }, `routes/${file.path}`, load);
    }
  }

  #handle(item: Extract<Item<State>, { kind: "handle" }>): void {
    const endpoint = this.#endpoint(item.path, null, item.path);
    // An earlier route answers every method of its path.
    if (endpoint.routed) return;
    for (const method of item.methods) {
      if (endpoint.methods.has(method)) continue;
      endpoint.methods.set(method, this.#plan(endpoint, null, ...item.chain));
    }
  }

  #route(
    path: string,
    place: Place | null,
    name: string,
    load: () => Promise<Route<State>>,
  ): void {
    const endpoint = this.#endpoint(path, place, name);
    if (endpoint.routed) return;
    endpoint.routed = true;
    const also = [...endpoint.methods.keys()];
    let loaded: Route<State> | null = null;
    endpoint.others = this.#plan(
      endpoint,
      place,
      async (ctx) => runRoute(loaded ??= await load(), ctx, { also }),
    );
  }

  #endpoint(path: string, place: Place | null, name: string): Endpoint<State> {
    const source = this.#based(path);
    this.#routes.push({ source, place, name });
    return this.#router.endpoint(source, (endpoint) => ({
      ...endpoint,
      others: this.#plan(
        endpoint,
        place,
        (ctx) => refuse(ctx, new Set(endpoint.methods.keys())),
      ),
    }));
  }

  #plan(
    endpoint: Pick<Endpoint<State>, "pattern">,
    place: Place | null,
    ...end: Middleware<State>[]
  ): Plan<State> {
    const { source } = endpoint.pattern;
    // Parts that come later do not apply.
    const parts = this.#parts.slice();
    return lazyPlan(() => {
      const levels = this.notFound === null ? [] : levelsOf(source, place, this.basePath);
      const run = notFoundBoundary(this.notFound);
      return planOf(
        parts,
        (part) => appliesTo(part, source, place),
        levels.map((level) => ({ level, run })),
        ...end,
      );
    });
  }

  #error(path: string, place: Place | null, route: Route<State>): void {
    const run = boundary(route, this.notFound !== null);
    this.#part(path, place, { boundary: run });
  }

  #part(
    path: string,
    place: Place | null,
    what: Pick<Part<State>, "middleware" | "boundary" | "layout" | "app">,
  ): Part<State> {
    const part = makePart(this.#based(path === "*" ? "/" : path), place, what);
    this.#parts.push(part);
    return part;
  }

  #based(path: string): string {
    if (this.basePath === "" || path === "*") return path;
    return path === "/" ? this.basePath : this.basePath + path;
  }

  /**
   * Throws for a middleware that comes after the file routes that it covers, and before no other route
   * that it covers: it applies to later routes only, so it would guard nothing.
   */
  #checkLate(): void {
    for (const { part, before } of this.#late) {
      const covered = ({ source, place }: { source: string; place: Place | null }) =>
        appliesTo(part, source, place) !== "never";
      const missed = this.#routes.slice(0, before).find((route) =>
        route.place !== null && covered(route)
      );
      if (missed === undefined || this.#routes.slice(before).some(covered)) continue;
      throw new Error(
        `app.use(${
          JSON.stringify(part.prefix.source)
        }) comes after ${missed.name} is registered, ` +
          "so it would not run for it: move it before app.fsRoutes()",
      );
    }
  }
}

/** Makes a plan when it is needed: of the routes, few answer the first requests. */
function lazyPlan<State>(make: () => Plan<State>): Plan<State> {
  let made: Plan<State> | null = null;
  return {
    get chain() {
      return (made ??= make()).chain;
    },
  };
}

function planOf<State>(
  all: readonly Part<State>[],
  applies: (part: Part<State>) => "always" | "never" | "maybe",
  boundaries: readonly { level: Level; run: Middleware<State> }[],
  ...end: Middleware<State>[]
): Plan<State> {
  const steps: { part: Level & { rank: number }; run: Middleware<State> }[] = boundaries.map((
    { level, run },
  ) => ({ part: { ...level, rank: 0 }, run }));
  const parts: Part<State>[] = [];
  for (const part of all) {
    const when = applies(part);
    if (when === "never") continue;
    if (when === "always") parts.push(part);
    const run = stepOf(part, when);
    if (run) steps.push({ part, run });
  }
  steps.sort((a, b) =>
    a.part.depth - b.part.depth || a.part.dirs - b.part.dirs || a.part.rank - b.part.rank
  );
  const wrappers = wrappersOf(parts);
  // Of adjacent boundaries, only the innermost is needed.
  const needed = steps.filter(({ run }, at) => run !== steps[at + 1]?.run);
  return {
    chain: [
      ...needed.map(({ part, run }): Step<State> => ({ run, wrappers: wrappersAt(parts, part) })),
      ...end.map((run): Step<State> => ({ run, wrappers })),
    ],
  };
}
