import { assert, assertMatch, assertNotMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { apis } from "../../../examples/apis/mod.ts";
import { setUp, UsageError } from "../../../examples/chat/setup.ts";

const env = (all: Readonly<Record<string, string>>) => (name: string) => all[name];

const problem = (...args: Parameters<typeof setUp>): string =>
  assertThrows(() => setUp(...args), UsageError).message;

for (const api of apis) {
  Deno.test(`${api.names[0]} takes its key from ${api.keys.join(" or ")} and has a model`, () => {
    for (const name of api.keys) {
      const setup = setUp({ provider: api.names[0] }, env({ [name]: "  k-1\n" }));
      assertStrictEquals(setup.key, "k-1");
      assertStrictEquals(setup.keyName, name);
      assertStrictEquals(setup.model, api.model);
      assertStrictEquals(setup.url.origin, new URL(api.url).origin);
      assertStrictEquals(setup.isElsewhere, false);
    }
  });

  Deno.test(`${api.names[0]} without a key names the missing variable`, () => {
    const message = problem({ provider: api.names[0] }, env({}));
    for (const name of api.keys) assertMatch(message, new RegExp(name));
    assertMatch(message, /--sandbox/);
  });
}

Deno.test("without --provider the available key decides", () => {
  assertStrictEquals(setUp({}, env({ PARALLEL_API_KEY: "k" })).api.names[0], "parallel");
  assertStrictEquals(
    setUp({}, env({ CO_API_KEY: "k", ANTHROPIC_API_KEY: "k" })).api.names[0],
    "anthropic",
  );
  assertStrictEquals(
    setUp({}, env({ OPENAI_API_KEY: " ", GOOGLE_API_KEY: "k" })).api.names[0],
    "google",
  );
});

Deno.test("without a provider or a key all variables are named", () => {
  const message = problem({}, env({}));
  for (const name of new Set(apis.flatMap(({ keys }) => keys))) {
    assertMatch(message, new RegExp(name));
  }
});

Deno.test("a custom URL needs no key and uses OpenAI's format", () => {
  const setup = setUp({ url: "http://localhost:11434", model: "llama" }, env({ CO_API_KEY: "k" }));
  assertStrictEquals(setup.api.names[0], "openai");
  assertStrictEquals(setup.key, undefined);
  assertStrictEquals(setup.isElsewhere, true);
  assertStrictEquals(setup.url.href, "http://localhost:11434/v1/chat/completions");
});

Deno.test("the sandbox needs no key and ignores keys in the environment", () => {
  const setup = setUp({ sandbox: true, provider: "anthropic" }, env({ ANTHROPIC_API_KEY: "real" }));
  assertStrictEquals(setup.key, "none");
  assertMatch(problem({ sandbox: true, url: "http://localhost" }, env({})), /without --url/);
});

Deno.test("common names lead to the intended provider", () => {
  for (
    const [typed, name] of [
      ["Claude", "anthropic"],
      ["gemini", "google"],
      ["cohere-v2", "cohere"],
      ["responses", "openai-responses"],
      ["openai-chat", "openai"],
    ] as const
  ) assertStrictEquals(setUp({ provider: typed, sandbox: true }, env({})).api.names[0], name);
  assertMatch(
    problem({ provider: "opneai" }, env({})),
    /Unknown provider “opneai”.*openai, .*parallel/,
  );
});

Deno.test("an incompletely copied key is rejected before it becomes a header", () => {
  for (const key of ["sk-a b", "sk-ä", "sk-a\nb"]) {
    const message = problem({ provider: "openai" }, env({ OPENAI_API_KEY: key }));
    assertMatch(message, /OPENAI_API_KEY contains spaces/);
    assert(!message.includes(key));
  }
});

const PLACES: readonly (readonly [api: string, given: string, url: string])[] = [
  ["openai", "http://h", "http://h/v1/chat/completions"],
  ["openai", "http://h/", "http://h/v1/chat/completions"],
  ["openai", "http://h/v1", "http://h/v1/chat/completions"],
  ["openai", "http://h/v1/", "http://h/v1/chat/completions"],
  ["openai", "http://h/openai/v1", "http://h/openai/v1/chat/completions"],
  ["openai", "https://h/api/v1/chat/completions", "https://h/api/v1/chat/completions"],
  ["openai", "https://h/chat/completions?v=2", "https://h/chat/completions?v=2"],
  ["openai-responses", "http://h/v1", "http://h/v1/responses"],
  ["anthropic", "http://h", "http://h/v1/messages"],
  ["cohere", "http://h", "http://h/v2/chat"],
  ["parallel", "http://h:8000/api", "http://h:8000/api/v1beta/chat/completions"],
  ["google", "http://h", "http://h/v1beta/models/a%2Fb:streamGenerateContent?alt=sse"],
  [
    "google",
    "http://h/p/models/mine:streamGenerateContent",
    "http://h/p/models/mine:streamGenerateContent?alt=sse",
  ],
  ["google", "http://h/v1beta", "http://h/v1beta/models/a%2Fb:streamGenerateContent?alt=sse"],
];

for (const [name, given, url] of PLACES) {
  Deno.test(`requests to ${name} at ${given} go to ${url}`, () => {
    const setup = setUp({ provider: name, url: given, model: "a/b" }, env({}));
    assertStrictEquals(setup.url.href, url);
  });
}

for (const given of ["localhost:11434", "ftp://h", "nonsense", "http://"]) {
  Deno.test(`--url ${given} is rejected with an example`, () => {
    assertMatch(problem({ url: given }, env({})), /must begin with http:\/\/ or https:\/\//);
  });
}

Deno.test("a password in --url is rejected and not repeated", () => {
  const message = problem({ url: "https://me:secret@h/v1" }, env({}));
  assertMatch(message, /must not contain a password/);
  assertNotMatch(message, /secret/);
});
