/**
 * Real processes on one file, killed around the creates of a schedule. Each due time is claimed once and
 * creates at most one run. An unsent claim is taken over; one that may have been sent is reported and not
 * repeated.
 */
import { assert, assertEquals, assertMatch, assertStrictEquals, fail } from "@std/assert";
import { join } from "node:path";
import type { StoredFiring } from "../../lib/schedules/store.ts";
import { Random } from "../campaign/random.ts";

const HOLDER = join(import.meta.dirname!, "schedule_holder.ts");
const START = Date.parse("2027-05-08T10:00:00Z"), HOUR_MS = 3_600_000;

/** A process, and the lines that it prints. */
class Holder {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  /** Output that was not read yet. */
  #unread = "";

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#input = child.stdin.getWriter();
    this.#output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async start(env: Record<string, string>): Promise<Holder> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", HOLDER, `${START}`],
      env: { ...env, NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const holder = new Holder(child);
    assertStrictEquals(await holder.#line(), "ready");
    return holder;
  }

  async #line(): Promise<string> {
    while (!this.#unread.includes("\n")) {
      const { done, value } = await this.#output.read();
      if (done) return fail("The process ended");
      this.#unread += value;
    }
    const [line = "", ...rest] = this.#unread.split("\n");
    this.#unread = rest.join("\n");
    return line;
  }

  /** Gives a command, and resolves to its line. Rejects if the process ends first. */
  async ask(command: string): Promise<string> {
    await this.#input.write(new TextEncoder().encode(`${command}\n`));
    return await this.#line();
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#input.abort().catch(() => {});
    await this.#output.cancel().catch(() => {});
  }
}

/** A Task API that counts creates, and responds when the test says so. */
class Api {
  readonly created: string[] = [];
  /** Called for each create once the run exists. The response waits for it. */
  beforeAnswer: () => void | Promise<void> = () => {};
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      async (request) => {
        const { pathname } = new URL(request.url);
        if (request.method === "POST") {
          await request.text();
          const n = this.created.push(`trun_${String(this.created.length).padStart(32, "0")}`);
          await this.beforeAnswer();
          return Response.json(this.#run(n - 1), { status: 202 });
        }
        const [, digits] = /\/runs\/trun_(\d{32})$/.exec(pathname) ?? [];
        if (digits !== undefined) return Response.json(this.#run(Number(digits)));
        return Response.json({ error: { message: "Not there yet" } }, { status: 404 });
      },
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  #run(n: number) {
    return {
      run_id: this.created[n],
      interaction_id: this.created[n],
      status: "queued",
      is_active: true,
      processor: "lite",
      created_at: null,
      modified_at: null,
    };
  }

  close(): Promise<void> {
    return this.#server.shutdown();
  }
}

interface Scene {
  readonly api: Api;
  readonly kv: Deno.Kv;
  readonly schedule: string;
  readonly one: Holder;
  readonly start: () => Promise<Holder>;
}

/** Two processes and a schedule, on one file. */
async function withSchedule(test: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const api = new Api();
  const env = {
    KV_PATH: join(folder, "kv.db"),
    PARALLEL_API_URL: api.url,
    CREATE_LIMIT_PER_MINUTE: "1000000",
  };
  const started: Holder[] = [];
  const start = async () => {
    const holder = await Holder.start(env);
    started.push(holder);
    return holder;
  };
  try {
    const one = await start();
    const [, schedule = ""] = (await one.ask("schedule")).split(" ");
    const kv = await Deno.openKv(env.KV_PATH);
    try {
      await test({ api, kv, schedule, one, start });
    } finally {
      kv.close();
    }
  } finally {
    for (const holder of started) await holder.kill().catch(() => {});
    await api.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function firings(kv: Deno.Kv, schedule: string): Promise<StoredFiring[]> {
  const found = kv.list<StoredFiring>({ prefix: ["schedule-run", schedule] });
  return (await Array.fromAsync(found)).map(({ value }) => value);
}

/** Has a process scan until the due time of this moment is claimed, and nothing is being sent. */
async function settled({ kv, schedule }: Scene, holder: Holder, now: number): Promise<void> {
  for (;;) {
    assertStrictEquals(await holder.ask(`scan ${now}`), "scanned");
    const found = await firings(kv, schedule);
    const isClaimed = found.some(({ due_ms }) => due_ms === now);
    if (isClaimed && !found.some(({ state }) => state === "claimed" || state === "sending")) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

Deno.test("a create that the API took before its process was killed is not repeated", () =>
  withSchedule(async (scene) => {
    const { api, kv, schedule, one, start } = scene;
    const two = await start();
    const taken = Promise.withResolvers<void>(), never = Promise.withResolvers<void>();
    api.beforeAnswer = () => {
      taken.resolve();
      return never.promise;
    };
    const before = api.created.length, due = START + HOUR_MS;
    await one.ask(`scan ${due}`);
    await taken.promise;
    await one.kill();
    never.resolve();
    api.beforeAnswer = () => {};
    await settled(scene, two, due);
    // A process that starts later does not repeat it either.
    const three = await start();
    await settled(scene, three, due);
    const [firing, ...others] = await firings(kv, schedule);
    assertEquals(others, []);
    assertEquals([firing?.state, firing?.run_id], ["lost", null]);
    assertMatch(firing?.reason ?? "", /may have been created/);
    assertStrictEquals(api.created.length, before + 1);
    // The next due time is as if nothing had happened.
    await Promise.all([settled(scene, two, due + HOUR_MS), settled(scene, three, due + HOUR_MS)]);
    assertEquals((await firings(kv, schedule)).map(({ state }) => state), ["lost", "created"]);
    assertStrictEquals(api.created.length, before + 2);
  }));

const ROUNDS = 8;

Deno.test(`two processes scan at the same moment, and one is killed soon after, ${ROUNDS} times: each due time creates at most one run`, () =>
  withSchedule(async (scene) => {
    const { api, kv, schedule, start } = scene;
    const random = new Random(18);
    let [left, right] = [scene.one, await start()];
    const states: string[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const now = START + round * HOUR_MS, before = api.created.length;
      const scans = [left, right].map((holder) => holder.ask(`scan ${now}`).catch(() => "killed"));
      // The moment is random: between the scan and the end of its create, or not far from that.
      await new Promise((resolve) => setTimeout(resolve, random.between(0, 60)));
      const [killed, alive] = random.chance(0.5) ? [left, right] : [right, left];
      await killed.kill();
      await Promise.all(scans);
      await settled(scene, alive, now);
      const [firing, ...more] = (await firings(kv, schedule)).filter(({ due_ms }) =>
        due_ms === now
      );
      assertEquals(more, []);
      const created = api.created.slice(before);
      states.push(`${firing?.state} ${created.length}`);
      if (firing?.state === "created") assertEquals(created, [firing.run_id]);
      else assert(firing?.state === "lost" && created.length <= 1, states.join(", "));
      // Three lost answers would pause it.
      assertStrictEquals(await alive.ask(`resume ${schedule}`), "true");
      [left, right] = [alive, await start()];
    }
    assertStrictEquals((await firings(kv, schedule)).length, ROUNDS, states.join(", "));
  }));
