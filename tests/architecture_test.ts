/**
 * The allowed imports between rooms. A room is entered only by its face, and only from rooms above it. A
 * change that needs another import changes the architecture: sketch it first, then change this table.
 */
import { assertEquals } from "@std/assert";
import { dirname, join, relative } from "node:path";

const ROOT = join(import.meta.dirname!, "..");

/** Room → rooms that it may import, from the ground up: a room names only what stands above it here. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  "lib/base": [],
  "lib/sse": [],
  "lib/std": [],
  "lib/fresh": [],
  "lib/styles": [],
  "lib/build": [],
  "lib/deploy": ["lib/build"],
  "lib/telemetry": [],
  "lib/store": ["lib/base"],
  "lib/outgoing": ["lib/base"],
  "lib/parallel": ["lib/base", "lib/sse"],
  "lib/tasks/schema": ["lib/base", "lib/parallel"],
  "lib/tasks/fields": ["lib/base", "lib/parallel", "lib/tasks/schema"],
  "lib/tasks/code": ["lib/base", "lib/parallel", "lib/tasks/fields"],
  "lib/tasks/paste": ["lib/base", "lib/parallel", "lib/tasks/fields"],
  "lib/results": ["lib/base", "lib/parallel", "lib/tasks/schema"],
  "lib/limits": ["lib/base", "lib/store"],
  "lib/accounts": ["lib/base", "lib/parallel", "lib/store", "lib/tasks/fields"],
  "lib/sandbox": [
    "lib/base",
    "lib/parallel",
    "lib/sse",
    "lib/tasks/fields",
    "lib/tasks/schema",
  ],
  "lib/runs/model": ["lib/base", "lib/parallel"],
  "lib/runs/history": ["lib/base", "lib/parallel", "lib/runs/model", "lib/store"],
  "lib/runs/log": [
    "lib/accounts",
    "lib/base",
    "lib/parallel",
    "lib/runs/history",
    "lib/runs/model",
    "lib/sse",
    "lib/store",
    "lib/tasks/fields",
  ],
  "lib/runs/stream": [
    "lib/base",
    "lib/limits",
    "lib/runs/history",
    "lib/runs/log",
    "lib/runs/model",
    "lib/sse",
    "lib/store",
  ],
  "lib/runs/search": [
    "lib/base",
    "lib/parallel",
    "lib/results",
    "lib/runs/history",
    "lib/runs/log",
    "lib/runs/model",
    "lib/store",
  ],
  "lib/runs/life": [
    "lib/accounts",
    "lib/base",
    "lib/limits",
    "lib/parallel",
    "lib/runs/history",
    "lib/runs/log",
    "lib/runs/model",
    "lib/runs/search",
    "lib/runs/stream",
    "lib/store",
  ],
  "lib/runs": [
    "lib/limits",
    "lib/runs/history",
    "lib/runs/life",
    "lib/runs/log",
    "lib/runs/search",
    "lib/runs/stream",
  ],
  "lib/exports": ["lib/base", "lib/parallel", "lib/results", "lib/runs/model"],
  "lib/transfer": [
    "lib/base",
    "lib/exports",
    "lib/limits",
    "lib/parallel",
    "lib/results",
    "lib/runs",
    "lib/runs/model",
    "lib/tasks/fields",
  ],
  "lib/groups": [
    "lib/accounts",
    "lib/base",
    "lib/parallel",
    "lib/runs",
    "lib/runs/model",
    "lib/sse",
    "lib/store",
  ],
  "lib/batches/model": ["lib/base", "lib/parallel", "lib/results", "lib/tasks/schema"],
  "lib/batches": [
    "lib/accounts",
    "lib/base",
    "lib/batches/model",
    "lib/exports",
    "lib/groups",
    "lib/limits",
    "lib/parallel",
    "lib/results",
    "lib/runs",
    "lib/runs/model",
    "lib/sse",
    "lib/store",
  ],
  "lib/notify": [
    "lib/accounts",
    "lib/base",
    "lib/limits",
    "lib/outgoing",
    "lib/parallel",
    "lib/runs/model",
    "lib/store",
  ],
  "lib/schedules": [
    "lib/accounts",
    "lib/base",
    "lib/batches",
    "lib/batches/model",
    "lib/parallel",
    "lib/results",
    "lib/runs",
    "lib/store",
  ],
  "lib/backup": ["lib/accounts", "lib/base", "lib/store"],
  "lib/proxy": [
    "lib/accounts",
    "lib/base",
    "lib/groups",
    "lib/limits",
    "lib/parallel",
    "lib/runs",
    "lib/store",
    "lib/tasks/fields",
  ],
  "lib/mcp": [
    "lib/accounts",
    "lib/base",
    "lib/batches",
    "lib/batches/model",
    "lib/exports",
    "lib/limits",
    "lib/parallel",
    "lib/proxy",
    "lib/runs",
    "lib/runs/model",
    "lib/store",
    "lib/tasks/fields",
  ],
  "lib/middleware": [
    "lib/accounts",
    "lib/base",
    "lib/limits",
    "lib/proxy",
    "lib/runs",
    "lib/store",
    "lib/telemetry",
  ],
};

/** Rooms whose code also runs in a browser: components and islands take values from these alone. */
const BROWSER_SAFE = new Set([
  "lib/base",
  "lib/batches/model",
  "lib/exports",
  "lib/parallel",
  "lib/results",
  "lib/runs/model",
  "lib/sse",
  "lib/tasks/code",
  "lib/tasks/fields",
  "lib/tasks/paste",
  "lib/tasks/schema",
]);

