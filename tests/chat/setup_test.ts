import { assert, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { apiNamed, apis } from "../../lib/chat/apis/mod.ts";
import { endpoint } from "../../lib/chat/endpoint.ts";
import { type Setup, setUp, unencrypted } from "../../lib/chat/setup.ts";
import { setupOf } from "./support.ts";

const env = (all: Readonly<Record<string, string>>) => (name: string) => all[name];

function good(...[args, read]: Parameters<typeof setUp>): Setup {
  const result = setUp(args, read);
  assert(result.ok, result.ok ? "" : result.problem);
  return result.setup;
}

function problem(...[args, read]: Parameters<typeof setUp>): string {
  const result = setUp(args, read);
  assert(!result.ok);
  return result.problem;
}

for (const api of apis) {
  Deno.test(`${api.name} takes its key from ${api.keys.join(" or ")} and has a model`, () => {
    for (const name of api.keys) {
      const setup = good({ provider: api.name }, env({ [name]: "  k-1\n" }));
      assertStrictEquals(setup.key, "k-1");
      assertStrictEquals(setup.keyName, name);
      assertStrictEquals(setup.model, api.model);
      assertStrictEquals(setup.url.origin, api.origin);
      assertStrictEquals(setup.elsewhere, false);
    }
  });

  Deno.test(`${api.name} without a key says which variable is missing`, () => {
    const said = problem({ provider: api.name }, env({}));
    for (const name of api.keys) assertMatch(said, new RegExp(name));
    assertMatch(said, /--sandbox/);
  });
}

Deno.test("without --provider the key that is there decides", () => {
  assertStrictEquals(good({}, env({ PARALLEL_API_KEY: "k" })).api.name, "parallel");
  assertStrictEquals(
    good({}, env({ CO_API_KEY: "k", ANTHROPIC_API_KEY: "k" })).api.name,
    "anthropic",
  );
  assertStrictEquals(
    good({}, env({ OPENAI_API_KEY: " ", GOOGLE_API_KEY: "k" })).api.name,
    "google",
  );
});

Deno.test("without a provider and without any key all the variables are named", () => {
  const said = problem({}, env({}));
  for (const name of new Set(apis.flatMap(({ keys }) => keys))) {
    assertMatch(said, new RegExp(name));
  }
});

Deno.test("a URL of one's own needs no key and is taken for OpenAI's format", () => {
  const setup = good({ url: "http://localhost:11434", model: "llama" }, env({ CO_API_KEY: "k" }));
  assertStrictEquals(setup.api.name, "openai");
  assertStrictEquals(setup.key, undefined);
  assertStrictEquals(setup.elsewhere, true);
  assertStrictEquals(setup.url.href, "http://localhost:11434/v1/chat/completions");
});

Deno.test("the sandbox needs no key and does not take one out of the environment", () => {
  const setup = good({ sandbox: true, provider: "anthropic" }, env({ ANTHROPIC_API_KEY: "real" }));
  assertStrictEquals(setup.key, "none");
  assertMatch(problem({ sandbox: true, url: "http://localhost" }, env({})), /without --url/);
});

Deno.test("names people would type lead to the provider they mean", () => {
  for (
    const [typed, name] of [
      ["Claude", "anthropic"],
      ["gemini", "google"],
      ["cohere-v2", "cohere"],
      ["responses", "openai-responses"],
      ["openai-chat", "openai"],
    ] as const
  ) assertStrictEquals(apiNamed(typed)?.name, name);
  assertMatch(
    problem({ provider: "opneai" }, env({})),
    /no provider “opneai”.*openai, .*parallel/,
  );
});

Deno.test("a key that was not copied whole is refused before it becomes a header", () => {
  for (const key of ["sk-a b", "sk-ä", "sk-a\nb"]) {
    const said = problem({ provider: "openai" }, env({ OPENAI_API_KEY: key }));
    assertMatch(said, /OPENAI_API_KEY holds spaces or characters/);
    assert(!said.includes(key));
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
  ["cohere-v1", "http://h/v1/chat", "http://h/v1/chat"],
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
  Deno.test(`${name} at ${given} is asked at ${url}`, () => {
    const place = endpoint(apiNamed(name)!, "a/b", given);
    assert(place.ok);
    assertStrictEquals(place.url.href, url);
  });
}

for (const given of ["localhost:11434", "ftp://h", "nonsense", "http://"]) {
  Deno.test(`--url ${given} is refused with an example`, () => {
    assertMatch(problem({ url: given }, env({})), /begins with http:\/\/ or https:\/\//);
  });
}

Deno.test("a password in --url is refused and not repeated", () => {
  const said = problem({ url: "https://me:secret@h/v1" }, env({}));
  assertMatch(said, /must not carry a password/);
  assertNotMatch(said, /secret/);
});

Deno.test("a key over plain http to another machine is noticed", () => {
  const at = (url: string, key?: string) => {
    const { key: _, ...rest } = setupOf("openai", { url: new URL(url) });
    return unencrypted(key === undefined ? rest : { ...rest, key });
  };
  assertStrictEquals(at("http://example.com/v1", "k"), true);
  assertStrictEquals(at("http://localhost.example.com/v1", "k"), true);
  assertStrictEquals(at("http://127.0.0.1.example.com/v1", "k"), true);
  assertStrictEquals(at("http://example.com/v1"), false);
  assertStrictEquals(at("https://example.com/v1", "k"), false);
  for (const host of ["localhost:1234", "127.0.0.1", "[::1]:80"]) {
    assertStrictEquals(at(`http://${host}/`, "k"), false, host);
  }
});
