/**
 * A process that runs schedules without serving pages, for `schedule_kills_test.ts`. Each line of input is a
 * command; it prints a line when done. The last command sets its clock.
 */
import { createLog } from "../../lib/base/log.ts";
import { readConfig } from "../../lib/config.ts";
import { openServices } from "../../lib/services.ts";

const KEY = "pk-schedule-kills-1234";
let now = Number(Deno.args[0]);
const config = readConfig((name) => Deno.env.get(name));
const log = createLog({ level: "error", format: "text", write: () => {} });
const services = await openServices(config, log, { now: () => now });
say("ready");
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
for await (const line of lines) {
  const [command, value = ""] = line.trim().split(" ");
  if (command === "schedule") say(await schedule());
  else if (command === "scan") {
    now = Number(value);
    await services.runSchedules();
    // Requests may hang, so they are settled in the background.
    say("scanned");
  } else if (command === "resume") {
    say(`${await services.schedules.resume(await services.runs.ownerOf(KEY), value)}`);
  }
}

/** Schedules a task for every hour, and returns the account and the schedule. */
async function schedule(): Promise<string> {
  const owner = await services.runs.ownerOf(KEY);
  const input = { input: "Who leads it?", processor: "lite" };
  const made = await services.runs.create(owner, input, { source: "form", idempotencyKey: null });
  if (!made.ok) throw new Error(made.failure.message);
  const target = { kind: "task", id: made.runId } as const;
  const created = await services.schedules.create(owner, crypto.randomUUID(), target, {
    name: "Hourly",
    every: "hour",
    cron: "0 * * * *",
    zone: "UTC",
    cap_usd: 100,
    only_changes: false,
  });
  if (!created.ok) throw new Error(created.problem);
  return `${owner.id} ${created.schedule.id}`;
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
