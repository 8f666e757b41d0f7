import { parseArgs } from "node:util";
import { type Api, apis, urlOf } from "../apis/mod.ts";

export const COMMANDS =
  "Ctrl-C stops an answer; at the prompt it quits. Commands: /retry, /new, /help, /quit.";

/** A mistake on the command line or in the environment. */
export class UsageError extends Error {}

/** The options on the command line. */
export type Options = ReturnType<typeof parse>;

/** Which API the chat asks, and how. */
export type Setup = ReturnType<typeof setUp>;

const type = "string";
const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: {
      provider: { type },
      url: { type },
      model: { type },
      system: { type },
      prompt: { type },
      sandbox: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  }).values;

/** @throws UsageError */
export function optionsOf(args: readonly string[]): Options {
  if (args.some((arg) => /^--(?:(?:api-?)?key|token)\b/.test(arg))) {
    throw new UsageError(
      "Other users can see a key on the command line. Put it into the environment (see --help).",
    );
  }
  try {
    const options = parse(args);
    const empty = Object.entries(options).find(([, value]) => String(value).trim() === "");
    if (empty) throw new TypeError(`--${empty[0]} is empty`);
    return options;
  } catch (error) {
    const { message } = Object(error);
    throw new UsageError(`${message}. See --help.`);
  }
}

/** What `--help` prints. */
export function helpText(): string {
  const row = (name: string, keys: string, model: string) =>
    `  ${name.padEnd(18)}${keys.padEnd(34)}${model}`;
  return `A streaming chat in the terminal.

  deno task chat                       use the provider whose key is in the environment
  deno task chat --sandbox             use a built-in fake: no account, no network
  deno task chat --prompt "Why?"       print one answer and exit; you can also pipe a question in

  --provider <name>   the API's format (below)
  --url <address>     another server that speaks it: the whole address, or the part before /v1
  --model <name>      the model
  --system <text>     instructions for the conversation
  --prompt <text>     ask this and exit
  --sandbox           use a built-in fake of --provider; a question that contains [401], [429],
                      [error] or [cut] shows how the chat handles that failure
  --help

${row("provider", "key, in the environment", "default model")}
${apis.map(({ names, keys, model }) => row(names[0], keys.join(" or "), model)).join("\n")}

End a line with \\ to continue it on the next one.
${COMMANDS}
~ marks an estimate, – an unknown value. Costs are list prices of November 2026.
`;
}

/**
 * Combines the options with the environment.
 *
 * @throws UsageError that says what is missing or wrong.
 */
export function setUp(options: Options, env: (name: string) => string | undefined) {
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
  return {
    api,
    url,
    /** `--url` leads to another server: list prices do not apply, and its stream may differ. */
    isElsewhere: url.origin !== new URL(api.url).origin,
    model,
    key,
    /** The environment variable of the key, for messages. */
    keyName,
    sandbox,
    system,
  };
}

/** The API's endpoint. `--url` gives another: the whole address, or the part before its `/v1`. */
function endpoint(api: Api, model: string, given?: string): URL {
  const own = urlOf(api, model);
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
