import { type Api, apis, type Turn } from "./apis.ts";
import type { Options } from "./options.ts";

/** Whom the chat asks, and how. */
export interface Setup {
  readonly api: Api;
  readonly url: URL;
  /** `--url` leads to another server: list prices do not apply, and its stream may differ. */
  readonly isElsewhere: boolean;
  readonly model: string;
  readonly key?: string | undefined;
  /** The environment variable of the key, for messages. */
  readonly keyName: string;
  readonly sandbox: boolean;
  readonly system?: string | undefined;
}

/** A mistake on the command line or in the environment. */
export class UsageError extends Error {}

/**
 * Combines the options with the environment.
 *
 * @throws UsageError that says what is missing or wrong.
 */
export function setUp(options: Options, env: (name: string) => string | undefined): Setup {
  const { provider, url: given, sandbox = false, system } = options;
  const keyOf = ({ keys }: Api) => keys.find((name) => env(name)?.trim());
  const preferred = given === undefined && !sandbox ? apis.find(keyOf) : undefined;
  const api = provider === undefined
    ? preferred ?? apis[0]!
    : apis.find(({ names }) => names.includes(provider.toLowerCase()));
  if (!api) {
    const known = apis.map(({ names }) => names[0]).join(", ");
    throw new UsageError(`Unknown provider “${provider}”. Known providers: ${known}.`);
  }
  if (sandbox && given !== undefined) throw new UsageError("Use --sandbox without --url.");
  const model = options.model ?? api.model;
  const url = endpoint(api, model, given);
  const keyName = keyOf(api) ?? api.keys[0];
  const key = sandbox ? "none" : env(keyName)?.trim() || undefined;
  if (key === undefined && given === undefined) {
    const names = new Set(provider === undefined ? apis.flatMap(({ keys }) => keys) : api.keys);
    const variables = [...names].join(" or ");
    throw new UsageError(`No API key: set ${variables}, or try --sandbox, which needs none.`);
  }
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new UsageError(`${keyName} contains spaces or non-ASCII characters. Copy the key again.`);
  }
  const isElsewhere = url.origin !== new URL(api.url).origin;
  return { api, url, isElsewhere, model, key, keyName, sandbox, system };
}

/** The API's endpoint. `--url` gives another: the whole address, or the part before its `/v1`. */
function endpoint(api: Api, model: string, given?: string): URL {
  const own = new URL(api.url.replace("{model}", encodeURIComponent(model)));
  if (given === undefined) return own;
  const url = URL.parse(given);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`--url must begin with http:// or https://, unlike “${given}”.`);
  }
  if (url.username || url.password) {
    throw new UsageError("--url must not contain a password. Put the key into the environment.");
  }
  const [, version = "", rest = ""] = /^(\/v[^/]+)(\/.*)$/.exec(own.pathname) ?? [];
  const base = url.pathname.replace(/\/+$/, "");
  // Gemini has the model in the path: there the part behind the colon tells a whole endpoint.
  if (base.endsWith(/:.*$/.exec(rest)?.[0] ?? rest)) url.pathname = base;
  else url.pathname = base + (base.endsWith(version) ? rest : own.pathname);
  url.search ||= own.search;
  return url;
}

/** The request for the next answer. */
export function requestFor(setup: Setup, turns: readonly Turn[], signal?: AbortSignal): Request {
  const { api, url, model, key, system } = setup;
  return new Request(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...(key === undefined ? {} : api.headers(key)),
    },
    body: JSON.stringify(api.body(model, turns, system)),
    // Following a redirect would send `x-api-key` to another origin.
    redirect: "manual",
    signal: signal ?? null,
  });
}
