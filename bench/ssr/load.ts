/** Load on one URL: `wrk` if installed, otherwise a bounded client in this process. */

/** Requests per second, over `seconds`, with `connections` at once. */
export async function requestsPerSecond(
  url: string,
  { seconds, connections }: { seconds: number; connections: number },
): Promise<number> {
  try {
    return await byWrk(url, seconds, connections);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return await byFetch(url, seconds, connections);
  }
}

async function byWrk(url: string, seconds: number, connections: number): Promise<number> {
  const { stdout } = await new Deno.Command("wrk", {
    args: ["-t1", `-c${connections}`, `-d${seconds}s`, url],
    stdout: "piped",
    stderr: "null",
  }).output();
  const match = /Requests\/sec:\s*([\d.]+)/.exec(new TextDecoder().decode(stdout));
  if (match === null) throw new Error(`wrk gave no figure for ${url}`);
  return Number(match[1]);
}

async function byFetch(url: string, seconds: number, connections: number): Promise<number> {
  const start = performance.now(), end = start + seconds * 1000;
  let count = 0;
  const worker = async () => {
    while (performance.now() < end) {
      // As wrk asks: nothing is compressed.
      await (await fetch(url, { headers: { "accept-encoding": "identity" } })).arrayBuffer();
      count++;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return count / ((performance.now() - start) / 1000);
}
