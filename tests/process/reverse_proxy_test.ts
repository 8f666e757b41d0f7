/**
 * Two instances on one database behind the reverse proxies of docs/proxies, with exactly those settings.
 * Tasks created through the proxy are watched through it, and killing an instance loses no trace.
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import { connectSSE } from "../../lib/sse/mod.ts";
import { AT_ONCE } from "./at_once.ts";
import { Server } from "./server.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const VIEWERS = 10;

/** A reverse proxy: where it usually is, and how it is started with the settings of docs/proxies. */
interface Proxy {
  readonly name: string;
  readonly binary: string;
  readonly args: (folder: string, port: number, instances: readonly Server[]) => Promise<string[]>;
}

const portOf = (server: Server) => new URL(server.url).port;

async function settings(name: string, instances: readonly Server[]): Promise<string> {
  const text = await Deno.readTextFile(join(ROOT, "docs", "proxies", name));
  const [first, second] = instances;
  assert(first !== undefined && second !== undefined);
  return text.replaceAll("127.0.0.1:8000", `127.0.0.1:${portOf(first)}`)
    .replaceAll("127.0.0.1:8001", `127.0.0.1:${portOf(second)}`);
}

const PROXIES: readonly Proxy[] = [
  {
    name: "nginx",
    binary: "/usr/sbin/nginx",
    async args(folder, port, instances) {
      const site = (await settings("nginx.conf", instances)).replace(
        "listen 80;",
        `listen 127.0.0.1:${port};`,
      );
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map((kind) => `${kind}_temp_path ${folder}/${kind};`).join("\n");
      await Deno.writeTextFile(
        join(folder, "nginx.conf"),
        `daemon off; pid ${folder}/pid; error_log stderr error; worker_processes 1;
events { worker_connections 256; }
http { access_log off; gzip on; ${temporary}
${site} }`,
      );
      return ["-e", "stderr", "-p", folder, "-c", join(folder, "nginx.conf")];
    },
  },
  {
    name: "caddy",
    binary: "/usr/bin/caddy",
    async args(folder, port, instances) {
      const site = (await settings("Caddyfile", instances)).replace(
        "tasks.example.com",
        `http://127.0.0.1:${port}`,
      );
      await Deno.writeTextFile(
        join(folder, "Caddyfile"),
        `{\n\tadmin off\n\tauto_https off\n\tstorage file_system ${folder}\n}\n${site}`,
      );
      return ["run", "--adapter", "caddyfile", "--config", join(folder, "Caddyfile")];
    },
  },
];

/** A port that is free at this moment. */
function freePort(): number {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  return port;
}

