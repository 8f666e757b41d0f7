/**
 * Environment → Config. The only module that reads the environment. A bad value throws a {@linkcode
 * ConfigError} with a one-line message that says what to change.
 */
import type { LogLevel } from "./base/mod.ts";
import { type Allowed, readAllowed } from "./outgoing/mod.ts";
import { readWebhookSecret } from "./parallel/mod.ts";

/** All settings, validated. */
export interface Config {
  /** The TCP port to listen on. 0 picks a free one. */
  readonly port: number;
  readonly host: string;
  /** The public origin, without a trailing slash. `null`: taken from the request. */
  readonly publicUrl: string | null;
  /** A file, `:memory:`, a KV Connect URL, or `null` for Deno Deploy's attached database. */
  readonly kvPath: string | null;
  /**
   * The first secret signs and seals; all of them verify and decrypt. Empty: created once and kept beside
   * the KV file.
   */
  readonly sessionSecrets: readonly string[];
  /** The number of trusted proxies in front, for X-Forwarded-* (scheme, host, client address). 0: none. */
  readonly trustProxy: number;
  readonly parallelApiUrl: string;
  /** The OAuth provider for "Sign in with Parallel". */
  readonly parallelPlatformUrl: string;
  /** A webhook secret for all accounts of this instance. `null`: each account has its own. */
  readonly parallelWebhookSecret: string | null;
  readonly sandboxEnabled: boolean;
  /** Allows the sandbox's expensive faults. */
  readonly sandboxFaults: boolean;
  /** The limit on concurrent simulated runs; a client address gets a tenth of it. */
  readonly sandboxRunsMax: number;
  /** The limit on rows of simulated groups per client address per day. */
  readonly sandboxRowsPerDay: number;
  /** The limit on the stored data of all sandbox accounts together (bytes). */
  readonly sandboxBytesMax: number;
  /** The limit on new simulated runs per account, and per client address, per minute. */
  readonly sandboxCreatesPerMinute: number;
  /** 10 means ten times faster. */
  readonly sandboxSpeed: number;
  /** A silent stream gets a comment after this long (ms). */
  readonly sseHeartbeatMs: number;
  /** Runs older than this are removed with all their data (days). `null` keeps them. */
  readonly retentionDays: number | null;
  /** The limit on new tasks per account per minute. */
  readonly createLimitPerMinute: number;
  /** The largest batch: its rows, and the size of its table (bytes). */
  readonly batchLimits: { readonly rows: number; readonly bytes: number };
  /** The limit on requests per client address per minute. */
  readonly requestLimitPerMinute: number;
  /** The limit on sign-in attempts per client address per minute. */
  readonly signinLimitPerMinute: number;
  /** The limit on concurrent live streams per account, and per share link. */
  readonly streamLimit: number;
  /** Enables `/admin`. `null` disables it. */
  readonly adminToken: string | null;
  /** Origins whose pages may call `/api` with their own key. `*` allows all. */
  readonly corsOrigins: readonly string[];
  /** Hosts and networks that notifications may reach although they are not public. */
  readonly notifyAllowed: Allowed;
  /** The operator, for push services: `mailto:` or `https:`. `null`: the public URL. */
  readonly pushContact: string | null;
  readonly logLevel: LogLevel;
  readonly logFormat: "text" | "json";
  readonly onDeploy: boolean;
}

/** An invalid setting. The message is one line for the person who configured it. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

const MIN_SECRET_LENGTH = 32;
/** No deployment chains more proxies: a larger number is a mistake. */
const MAX_HOPS = 10;

/** Returns the value of an environment variable, or `undefined`. */
export type Env = (name: string) => string | undefined;