/** Rooms that stand in for packages: they are imported by their package's name. */
const PACKAGES = new Set(["lib/fresh", "lib/std"]);

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

async function sources(place: string): Promise<string[]> {
  if (/\.tsx?$/.test(place)) return [place];
  const found: string[] = [];
  for await (const entry of Deno.readDir(join(ROOT, place))) {
    const path = `${place}/${entry.name}`;
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

/** The innermost room that a file lies in. */
function roomOf(path: string): string | undefined {
  return Object.keys(ROOMS)
    .filter((room) => path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

const HOUSE = ["lib", "routes", "islands", "components", "main.ts", "dev.ts", "fresh.config.ts"];
const files = (await Promise.all(HOUSE.map(sources))).flat();
const imports = (await Promise.all(files.map(importsOf))).flat();

Deno.test("every import enters a room through its face", () => {
  const wrong = imports.filter(({ from, to }) => {
    const room = roomOf(to);
    return room !== undefined && room !== roomOf(from) && to !== `${room}/mod.ts`;
  });
  assertEquals(wrong.map(({ from, to }) => `${from} -> ${to}`), []);
});

Deno.test("imports from outside lib/runs use its face, except for its model", () => {
  const wrong = imports.filter(({ from, to }) =>
    /^lib\/runs\/(?!model\/|mod\.ts)/.test(to) && !from.startsWith("lib/runs/")
  );
  assertEquals(wrong.map(({ from, to }) => `${from} -> ${to}`), []);
});

Deno.test("a face has no code of its own", async () => {
  const wrong: string[] = [];
  for (const path of files.filter((path) => path.endsWith("/mod.ts"))) {
    const text = await Deno.readTextFile(join(ROOT, path));
    if (/^(?:export )?(?:async )?(?:function|class)\b/m.test(text)) wrong.push(path);
  }
  assertEquals(wrong, []);
});

Deno.test("every folder of lib is a room", () => {
  const homeless = files.filter((path) => /^lib\/.*\//.test(path) && roomOf(path) === undefined);
  assertEquals(homeless, []);
});

Deno.test("each room in the table uses only rooms above it", () => {
  const order = Object.keys(ROOMS);
  const wrong = Object.entries(ROOMS).flatMap(([room, below]) =>
    below.filter((name) => order.indexOf(name) >= order.indexOf(room) || !order.includes(name))
      .map((name) => `${room} -> ${name}`)
  );
  assertEquals(wrong, []);
});

for (const [room, allowed] of Object.entries(ROOMS)) {
  Deno.test(`${room} imports only the rooms it may`, () => {
    const wrong = imports.filter(({ from, to }) => {
      const target = roomOf(to);
      return roomOf(from) === room && target !== undefined && target !== room &&
        !allowed.includes(target);
    });
    assertEquals(wrong.map(({ from, to }) => `${from} -> ${to}`), []);
  });
}

Deno.test("components and islands import values only from browser-safe modules", () => {
  const wrong = imports.filter(({ from, to, typeOnly }) => {
    if (!/^(?:components|islands)\//.test(from) || typeOnly || !to.startsWith("lib/")) return false;
    return !BROWSER_SAFE.has(roomOf(to) ?? to);
  });
  assertEquals(wrong.map(({ from, to }) => `${from} -> ${to}`), []);
});

Deno.test("browser-safe modules use nothing of Deno or Node", async () => {
  const wrong: string[] = [];
  for (const path of files) {
    if (!BROWSER_SAFE.has(roomOf(path) ?? "")) continue;
    const code = (await Deno.readTextFile(join(ROOT, path))).replace(
      /\/\*[\s\S]*?\*\/|\/\/.*$/gm,
      "",
    );
    if (/\bDeno\.(?!Kv)|from "node:/.test(code)) wrong.push(path);
  }
  assertEquals(wrong, []);
});

Deno.test("packages on JSR are imported by name, never from their replacements", async () => {
  const wrong: string[] = [];
  for (const path of [...files, ...await sources("tests")]) {
    for (const { to } of await importsOf(path)) {
      const room = roomOf(to);
      if (room === undefined || !PACKAGES.has(room)) continue;
      if (!path.startsWith(`${room}/`) && !path.startsWith(`tests/${room}/`)) {
        wrong.push(`${path} -> ${to}`);
      }
    }
  }
  assertEquals(wrong, []);
});

Deno.test("no files import each other in a circle, types included", () => {
  const known = new Set(files);
  const below = new Map(files.map((path): [string, string[]] => [path, []]));
  for (const { from, to } of imports) if (known.has(to)) below.get(from)!.push(to);
  const done = new Set<string>(), open: string[] = [], circles: string[] = [];
  const visit = (path: string) => {
    if (done.has(path)) return;
    const at = open.indexOf(path);
    if (at !== -1) return void circles.push([...open.slice(at), path].join(" -> "));
    open.push(path);
    below.get(path)!.forEach(visit);
    open.pop();
    done.add(path);
  };
  files.forEach(visit);
  assertEquals(circles, []);
});
