/**
 * The additions to a page with islands: preloads of exactly the chunks it needs, one module script,
 * and the islands' props as JSON. Nothing inline is executable, so no policy has to allow it.
 */
import type { Attached, Chunk, PreparedBoot } from "../attached.ts";
import type { Additions } from "./document.ts";
import { serializeProps } from "./serialize.ts";
import type { RenderState } from "./state.ts";

/** Makes the tags for head and body: stylesheets, development scripts, and what islands need. */
export function bootMarkup(
  state: RenderState,
  attached: Attached,
  basePath: string,
  run: { css: readonly string[]; shown: unknown },
): Additions {
  const nonce = state.nonce === null ? "" : ` nonce="${state.nonce}"`;
  let head = run.css.map((href) =>
    `<link rel="stylesheet" href="${attribute(state.asset(href))}"${nonce}/>`
  ).join("");
  let body = "";
  if (attached.dev !== null) {
    head += `<script src="${basePath}${attached.dev.script}"${nonce} defer></script>`;
    if (run.shown !== null) {
      body = data("__FRSH_ERROR", safe(attached.dev.errorData(run.shown)), nonce);
    }
  }
  if (state.placed.length === 0 || attached.boot === null) return { head, body };
  const { json, roots, needs } = serializeProps(
    state.placed.map(({ island, props }) => ({ name: island.name, props })),
  );
  const boot = prepare(state, attached, attached.boot[needs], basePath);
  const places = state.placed.map(({ island }, index) =>
    `[${boot.chunks.indexOf(island.url)},"${island.exportName}",${roots[index]}]`
  ).join();
  for (const url of boot.preloads) head += `<link rel="modulepreload" href="${url}"${nonce}/>`;
  const asked = state.asked.size === 0 ? "" : `,"a":${safe(Object.fromEntries(state.asked))}`;
  const makers = needs === "plain" ? "" : ',"m":1';
  return {
    head: `${head}<script type="module" src="${boot.script}"${nonce}></script>`,
    body: body +
      data(
        "__FRSH",
        `{"c":${boot.chunksJson},"i":[${places}],"v":${json}${asked}${makers}}`,
        nonce,
      ),
  };
}

function prepare(
  { placed }: RenderState,
  { prepared }: Attached,
  boot: Chunk,
  basePath: string,
): PreparedBoot {
  let key = boot.url;
  const chunks: string[] = [];
  for (const { island } of placed) {
    if (chunks.includes(island.url)) continue;
    chunks.push(island.url);
    key += ` ${island.url}`;
  }
  const known = prepared.get(key);
  if (known) return known;
  const needed = new Set([...boot.chunks, ...placed.flatMap(({ island }) => island.chunks)]);
  // The script tag fetches this one.
  needed.delete(boot.url);
  const made: PreparedBoot = {
    script: basePath + boot.url,
    preloads: Array.from(needed, (url) => basePath + url),
    chunks,
    chunksJson: JSON.stringify(chunks.map((url) => basePath + url)),
  };
  prepared.set(key, made);
  return made;
}

function data(id: string, json: string, nonce: string): string {
  return `<script type="application/json" id="${id}"${nonce}>${json}</script>`;
}

function safe(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

function attribute(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
}