/** Reads and validates all settings. Throws {@linkcode ConfigError} at the first invalid one. */
export function readConfig(env: Env): Config {
  const get = (name: string) => {
    const value = env(name)?.trim();
    return value === "" ? undefined : value;
  };
  const readLimit = (name: string, fallback: number) =>
    readNumber(name, get(name), { fallback, min: 1, max: 1_000_000, integer: true });
  const onDeploy = get("DENO_DEPLOYMENT_ID") !== undefined || get("DENO_DEPLOY") !== undefined;
  const sessionSecrets = readSecrets(get("SESSION_SECRET"));
  if (onDeploy && sessionSecrets.length === 0) {
    throw new ConfigError("SESSION_SECRET must be set on Deno Deploy (32 or more characters)");
  }
  return {
    port: readNumber("PORT", get("PORT"), { fallback: 8000, min: 0, max: 65_535, integer: true }),
    host: get("HOST") ?? "0.0.0.0",
    publicUrl: readOrigin("PUBLIC_URL", get("PUBLIC_URL")),
    kvPath: get("KV_PATH") ?? (onDeploy ? null : "./data/taskstream.db"),
    sessionSecrets,
    trustProxy: readHops("TRUST_PROXY", get("TRUST_PROXY")),
    parallelApiUrl: readOrigin("PARALLEL_API_URL", get("PARALLEL_API_URL")) ??
      "https://api.parallel.ai",
    parallelPlatformUrl: readOrigin("PARALLEL_PLATFORM_URL", get("PARALLEL_PLATFORM_URL")) ??
      "https://platform.parallel.ai",
    parallelWebhookSecret: readSigningSecret(
      "PARALLEL_WEBHOOK_SECRET",
      get("PARALLEL_WEBHOOK_SECRET"),
    ),
    sandboxEnabled: readSwitch("SANDBOX", get("SANDBOX"), true),
    sandboxSpeed: readNumber("SANDBOX_SPEED", get("SANDBOX_SPEED"), {
      fallback: 1,
      min: 0.01,
      max: 10_000,
    }),
    sandboxFaults: readSwitch("SANDBOX_FAULTS", get("SANDBOX_FAULTS"), false),
    sandboxRunsMax: readLimit("SANDBOX_RUNS_MAX", 200),
    sandboxRowsPerDay: readLimit("SANDBOX_ROWS_PER_DAY", 2000),
    sandboxBytesMax: readNumber("SANDBOX_BYTES_MAX", get("SANDBOX_BYTES_MAX"), {
      fallback: 256 * 1024 * 1024,
      min: 1,
      max: Number.MAX_SAFE_INTEGER,
      integer: true,
    }),
    sseHeartbeatMs: readNumber("SSE_HEARTBEAT_MS", get("SSE_HEARTBEAT_MS"), {
      fallback: 15_000,
      min: 100,
      max: 600_000,
      integer: true,
    }),
    retentionDays: get("RETENTION_DAYS") === undefined ? null : readNumber(
      "RETENTION_DAYS",
      get("RETENTION_DAYS"),
      { fallback: 0, min: 1, max: 36_500, integer: true },
    ),
    createLimitPerMinute: readLimit("CREATE_LIMIT_PER_MINUTE", 2000),
    sandboxCreatesPerMinute: readLimit("CREATE_LIMIT_PER_MINUTE", 60),
    batchLimits: {
      rows: readNumber("BATCH_ROWS_MAX", get("BATCH_ROWS_MAX"), {
        fallback: 10_000,
        min: 1,
        max: 100_000,
        integer: true,
      }),
      bytes: readNumber("BATCH_BYTES_MAX", get("BATCH_BYTES_MAX"), {
        fallback: 20 * 1024 * 1024,
        min: 1,
        max: 100 * 1024 * 1024,
        integer: true,
      }),
    },
    requestLimitPerMinute: readLimit("REQUEST_LIMIT_PER_MINUTE", 6000),
    signinLimitPerMinute: readLimit("SIGNIN_LIMIT_PER_MINUTE", 60),
    streamLimit: readLimit("STREAM_LIMIT", 20),
    adminToken: readToken("ADMIN_TOKEN", get("ADMIN_TOKEN")),
    corsOrigins: readOrigins("CORS_ORIGINS", get("CORS_ORIGINS")),
    notifyAllowed: readNotifyAllowed("NOTIFY_ALLOW", get("NOTIFY_ALLOW")),
    pushContact: readContact("PUSH_CONTACT", get("PUSH_CONTACT")),
    logLevel: readChoice("LOG_LEVEL", get("LOG_LEVEL"), ["debug", "info", "warn", "error"], "info"),
    logFormat: readChoice(
      "LOG_FORMAT",
      get("LOG_FORMAT"),
      ["text", "json"],
      onDeploy ? "json" : "text",
    ),
    onDeploy,
  };
}