async function isInstalled(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/** Resolves when the proxy answers. */
async function answers(url: string): Promise<void> {
  for (;;) {
    try {
      const { ok, body } = await fetch(`${url}/readyz`);
      await body?.cancel();
      if (ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A step for each proxy. One that is not installed is ignored, unless it has to be there. */
const steps = await Promise.all(PROXIES.map(async (proxy) => {
  const installed = await isInstalled(proxy.binary);
  const { name, binary } = proxy;
  const step = {
    name: installed ? name : `${name} (no ${binary}: apt-get install ${name})`,
    ignore: !installed && Deno.env.get("REQUIRE_PROXIES") !== "1",
  };
  return {
    kill: { ...step, fn: () => killOneOfTwo(proxy) },
    spoof: { ...step, fn: () => spoofAddresses(proxy) },
  };
}));

Deno.test("ten viewers behind a proxy keep the whole trace when one of two instances is killed", async (t) => {
  await Promise.all(steps.map(({ kill }) => t.step({ ...kill, ...AT_ONCE })));
});

Deno.test("behind a proxy a client cannot choose its address", async (t) => {
  await Promise.all(steps.map(({ spoof }) => t.step({ ...spoof, ...AT_ONCE })));
});

/** Fails unless the app goes by the address that people use, its port included, and gets whole bodies. */
async function takesForItsOwn(url: string): Promise<void> {
  const signedIn = await fetch(`${url}/auth/sandbox`, {
    method: "POST",
    headers: { origin: url },
    body: new URLSearchParams({ next: "/account" }),
    redirect: "manual",
  });
  await signedIn.body?.cancel();
  assertStrictEquals(signedIn.status, 303);
  const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const account = await fetch(`${url}/account`, { headers: { cookie } });
  assert((await account.text()).includes(`${url}/webhooks/parallel`));
  // A history to import may be of any size.
  const blank = `${" ".repeat(1 << 20)}\n`.repeat(9);
  const imported = await fetch(`${url}/tasks/transfer`, {
    method: "POST",
    headers: { cookie, origin: url, "content-type": "application/x-ndjson" },
    body: `{"taskstream":"history","version":1}\n${blank}{"end":{"runs":0}}\n`,
  });
  await imported.body?.cancel();
  assertStrictEquals(imported.status, 200);
}

/** Each request claims another address, some of them on private networks; all count as one client. */
async function spoofAddresses(proxy: Proxy): Promise<void> {
  await using first = await Server.start({ SIGNIN_LIMIT_PER_MINUTE: "3", TRUST_PROXY: "1" });
  await using second = await first.twin();
  await withProxy(proxy, [first, second], async (url) => {
    const statuses: number[] = [];
    for (const claim of ["203.0.113.1", "10.0.0.9", "203.0.113.2, 10.1.1.1", "::1", "fd00::7"]) {
      const response = await fetch(`${url}/auth/sandbox`, {
        method: "POST",
        headers: { origin: url, "x-forwarded-for": claim },
        body: new URLSearchParams(),
        redirect: "manual",
      });
      await response.body?.cancel();
      statuses.push(response.status);
    }
    assertEquals(statuses, [303, 303, 303, 429, 429]);
  });
}

/** Runs `use` with a proxy in front of two instances, at the address it is given. */
async function withProxy(
  proxy: Proxy,
  instances: readonly Server[],
  use: (url: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = new Deno.Command(proxy.binary, {
    args: await proxy.args(folder, port, instances),
    stdout: "null",
    stderr: "null",
    env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  }).spawn();
  try {
    await answers(url);
    await use(url);
  } finally {
    child.kill("SIGTERM");
    await child.status;
    await Deno.remove(folder, { recursive: true });
  }
}

async function killOneOfTwo(proxy: Proxy): Promise<void> {
  // The run outlives the lease of the killed server, because the API does not replay finished runs.
  await using first = await Server.start({ SANDBOX_SPEED: "1.2", TRUST_PROXY: "1" });
  await using second = await first.twin();
  await withProxy(proxy, [first, second], async (url) => {
    await takesForItsOwn(url);
    const headers = { "x-api-key": "sandbox-behind-a-proxy" };
    const create = (at: string) =>
      fetch(`${at}/api/v1/tasks/runs`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify({ input: "Who keeps the trace?", processor: "pro" }),
      });
    const through = await create(url);
    assertStrictEquals(through.status, 202);
    await through.body?.cancel();
    // Created there, recorded there: the one that is killed is the one that records.
    const { run_id } = await (await create(first.url)).json();
    const events = `${url}/api/v1/tasks/runs/${run_id}/events`;

    const everybodySawSomething = Promise.withResolvers<void>();
    let saw = 0;
    const watch = async () => {
      const seen: { id: string; data: string }[] = [];
      const stream = connectSSE(events, {
        headers,
        reconnect: { initialMs: 50, maxMs: 1_000, maxAttempts: Infinity },
        maxEventBytes: 8 << 20,
      });
      for await (const { id, data } of stream) {
        seen.push({ id, data });
        // Long before the run is over: nothing on the way holds events back.
        if (seen.length === 4 && ++saw === VIEWERS) everybodySawSomething.resolve();
      }
      return seen;
    };
    const viewers = Array.from({ length: VIEWERS }, watch);
    await everybodySawSomething.promise;
    await first.stop("SIGKILL");
    const traces = await Promise.all(viewers);

    const whole = traces[0] ?? [];
    assert(whole.length > 20, `${whole.length} events`);
    assertEquals(whole.map(({ id }) => id), whole.map((_, at) => `${at + 1}`));
    for (const trace of traces) assertEquals(trace, whole);
    assertStrictEquals(JSON.parse(whole.at(-1)?.data ?? "{}").run.status, "completed");
  });
}
