/**
 * What a page with islands carries: preloads of exactly the chunks it needs, one module script, and
 * the islands' props as JSON. Nothing inline is executable, so no policy has to allow it.
 */
import type { Attached } from "../attached.ts";
import { serializeProps } from "../props/serialize.ts";
import type { Additions } from "./document.ts";
import type { RenderState } from "./state.ts";

/** The tags for head and body; empty for a page without islands. */
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
  const { json, roots, signals } = serializeProps(
    state.placed.map(({ island, props }) => ({ name: island.name, props })),
  );
  const boot = signals ? attached.boot.signals : attached.boot.plain;
  const chunks = [...new Set(state.placed.map(({ island }) => island.url))];
  const places = state.placed.map(({ island }, index) =>
    [chunks.indexOf(island.url), island.exportName, roots[index]] as const
  );
  const needed = new Set([...boot.chunks, ...state.placed.flatMap(({ island }) => island.chunks)]);
  // The script tag fetches its own.
  needed.delete(boot.url);
  const preloads = [...needed]
    .map((url) => `<link rel="modulepreload" href="${basePath}${url}"${nonce}/>`).join("");
  const urls = JSON.stringify(chunks.map((url) => basePath + url));
  const asked = state.asked.size === 0 ? "" : `,"a":${safe(Object.fromEntries(state.asked))}`;
  return {
    head: `${head}${preloads}<script type="module" src="${basePath}${boot.url}"${nonce}></script>`,
    body: body +
      data("__FRSH", `{"c":${urls},"i":${JSON.stringify(places)},"v":${json}${asked}}`, nonce),
  };
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
