/**
 * A process that runs batches without serving pages, for `batch_kills_test.ts`. `create 40` first creates a batch
 * of that many rows and prints its account and ID. `retry`, `escalate` and `rows` ask for more of the batch whose
 * ID follows.
 */
import { fail } from "@std/assert";
import { createLog } from "../../lib/base/log.ts";
import { readTable } from "../../lib/batches/mod.ts";
import { readConfig } from "../../lib/config.ts";
import { openServices } from "../../lib/services.ts";
import { batchOf, companies } from "../batches/batch_tools.ts";

const KEY = "pk-batch-kills-1234";
const config = readConfig((name) => Deno.env.get(name));
const log = createLog({ level: "error", format: "text", write: () => {} });
const services = await openServices(config, log);
const { batches } = services;
const owner = await services.runs.ownerOf(KEY);
const [what, value = ""] = Deno.args;
if (what === "create") {
  const outcome = await batches.create(owner, await batchOf(companies(Number(value))));
  if (!outcome.ok) fail(outcome.failure.message);
  say(`${owner.id} ${outcome.batchId}`);
} else {
  await services.pickUp();
  say("ready");
}
if (what === "retry") await batches.command(owner, value, { type: "retry", rows: null });
if (what === "escalate") {
  await batches.command(owner, value, { type: "escalate", processor: "pro", rows: [21, 22, 23] });
}
if (what === "rows") {
  const read = await readTable("company,zip\nLate 1,01\nLate 2,02\n");
  if (!read.ok) fail(read.problem.message);
  await batches.addRows(owner, value, read.table);
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
