/**
 * `deno task fresh`: prints or changes the source of Fresh and the standard library. Imports only this project's
 * files, so that it runs with any import map.
 */
import { join } from "node:path";
import { jsrConfig, sourceOf, switchTo } from "./framework.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const CONFIG = join(ROOT, "deno.json");
const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

const WORDS = {
  npm: "Fresh and @std/* are lib/fresh and lib/std: everything else comes from npm.",
  jsr: "Fresh and @std/* come from JSR.",
};

const [wanted] = Deno.args;
if (wanted === "npm" || wanted === "jsr") {
  const changed = await switchTo(ROOT, wanted);
  say(WORDS[wanted]);
  if (changed) say("Tasks, tests, the server and deploys follow; the next start builds again.");
} else if (wanted === "sync") {
  await Deno.writeTextFile(join(ROOT, "deno.jsr.json"), jsrConfig(await Deno.readTextFile(CONFIG)));
} else if (wanted === undefined) {
  say(WORDS[sourceOf(await Deno.readTextFile(CONFIG))]);
} else {
  say("Usage: deno task fresh [jsr | npm | sync]");
  Deno.exit(2);
}
