/**
 * Generates the stylesheet for screens: tokens, hand-written base and component rules, and the utilities that the
 * sources use. Pages load `static/print.css` for paper separately.
 */
import { classesDefinedBy, classesIn } from "./classes.ts";
import { createUtilities } from "./preset.ts";
import { tokenCss } from "./tokens.ts";

/** A generated stylesheet and the problems found in its sources. */
export interface Stylesheet {
  readonly css: string;
  /** Class names in the sources that no rule styles, with the files that use them. */
  readonly unknown: readonly { readonly name: string; readonly files: readonly string[] }[];
}

const SOURCE_DIRS = ["components", "islands", "routes"];

/** Generates the stylesheet from the sources under `root`. The same sources give the same bytes. */
export async function buildStylesheet(root: string): Promise<Stylesheet> {
  const used = await usedClasses(root);
  const written = await writtenCss();
  const defined = classesDefinedBy(written);

  const utilities = createUtilities();
  const unknown = [];
  for (const [name, files] of used) {
    const before = utilities.rules.length;
    utilities.add(name);
    if (utilities.rules.length === before && !defined.has(name)) unknown.push({ name, files });
  }
  // Utilities stay outside the layer, so that they override hand-written rules.
  const css = [tokenCss(), `@layer written{${written}}`, ...utilities.rules].join("\n");
  return { css: minifyCss(css), unknown };
}

/** Writes `static/styles.css` under `root` if it changed. Returns the unknown class names. */
export async function writeStylesheet(root: string): Promise<Stylesheet["unknown"]> {
  const { css, unknown } = await buildStylesheet(root);
  const path = `${root}/static/styles.css`;
  const current = await Deno.readTextFile(path).catch(() => null);
  // An unchanged file keeps its modification time, so watchers and staleness checks stay quiet.
  if (current !== css) {
    await Deno.mkdir(`${root}/static`, { recursive: true });
    await Deno.writeTextFile(path, css);
  }
  return unknown;
}

/**
 * Writes the stylesheet again when a CSS file in this folder changes, and when Deno has replaced functions of a
 * module, which may use other classes. After any other change of a module, the process restarts.
 */
export function watchStylesheet(root: string): void {
  const write = () =>
    writeStylesheet(root).catch((error) => {
      // Editors remove a file and write it again. The next event comes when it is back.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  addEventListener("hmr", () => void write());
  void follow(write);
}

async function follow(write: () => Promise<unknown>): Promise<void> {
  for await (const { kind, paths } of Deno.watchFs(import.meta.dirname!)) {
    if (kind !== "access" && paths.some((path) => path.endsWith(".css"))) await write();
  }
}

/** All hand-written stylesheets in this folder: base.css first, then the others by name. */
export async function writtenCss(): Promise<string> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(new URL(".", import.meta.url))) {
    if (name.endsWith(".css") && name !== "base.css") names.push(name);
  }
  const texts = ["base.css", ...names.sort()].map((name) =>
    Deno.readTextFile(new URL(name, import.meta.url))
  );
  return (await Promise.all(texts)).join("\n");
}

async function usedClasses(root: string): Promise<[string, string[]][]> {
  const used = new Map<string, string[]>();
  for (const dir of SOURCE_DIRS) {
    for (const file of await sourceFiles(`${root}/${dir}`)) {
      for (const name of classesIn(await Deno.readTextFile(file))) {
        used.set(name, [...used.get(name) ?? [], file.slice(root.length + 1)]);
      }
    }
  }
  return [...used].sort(([a], [b]) => a < b ? -1 : 1);
}

async function sourceFiles(dir: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(dir)) {
    const path = `${dir}/${entry.name}`;
    if (entry.isDirectory) files.push(...await sourceFiles(path));
    else if (/\.tsx?$/.test(entry.name)) files.push(path);
  }
  return files.sort();
}

/**
 * Removes comments, unneeded white space, and the zero of `0.5`. Keeps strings; reorders and merges nothing.
 */
const TOKEN =
  /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?:\s|\/\*[\s\S]*?\*\/)*([{};,>])(?:\s|\/\*[\s\S]*?\*\/)*|(:)\s+|(?<![\w.])0(?=\.\d)|(?:\s|\/\*[\s\S]*?\*\/)+/g;

/** The same rules in fewer bytes. */
export function minifyCss(css: string): string {
  return css
    .replace(
      TOKEN,
      (all, string, mark, colon) => string ?? mark ?? colon ?? (all === "0" ? "" : " "),
    )
    .replaceAll(";}", "}")
    .trim();
}
