/**
 * What compression saves and costs: the form of a new account, its list of 20 runs, and a finished run, each
 * with and without `accept-encoding: gzip`, in turns. Requests per second follow from the server's processor
 * time for a request, which does not depend on what else the machine does.
 */
import { type Measured, startApp } from "../streams/measured.ts";
import { median, spreadOf } from "../statistics.ts";
import type { BenchResult } from "../types.ts";
import { requestsPerSecond } from "./load.ts";

const ROUNDS = 5, SECONDS = 2, CONNECTIONS = 16, RUNS = 20;

/** Runs the comparison, about 80 s. */
export async function compression(): Promise<BenchResult[]> {
  const folder = await Deno.makeTempDir();
  try {
    // Sandbox accounts need no upstream.
    await using app = await startApp("http://127.0.0.1:9", folder);
    const results = [await page(app, "the form", "/", await enter(app.url))];
    const cookie = await enter(app.url);
    const runIds: string[] = [];
    for (let n = 0; n < RUNS; n++) runIds.push(await createRun(app.url, cookie, n));
    for (const runId of runIds) {
      await get(`${app.url}/api/v1/tasks/runs/${runId}/events`, { cookie });
    }
    results.push(await page(app, "a finished run", `/tasks/${runIds[0]}`, cookie));
    results.push(await page(app, `a list of ${RUNS}`, "/tasks", cookie));
    return results;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function page(
  app: Measured,
  what: string,
  path: string,
  cookie: string,
): Promise<BenchResult> {
  const url = app.url + path;
  const plain = { cookie, "accept-encoding": "identity" };
  const gzip = { cookie, "accept-encoding": "gzip" };
  const perRequest = async (headers: Record<string, string>): Promise<number> => {
    const before = await app.cpuMs();
    const rate = await requestsPerSecond(url, {
      seconds: SECONDS,
      connections: CONNECTIONS,
      headers,
    });
    if (rate === 0) throw new Error(`No request to ${path} was answered within ${SECONDS} s`);
    return (await app.cpuMs() - before) / (rate * SECONDS);
  };
  for (const headers of [plain, gzip]) await perRequest(headers);
  const rounds: { plain: number; gzip: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ plain: await perRequest(plain), gzip: await perRequest(gzip) });
  }
  const kept = rounds.map((round) => round.plain / round.gzip);
  const bytes = await sizeOnWire(url, gzip), size = await sizeOnWire(url, plain);
  return {
    name: `compression: HTML of ${what}`,
    value: Number((bytes / 1024).toFixed(2)),
    unit: "KB",
    peer: "requests per second without compression",
    ratio: median(kept),
    spread: spreadOf(kept),
    target: "under 7 KB, >= 0.85 of the requests",
    note: `${(size / 1024).toFixed(1)} KB without; processor time of a request ${
      median(rounds.map((round) => round.plain)).toFixed(2)
    } and ${median(rounds.map((round) => round.gzip)).toFixed(2)} ms`,
  };
}

/** Signs in to a new sandbox account. */
async function enter(app: string): Promise<string> {
  const response = await fetch(`${app}/auth/sandbox`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: app },
    body: new URLSearchParams({ next: "/" }),
  });
  await response.body?.cancel();
  const cookie = response.headers.get("set-cookie")?.split(";")[0];
  if (cookie === undefined) throw new Error(`The sign-in answered ${response.status}`);
  return cookie;
}

async function createRun(app: string, cookie: string, n: number): Promise<string> {
  const response = await fetch(`${app}/api/v1/tasks/runs`, {
    method: "POST",
    headers: { cookie, origin: app, "content-type": "application/json" },
    body: JSON.stringify({
      input: `What is known about company ${n}`,
      processor: "lite",
      enable_events: true,
    }),
  });
  const run: { run_id?: unknown } = await response.json();
  if (typeof run.run_id !== "string") {
    throw new Error(`The create answered ${response.status}: ${JSON.stringify(run)}`);
  }
  return run.run_id;
}

async function get(url: string, headers: Record<string, string>): Promise<void> {
  const response = await fetch(url, { headers });
  await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
}

/** The length of a response's body as sent, which `fetch` would decompress. */
async function sizeOnWire(url: string, headers: Record<string, string>): Promise<number> {
  const { hostname, port, pathname } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = `GET ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nconnection: close\r\n`;
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode(`${head}${lines}\r\n`));
  const response = await new Response(connection.readable).bytes();
  // Bytes as characters, so that an index is a number of bytes.
  const text = new TextDecoder("latin1").decode(response);
  return response.byteLength - text.indexOf("\r\n\r\n") - 4;
}
