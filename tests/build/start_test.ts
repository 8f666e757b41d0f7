/** What a process loads before its first page. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { sources } from "../run.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** Folders and files that the server does not load. */
const ELSEWHERE = /^lib\/(?:(?:backup|build|deploy|fresh\/(?:build|dev)|std)\/|fresh\/dev\.ts$)/;
/** An import for its type alone is no import once compiled. */
const NODE_IMPORT = /^import (?!type\b).*from "node:|^\} from "node:/m;

Deno.test("the server imports Node's modules when it first needs them: each takes as long as a page", async () => {
  const early: string[] = [];
  for (const folder of ["lib", "routes", "components", "islands"]) {
    for await (const path of sources(folder)) {
      if (ELSEWHERE.test(path)) continue;
      if (NODE_IMPORT.test(await Deno.readTextFile(join(ROOT, path)))) early.push(path);
    }
  }
  assertEquals(early, []);
});

Deno.test("no module makes a stream or a queue of one when it is loaded: the first one loads the runtime's streams", async () => {
  const early: string[] = [];
  for await (const path of sources("lib")) {
    const text = await Deno.readTextFile(join(ROOT, path));
    if (/^(?:export )?(?:const|let) .*new (?:\w*Stream|\w*QueuingStrategy)\b/m.test(text)) {
      early.push(path);
    }
  }
  assertEquals(early, []);
});
