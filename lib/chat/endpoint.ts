import type { Api } from "./apis/mod.ts";

export type Place =
  | { readonly ok: true; readonly url: URL }
  | { readonly ok: false; readonly problem: string };

const no = (problem: string): Place => ({ ok: false, problem });

/**
 * Where to send the request: the API's own address, or what `--url` makes of it. That may be the
 * whole endpoint, or a base that the rest is put behind (`http://localhost:11434`, `…/v1`).
 */
export function endpoint(api: Api, model: string, given?: string): Place {
  const path = api.path.replace("{model}", encodeURIComponent(model));
  if (given === undefined) return { ok: true, url: new URL(path, api.origin) };

  const url = URL.parse(given);
  if (!url || !/^https?:$/.test(url.protocol)) {
    return no(`--url must be an address that begins with http:// or https://, not “${given}”.`);
  }
  if (url.username || url.password) {
    return no("--url must not carry a password: put the key into the environment.");
  }
  const [route = "", query] = path.split("?");
  const [, version = "", rest = ""] = /^(\/v[^/]+)(\/.*)$/.exec(route) ?? [];
  const base = url.pathname.replace(/\/+$/, "");
  // With the model in the path, its end tells the whole endpoint.
  if (base.endsWith(/:.*$/.exec(rest)?.[0] ?? rest)) url.pathname = base;
  else url.pathname = base + (base.endsWith(version) ? rest : route);
  if (query && !url.search) url.search = query;
  return { ok: true, url };
}