function readNumber(
  name: string,
  value: string | undefined,
  rule: { fallback: number; min: number; max: number; integer?: boolean },
): number {
  if (value === undefined) return rule.fallback;
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (!(number >= rule.min && number <= rule.max) || (rule.integer && !Number.isInteger(number))) {
    const what = rule.integer ? "a whole number" : "a number";
    throw new ConfigError(
      `${name} must be ${what} from ${rule.min} to ${rule.max}, not "${value}"`,
    );
  }
  return number;
}

function readToken(name: string, value: string | undefined): string | null {
  if (value === undefined) return null;
  // Never repeat the value: error lines end up in logs.
  if (!/^[\x21-\x7e]{16,512}$/.test(value)) {
    throw new ConfigError(`${name} must be 16 to 512 characters without spaces`);
  }
  return value;
}

function readSigningSecret(name: string, value: string | undefined): string | null {
  if (value === undefined) return null;
  const read = readWebhookSecret(value);
  if (!read.ok) throw new ConfigError(`${name} cannot be used: ${read.why}`);
  return read.secret;
}

function readSwitch(name: string, value: string | undefined, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (/^(on|1|true|yes)$/i.test(value)) return true;
  if (/^(off|0|false|no)$/i.test(value)) return false;
  throw new ConfigError(`${name} must be on or off, not "${value}"`);
}

/** Reads a number of proxies. `on` means one. */
function readHops(name: string, value: string | undefined): number {
  if (value === undefined || /^(off|false|no)$/i.test(value)) return 0;
  if (/^(on|true|yes)$/i.test(value)) return 1;
  if (/^\d{1,2}$/.test(value) && Number(value) <= MAX_HOPS) return Number(value);
  throw new ConfigError(
    `${name} must be on, off or the number of proxies in front, up to ${MAX_HOPS}, not "${value}"`,
  );
}

function readChoice<T extends string>(
  name: string,
  value: string | undefined,
  choices: readonly T[],
  fallback: T,
): T {
  if (value === undefined) return fallback;
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) {
    throw new ConfigError(`${name} must be one of ${choices.join(", ")}, not "${value}"`);
  }
  return choice;
}

function readOrigin(name: string, value: string | undefined): string | null {
  if (value === undefined) return null;
  const url = URL.parse(value);
  if (
    url === null || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== ""
  ) {
    throw new ConfigError(
      `${name} must be an origin like https://example.com without a path, not "${value}"`,
    );
  }
  return url.origin;
}

function readOrigins(name: string, value: string | undefined): string[] {
  const entries = (value ?? "").split(",").map((entry) => entry.trim());
  return entries.filter((entry) => entry !== "").map((entry) => {
    if (entry === "*") return entry;
    // Browsers send no patterns: `https://*.example.com` would look configured and match nothing.
    const origin = entry.includes("*") ? null : readOrigin(name, entry);
    if (origin !== null) return origin;
    throw new ConfigError(`${name} takes origins, or * for all; "${entry}" is neither`);
  });
}

function readNotifyAllowed(name: string, value: string | undefined): Allowed {
  const read = readAllowed(value ?? "");
  if (read.ok) return read.allowed;
  throw new ConfigError(
    `${name} takes host names, addresses and networks like ntfy.lan or 10.0.0.0/8; "${read.wrong}" is not one of these`,
  );
}

function readContact(name: string, value: string | undefined): string | null {
  if (value === undefined) return null;
  const url = URL.parse(value);
  if (url !== null && /^(?:mailto|https):$/.test(url.protocol)) return url.href;
  throw new ConfigError(
    `${name} must be like mailto:you@example.com or https://example.com, not "${value}"`,
  );
}

function readSecrets(value: string | undefined): string[] {
  if (value === undefined) return [];
  const secrets = value.split(",").map((secret) => secret.trim()).filter((secret) => secret !== "");
  // Never repeat the value: error lines end up in logs.
  if (secrets.length === 0 || secrets.some((secret) => secret.length < MIN_SECRET_LENGTH)) {
    throw new ConfigError(
      `SESSION_SECRET must have ${MIN_SECRET_LENGTH} or more characters (each, where a comma-separated list rotates)`,
    );
  }
  return secrets;
}
