import { type Api, apiNamed, apis, openai } from "./apis/mod.ts";
import type { Args } from "./args.ts";
import { endpoint } from "./endpoint.ts";

/** Whom the chat asks, and how. */
export interface Setup {
  readonly api: Api;
  readonly url: URL;
  /** True where `--url` leads somewhere else: prices do not hold there, the stream may differ. */
  readonly elsewhere: boolean;
  readonly model: string;
  readonly key?: string;
  /** The variable the key is from, for messages. */
  readonly keyName: string;
  readonly sandbox: boolean;
  readonly system?: string;
}

export type SetupResult =
  | { readonly ok: true; readonly setup: Setup }
  | { readonly ok: false; readonly problem: string };

type Env = (name: string) => string | undefined;

const no = (problem: string): SetupResult => ({ ok: false, problem });

/** Brings the arguments and the environment together, or says what is missing. */
export function setUp(args: Args, env: Env): SetupResult {
  const api = args.provider === undefined ? preferred(args, env) : apiNamed(args.provider);
  if (!api) {
    return no(
      `There is no provider “${args.provider}”. Known: ${
        apis.map((each) => each.name).join(", ")
      }.`,
    );
  }
  if (args.sandbox && args.url !== undefined) {
    return no("--sandbox answers by itself: it goes without --url.");
  }
  const model = args.model ?? api.model;
  const place = endpoint(api, model, args.url);
  if (!place.ok) return place;

  const keyName = api.keys.find((name) => env(name)?.trim()) ?? api.keys[0]!;
  const key = args.sandbox ? "none" : env(keyName)?.trim() || undefined;
  if (key === undefined && args.url === undefined) {
    const names = args.provider === undefined ? apis.flatMap(({ keys }) => keys) : api.keys;
    return no(
      `No key: put one into ${[...new Set(names)].join(" or ")}, in the environment. ` +
        "With --sandbox it works without.",
    );
  }
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    return no(`${keyName} holds spaces or characters that no key has. Was it copied whole?`);
  }
  return {
    ok: true,
    setup: {
      api,
      url: place.url,
      elsewhere: args.url !== undefined && place.url.origin !== api.origin,
      model,
      ...(key === undefined ? {} : { key }),
      keyName,
      sandbox: args.sandbox ?? false,
      ...(args.system === undefined ? {} : { system: args.system }),
    },
  };
}

/** Without `--provider`: the API whose key is there; for a URL the format that most servers speak. */
function preferred(args: Args, env: Env): Api {
  if (args.url !== undefined || args.sandbox) return openai;
  return apis.find((api) => api.keys.some((name) => env(name)?.trim())) ?? openai;
}

/** True where the key would travel readable for everyone on the way. */
export function unencrypted({ url, key, sandbox }: Setup): boolean {
  const local = /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  return key !== undefined && !sandbox && url.protocol === "http:" && !local;
}
