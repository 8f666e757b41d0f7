/**
 * Who may import whom. A change that needs another arrow is a change of the house: draw it first,
 * then change this table.
 */
import { assertEquals } from "@std/assert";
import { dirname, join, relative } from "node:path";

const ROOT = join(import.meta.dirname!, "..");

/** Room → rooms it may import, besides itself and npm packages. Longest matching room wins. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  "lib/base": [],
  "lib/sse": [],
  "lib/std": [],
  "lib/fresh": ["@std/http/status"],
  "lib/styles": [],
  "lib/build": [],
  "lib/deploy": [],
  "lib/backup": ["lib/accounts/secrets.ts", "lib/config.ts", "lib/kv/open.ts"],
  "lib/telemetry": [],
  "lib/kv": [],
  "lib/parallel": ["lib/sse"],
  "lib/sandbox": ["lib/parallel", "lib/sse"],
  "lib/accounts": [
    "@std/http/cookie",
    "lib/parallel",
    "lib/kv",
    "lib/config.ts",
    "lib/upstreams.ts",
  ],
  "lib/limits": ["lib/kv", "lib/config.ts"],
  "lib/runs": ["lib/parallel", "lib/sse", "lib/kv", "lib/accounts", "lib/limits", "lib/log.ts"],
  "lib/groups": ["lib/runs", "lib/parallel", "lib/sse", "lib/kv", "lib/accounts", "lib/log.ts"],
  "lib/proxy": [
    "lib/runs",
    "lib/groups",
    "lib/kv",
    "lib/limits",
    "lib/parallel",

    "lib/log.ts",
  ],
  "lib/results": ["lib/parallel"],
  "lib/exports": ["lib/results", "lib/runs", "lib/parallel"],
  "lib/batches": ["lib/exports", "lib/results", "lib/runs", "lib/parallel"],
  "lib/batches/model": ["lib/results", "lib/parallel"],
  "lib/transfer": [
    "lib/exports",
    "lib/limits",
    "lib/results",
    "lib/runs",
    "lib/parallel",
    "lib/log.ts",
  ],
  "lib/middleware": ["fresh", "lib"],
  "components": [
    "fresh/runtime",
    "lib/sse",
    "lib/runs",
    "lib/results",
    "lib/parallel",
    "lib/state.ts",
  ],
  "islands": ["components", "lib/runs", "lib/parallel"],
  "examples": ["lib/sse"],
  "routes": ["fresh", "fresh/runtime", "@std/http/etag", "components", "islands", "lib"],
};

/** Rooms that stand on their own; every other room may use what `lib/base` has. */
const WITHOUT_BASE = ["lib/base", "lib/sse", "lib/fresh", "lib/std", "examples"];

/** What a browser may load: pages' parts reach no further into the server than these. */
const BROWSER_SAFE =
  /^(?:lib\/base\/|lib\/sse\/|lib\/results\/|lib\/batches\/model\/|lib\/runs\/(?:apply|event|payload|view|status|model)\.ts$|lib\/parallel\/(?!client|webhooks)|components\/|islands\/)/;

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

async function sources(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(join(ROOT, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await sources(path));
    else if (/\.tsx?$/.test(entry.name)) found.push(path);
  }
  return found;
}

async function importsOf(path: string): Promise<Import[]> {
  const text = await Deno.readTextFile(join(ROOT, path));
  const statements = text.matchAll(
    /^\s*(?:import|export)\s+(type\s)?[^"';]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm,
  );
  return [...statements].map(([, type, from, bare, dynamic]) => {
    const specifier = from ?? bare ?? dynamic ?? "";
    const to = specifier.startsWith(".")
      ? relative(ROOT, join(ROOT, dirname(path), specifier))
      : specifier;
    return { from: path, to, typeOnly: type !== undefined };
  });
}

function roomOf(path: string): string | undefined {
  return Object.keys(ARROWS)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

const isOurs = (to: string) =>
  /^(?:lib|routes|islands|components|examples|fresh|@std)(?:\/|$)/.test(to);

for (const [room, allowed] of Object.entries(ARROWS)) {
  Deno.test(`${room} imports only what it may`, async () => {
    const wrong: string[] = [];
    for (const path of await sources(room)) {
      if (roomOf(path) !== room) continue;
      for (const { to, typeOnly } of await importsOf(path)) {
        if (!isOurs(to) || to.startsWith(`${room}/`)) continue;
        if (to.startsWith("lib/base/") && !WITHOUT_BASE.includes(room)) continue;
        const fits = allowed.some((target) => to === target || to.startsWith(`${target}/`));
        // Types vanish at build: a component may name what a service returns.
        if (!fits && !(typeOnly && to.startsWith("lib/"))) wrong.push(`${path} -> ${to}`);
      }
    }
    assertEquals(wrong, []);
  });
}

Deno.test("components and islands reach only what runs in a browser", async () => {
  const wrong: string[] = [];
  for (const path of [...await sources("components"), ...await sources("islands")]) {
    for (const { to, typeOnly } of await importsOf(path)) {
      if (isOurs(to) && !to.startsWith("fresh") && !typeOnly && !BROWSER_SAFE.test(to)) {
        wrong.push(`${path} -> ${to}`);
      }
    }
  }
  assertEquals(wrong, []);
});

Deno.test("the model of batches loads nothing, however far away, that a browser lacks", async () => {
  const seen = new Set<string>();
  const open = ["lib/batches/model/mod.ts"];
  const wrong: string[] = [];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const { to, typeOnly } of await importsOf(path)) {
      if (typeOnly) continue;
      if (to.startsWith("lib/")) open.push(to);
      else wrong.push(`${path} -> ${to}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("what JSR has is imported by its name, never from what stands in for it", async () => {
  const wrong: string[] = [];
  for (const folder of ["routes", "islands", "components", "lib", "tests"]) {
    for (const path of await sources(folder)) {
      for (const { to } of await importsOf(path)) {
        const room = /^lib\/(?:fresh|std)\//.exec(to)?.[0];
        if (room === undefined || path.startsWith(room)) continue;
        if (path.startsWith(`tests/${room}`)) continue;
        wrong.push(`${path} -> ${to}`);
      }
    }
  }
  assertEquals(wrong, []);
});
