/**
 * A process that runs batches without serving pages, for `batch_kills_test.ts`. With an argument it first
 * creates a batch of that many rows and prints its ID.
 */
import { createLog } from "../../lib/base/log.ts";
import { readConfig } from "../../lib/config.ts";
import { openServices } from "../../lib/services.ts";
import { batchOf, companies } from "../batches/batch_tools.ts";

const KEY = "pk-batch-kills-1234";
const config = readConfig((name) => Deno.env.get(name));
const log = createLog({ level: "error", format: "text", write: () => {} });
const services = await openServices(config, log);
const rows = Number(Deno.args[0] ?? 0);
if (rows > 0) {
  const owner = await services.runs.ownerOf(KEY);
  const outcome = await services.batches.create(owner, await batchOf(companies(rows)));
  if (!outcome.ok) throw new Error(outcome.failure.message);
  say(`${owner.id} ${outcome.batchId}`);
} else {
  await services.pickUp();
  say("ready");
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
