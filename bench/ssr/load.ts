/** Load on one URL: `wrk` if installed, otherwise a bounded client in this process. */

export interface Load {
  readonly seconds: number;
  /** Requests at once. */
  readonly connections: number;
  /** By default nothing is compressed. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Requests per second under such a load. */
export async function requestsPerSecond(url: string, load: Load): Promise<number> {
  try {
    return await byWrk(url, load);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return await byFetch(url, load);
  }
}

async function byWrk(url: string, { seconds, connections, headers = {} }: Load): Promise<number> {
  const lines = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const { stdout } = await new Deno.Command("wrk", {
    args: ["-t1", `-c${connections}`, `-d${seconds}s`, ...lines, url],
    stdout: "piped",
    stderr: "null",
  }).output();
  const match = /Requests\/sec:\s*([\d.]+)/.exec(new TextDecoder().decode(stdout));
  if (match === null) throw new Error(`wrk gave no figure for ${url}`);
  return Number(match[1]);
}

async function byFetch(
  url: string,
  { seconds, connections, headers }: Load,
): Promise<number> {
  const start = performance.now(), end = start + seconds * 1000;
  let count = 0;
  const worker = async () => {
    while (performance.now() < end) {
      // As wrk asks.
      const asked = { "accept-encoding": "identity", ...headers };
      await (await fetch(url, { headers: asked })).arrayBuffer();
      count++;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return count / ((performance.now() - start) / 1000);
}
