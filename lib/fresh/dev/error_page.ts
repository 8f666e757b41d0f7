/**
 * A readable page about an error: its message, the code around it, its stack.
 */
import { fileURLToPath, pathToFileURL } from "node:url";
import { HttpError } from "../runtime.ts";

/** The readable form of an error. */
export interface ErrorData {
  title: string;
  /** The source around the first line of the project's own code, or null. */
  frame: string | null;
  stack: string;
}

/** Describes an error. `root` is the project's directory, to find its own code in the stack. */
export function errorData(error: unknown, root: string): ErrorData {
  const title = error instanceof Error
    ? `${error.name}: ${error.message}`
    : `Thrown: ${Deno.inspect(error)}`;
  const stack = stackOf(error);
  return { title, frame: frameOf(stack, root), stack };
}

/** Makes the page. Its style and script carry the nonce, for the app's policy. */
export function errorPage(
  error: unknown,
  { root, script, nonce }: { root: string; script: string; nonce: string | null },
): Promise<Response> {
  const { title, frame, stack } = errorData(error, root);
  const attribute = nonce === null ? "" : ` nonce="${nonce}"`;
  const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"/>
<meta name="viewport" content="width=device-width"/><title>${escape(title)}</title>
<style${attribute}>${STYLE}</style><script src="${script}"${attribute} defer></script></head>
<body><main><h1>${escape(title)}</h1>
${frame === null ? "" : `<pre class="frame">${escape(frame)}</pre>`}
<h2>Stack</h2><pre>${escape(stack)}</pre></main></body></html>`;
  return Promise.resolve(
    new Response(html, {
      status: error instanceof HttpError ? error.status : 500,
      headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
    }),
  );
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;margin:2rem;color:#222;background:#fff}
main{max-width:60rem;margin:auto}h1{font-size:1.3rem;white-space:pre-wrap}h2{font-size:1rem}
pre{overflow:auto;padding:1rem;border:1px solid #8888;border-radius:4px;white-space:pre-wrap}
@media(prefers-color-scheme:dark){body{color:#eee;background:#222}}`;

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const own = error.stack ?? `${error}`;
  return error.cause === undefined
    ? own
    : `${own}\nCaused by: ${stackOf(error.cause) || error.cause}`;
}

const FRAMEWORK = new URL("..", import.meta.url).href;
/** The number of lines to show before and after the line of the error. */
const AROUND = 3;

function frameOf(stack: string, root: string): string | null {
  const inside = pathToFileURL(`${root}/`).href;
  for (const [, url = "", line, column] of stack.matchAll(/(file:\/\/\S+?):(\d+):(\d+)/g)) {
    if (!url.startsWith(inside) || url.startsWith(FRAMEWORK)) continue;
    const source = read(url);
    if (source !== null) {
      return frame(url.slice(inside.length), source, Number(line), Number(column));
    }
  }
  return null;
}

function read(url: string): string | null {
  try {
    return Deno.readTextFileSync(fileURLToPath(url));
  } catch {
    return null;
  }
}

function frame(name: string, source: string, line: number, column: number): string {
  const lines = source.split("\n");
  const first = Math.max(1, line - AROUND), last = Math.min(lines.length, line + AROUND);
  const width = `${last}`.length;
  const shown = [`${name}:${line}:${column}`, ""];
  for (let n = first; n <= last; n++) {
    shown.push(`${n === line ? ">" : " "} ${`${n}`.padStart(width)} | ${lines[n - 1] ?? ""}`);
    if (n === line) shown.push(`  ${" ".repeat(width)} | ${" ".repeat(column - 1)}^`);
  }
  return shown.join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
