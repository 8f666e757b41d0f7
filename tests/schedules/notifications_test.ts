/** Notifications of a schedule: of changes only, or of each run as well. */
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { ORIGIN, type TestApp, withApp } from "../app/test_app.ts";
import { allowing, Receiver } from "../notify/receiver.ts";
import { encodeSSE } from "../../lib/sse/mod.ts";

const HOUR_MS = 3_600_000;
const START = Date.parse("2027-05-08T10:00:00Z");

/** A Task API whose nth run has the nth answer, and is over as soon as it is created. */
class AnswersApi {
  readonly #answers: readonly Record<string, unknown>[];
  #runs = 0;

  constructor(answers: readonly Record<string, unknown>[]) {
    this.#answers = answers;
  }

  readonly fetch = (request: Request): Response => {
    const { pathname } = new URL(request.url);
    if (request.method === "POST" && pathname === "/v1/tasks/runs") {
      return Response.json(this.#run(this.#runs++, "queued"), { status: 202 });
    }
    const [, digits, part] = /\/runs\/trun_(\d{32})(?:\/(\w+))?$/.exec(pathname) ?? [];
    const n = Number(digits);
    if (digits === undefined || n >= this.#runs) {
      const error = { ref_id: "r", message: "Run id not found", detail: null };
      return Response.json({ type: "error", error }, { status: 404 });
    }
    const run = this.#run(n, "completed");
    const output = { type: "json", content: this.#answers[n], basis: [] };
    if (part === undefined) return Response.json(run);
    if (part === "result") return Response.json({ run, output });
    const data = JSON.stringify({ type: "task_run.state", event_id: null, run, output });
    return new Response(encodeSSE({ event: "task_run.state", data }), {
      headers: { "content-type": "text/event-stream" },
    });
  };

  #run(n: number, status: string) {
    return {
      run_id: `trun_${String(n).padStart(32, "0")}`,
      interaction_id: `trun_${String(n).padStart(32, "0")}`,
      status,
      is_active: status === "queued",
      processor: "base",
      created_at: null,
      modified_at: null,
    };
  }
}

const ANSWERS = [
  { ceo: "Ada", founded: 1999, city: "Oslo" },
  { ceo: "Ada", founded: 1999, city: "Oslo" },
  { ceo: "Grace", founded: 1999, city: "Oslo" },
  { ceo: "Grace", founded: 1999, city: "Oslo" },
];

/** Runs a task and then twice or more by a schedule, and returns what arrived of that. */
async function scheduledRuns(
  app: TestApp,
  receiver: Receiver,
  clock: { now: number },
  only: boolean,
) {
  const { services } = app;
  const owner = await services.runs.ownerOf("pk-test-key-1234");
  const target = { account: owner.id, sandbox: false, origin: ORIGIN };
  const place = { url: receiver.url, kind: null, every_run: true, every_batch: true };
  await services.notifications.targets.addUrl(target, place);
  const quiet = async () => {
    while ((await services.notifications.waiting(owner.id)).length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const ended = async (runId: string) => {
    while (!(await services.runs.request(owner.id, runId))?.ended) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await quiet();
  };
  const input = { input: "Who leads it?", processor: "base" };
  const made = await services.runs.create(owner, input, { source: "form", idempotencyKey: null });
  if (!made.ok) throw new Error(made.failure.message);
  await ended(made.runId);
  const first = receiver.arrived.length;
  const created = await services.schedules.create(
    owner,
    crypto.randomUUID(),
    { kind: "task", id: made.runId },
    { name: "Who", every: "hour", cron: "0 * * * *", zone: "UTC", cap_usd: 5, only_changes: only },
  );
  if (!created.ok) throw new Error(created.problem);
  const { id } = created.schedule;
  for (let times = 0; times < 3; times++) {
    clock.now += HOUR_MS;
    await services.runSchedules();
    await services.schedules.settled();
    const [firing] = await services.schedules.firings(id, 1);
    await ended(firing!.run_id!);
    await services.runSchedules();
    await services.schedules.settled();
    await quiet();
  }
  const notices = receiver.arrived.slice(first).map((_, n) => receiver.json(first + n));
  return { id, notices };
}

for (const only of [true, false]) {
  Deno.test(
    only
      ? "with “only of changes”, of three runs the one with a changed field is told, and nothing else"
      : "without it, the end of each run is told too",
    async () => {
      const clock = { now: START };
      await using receiver = new Receiver();
      await withApp(async (app) => {
        const { id, notices } = await scheduledRuns(app, receiver, clock, only);
        const changes = notices.filter(({ type }) => type === "schedule.changed");
        assertStrictEquals(changes.length, 1, JSON.stringify(notices));
        const { at, ...change } = changes[0]!;
        assertMatch(String(at), /^2027-05-08T12:/);
        assertEquals(change, {
          type: "schedule.changed",
          id,
          url: `${ORIGIN}/schedules/${id}`,
          title: "Who",
          status: "changed",
          cost_usd: 0.01,
          summary: "1 of 3 fields changed: ceo",
        });
        const ends = notices.filter(({ type }) => type === "run.completed");
        assertStrictEquals(ends.length, only ? 0 : 3);
        assertStrictEquals(notices.length, only ? 1 : 4);
      }, {
        api: new AnswersApi(ANSWERS).fetch,
        now: () => clock.now,
        config: allowing(),
      });
    },
  );
}

Deno.test("a run with suppressed notification is marked in the commit that stores it", async () => {
  await using receiver = new Receiver();
  await withApp(async ({ services }) => {
    const owner = await services.runs.ownerOf("pk-test-key-1234");
    const target = { account: owner.id, sandbox: false, origin: ORIGIN };
    const place = { url: receiver.url, kind: null, every_run: true, every_batch: true };
    await services.notifications.targets.addUrl(target, place);
    for (const source of ["schedule", "form"] as const) {
      const input = { input: "Who leads it?", processor: "base" };
      // As the process that sent it would, if it died right after.
      const made = await services.runs.create(owner, input, {
        source,
        idempotencyKey: null,
        storedWith: (id) => [{ type: "set", key: ["schedule-quiet", id], value: null }],
      });
      assertStrictEquals(made.ok, true);
    }
    // Of the two only the one that is no schedule's.
    const [notices] = await receiver.until(1);
    assertMatch(notices!.body, /"type":"run.completed","id":"trun_0{31}1"/);
  }, { api: new AnswersApi(ANSWERS).fetch, config: allowing() });
});
