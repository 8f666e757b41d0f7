import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { ConfigError, readConfig } from "../lib/config.ts";
import { assertError } from "./assert_error.ts";

const read = (env: Record<string, string> = {}) => readConfig((name) => env[name]);

/** Settings and their defaults in docs/reference/configuration.md, if the default is a value. */
const documented = [
  ...(await Deno.readTextFile(new URL("../docs/reference/configuration.md", import.meta.url)))
    .matchAll(/^\| `([A-Z_]+)` *\| [^|]*\| `?([^\s|`;]+)`? *\|/gm),
].flatMap(([, name = "", value = ""]) =>
  value === "none" || value === "generated" || value === "PUBLIC_URL" ? [] : [{ name, value }]
);

Deno.test("the documented defaults are the ones without settings", () => {
  assert(documented.length >= 15, `${documented.length}`);
  const unset = read();
  for (const { name, value } of documented) assertEquals(read({ [name]: value }), unset, name);
});

const REST: Partial<ReturnType<typeof read>> = {
  publicUrl: null,
  sessionSecrets: [],
  parallelWebhookSecret: null,
  retentionDays: null,
  // One setting replaces both.
  createLimitPerMinute: 2000,
  sandboxCreatesPerMinute: 60,
  adminToken: null,
  corsOrigins: [],
  notifyAllowed: { hosts: new Set<string>(), nets: [] },
  pushContact: null,
  logFormat: "text",
  onDeploy: false,
};

Deno.test("without settings nothing optional is on", () => {
  const unset = read();
  for (const [name, value] of Object.entries(REST)) {
    assertEquals(unset[name as keyof typeof unset], value, name);
  }
});

Deno.test("an empty value counts as unset", () =>
  assertStrictEquals(read({ PORT: " " }).port, 8000));

const GOOD: readonly [Record<string, string>, Partial<ReturnType<typeof read>>][] = [
  [{ PORT: "0" }, { port: 0 }],
  [{ PUBLIC_URL: "https://x.example/" }, { publicUrl: "https://x.example" }],
  [{ SANDBOX: "off" }, { sandboxEnabled: false }],
  [{ CORS_ORIGINS: "https://a.example/, http://localhost:5173," }, {
    corsOrigins: ["https://a.example", "http://localhost:5173"],
  }],
  [{ CORS_ORIGINS: "*" }, { corsOrigins: ["*"] }],
  [{ RETENTION_DAYS: "30", STREAM_LIMIT: "5" }, { retentionDays: 30, streamLimit: 5 }],
  [{ TRUST_PROXY: "on" }, { trustProxy: 1 }],
  [{ TRUST_PROXY: "off" }, { trustProxy: 0 }],
  [{ TRUST_PROXY: "3" }, { trustProxy: 3 }],
  [{ PARALLEL_WEBHOOK_SECRET: "v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }, {
    parallelWebhookSecret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  }],
  [{ ADMIN_TOKEN: "a".repeat(16) }, { adminToken: "a".repeat(16) }],
  [{ CREATE_LIMIT_PER_MINUTE: "7" }, { createLimitPerMinute: 7, sandboxCreatesPerMinute: 7 }],
  [{ SANDBOX_FAULTS: "on", SANDBOX_RUNS_MAX: "5", SANDBOX_ROWS_PER_DAY: "6" }, {
    sandboxFaults: true,
    sandboxRunsMax: 5,
    sandboxRowsPerDay: 6,
  }],
  [{ SANDBOX_BYTES_MAX: "1048576" }, { sandboxBytesMax: 1_048_576 }],
  [{ BATCH_ROWS_MAX: "50", BATCH_BYTES_MAX: "4096" }, {
    batchLimits: { rows: 50, bytes: 4_096 },
  }],
  [{ SANDBOX_SPEED: "0.5" }, { sandboxSpeed: 0.5 }],
  [{ SESSION_SECRET: `${"a".repeat(32)}, ${"b".repeat(40)}` }, {
    sessionSecrets: ["a".repeat(32), "b".repeat(40)],
  }],
  [{ DENO_DEPLOYMENT_ID: "d", SESSION_SECRET: "a".repeat(32) }, {
    kvPath: null,
    logFormat: "json",
    onDeploy: true,
  }],
];

for (const [env, expected] of GOOD) {
  Deno.test(`config accepts ${JSON.stringify(env)}`, () => {
    const config = read(env);
    for (const [name, value] of Object.entries(expected)) {
      assertEquals(config[name as keyof typeof config], value);
    }
  });
}

const BAD: readonly [Record<string, string>, RegExp][] = [
  [{ PORT: "80a" }, /^PORT must be a whole number from 0 to 65535, not "80a"$/],
  [{ PORT: "70000" }, /^PORT /],
  [{ PORT: "-1" }, /^PORT /],
  [{ PORT: "1.5" }, /^PORT /],
  [{ SANDBOX: "maybe" }, /^SANDBOX must be on or off/],
  [{ SANDBOX_SPEED: "0" }, /^SANDBOX_SPEED /],
  [{ SANDBOX_SPEED: "fast" }, /^SANDBOX_SPEED /],
  [
    { TRUST_PROXY: "11" },
    /^TRUST_PROXY must be on, off or the number of proxies in front, up to 10, not "11"$/,
  ],
  [{ TRUST_PROXY: "-1" }, /^TRUST_PROXY /],
  [{ TRUST_PROXY: "10.0.0.1" }, /^TRUST_PROXY /],
  [
    { PARALLEL_WEBHOOK_SECRET: "whsec_short" },
    /^PARALLEL_WEBHOOK_SECRET cannot be used: .*cut off/,
  ],
  [{ PUBLIC_URL: "example.com" }, /^PUBLIC_URL must be an origin/],
  [{ PUBLIC_URL: "https://example.com/path" }, /^PUBLIC_URL /],
  [{ PARALLEL_API_URL: "ftp://example.com" }, /^PARALLEL_API_URL /],
  [{ SSE_HEARTBEAT_MS: "1" }, /^SSE_HEARTBEAT_MS /],
  [{ CORS_ORIGINS: "https://a.example, b.example" }, /^CORS_ORIGINS must be an origin/],
  [{ CORS_ORIGINS: "https://*.example" }, /^CORS_ORIGINS takes origins/],
  [{ CORS_ORIGINS: "null" }, /^CORS_ORIGINS must be an origin/],
  [{ LOG_LEVEL: "loud" }, /^LOG_LEVEL must be one of debug, info, warn, error/],
  [{ RETENTION_DAYS: "0" }, /^RETENTION_DAYS must be a whole number from 1/],
  [{ CREATE_LIMIT_PER_MINUTE: "none" }, /^CREATE_LIMIT_PER_MINUTE /],
  [{ SANDBOX_BYTES_MAX: "256 MiB" }, /^SANDBOX_BYTES_MAX /],
  [{ BATCH_ROWS_MAX: "0" }, /^BATCH_ROWS_MAX must be a whole number from 1 to 100000/],
  [{ BATCH_BYTES_MAX: "20 MiB" }, /^BATCH_BYTES_MAX /],
  [{ SANDBOX_RUNS_MAX: "0" }, /^SANDBOX_RUNS_MAX /],
  [{ ADMIN_TOKEN: "short" }, /^ADMIN_TOKEN must be 16 to 512 characters without spaces$/],
  [{ PARALLEL_PLATFORM_URL: "https://example.com/x" }, /^PARALLEL_PLATFORM_URL must be an origin/],
  [{ LOG_FORMAT: "xml" }, /^LOG_FORMAT /],
  [{ SESSION_SECRET: "short" }, /^SESSION_SECRET must have 32/],
  [{ SESSION_SECRET: `${"a".repeat(32)},short` }, /^SESSION_SECRET /],
  [{ DENO_DEPLOY: "true" }, /^SESSION_SECRET must be set on Deno Deploy/],
  [{ DENO_DEPLOYMENT_ID: "d" }, /^SESSION_SECRET must be set on Deno Deploy/],
];

for (const [env, message] of BAD) {
  Deno.test(`config rejects ${JSON.stringify(env)} in one line`, () => {
    assertError(assertThrows(() => read(env)), (error) => {
      assert(error instanceof ConfigError);
      assertMatch(error.message, message);
      assert(!error.message.includes("\n"));
      return true;
    });
  });
}

Deno.test("the error does not repeat a rejected secret", () => {
  assertError(
    assertThrows(() => read({ SESSION_SECRET: "hunter2" })),
    (error) => !String(error).includes("hunter2"),
  );
});
