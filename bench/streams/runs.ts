/** Runs as an API client makes them. */
import type { BenchUpstream } from "./upstream.ts";

/** The benchmark's API key: one account. */
export const KEY = "pk-bench-0123456789";

/** Creates a run through the proxy and resolves when the app reads its events. */
export async function createRun(app: string, upstream: BenchUpstream): Promise<string> {
  const response = await fetch(`${app}/api/v1/tasks/runs`, {
    method: "POST",
    headers: { "x-api-key": KEY, "content-type": "application/json" },
    body: JSON.stringify({ input: "A question", processor: "pro", enable_events: true }),
  });
  const run: { run_id?: unknown } = await response.json();
  if (response.status !== 202 || typeof run.run_id !== "string") {
    throw new Error(`The create answered ${response.status}: ${JSON.stringify(run)}`);
  }
  while (!upstream.isRead(run.run_id)) await new Promise((resolve) => setTimeout(resolve, 2));
  return run.run_id;
}

/** Everything a viewer of a run gets, to its end. */
export async function readRun(app: string, runId: string): Promise<string> {
  const response = await fetch(`${app}/api/v1/tasks/runs/${runId}/events`, {
    headers: { "x-api-key": KEY },
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`The stream answered ${response.status}: ${text}`);
  return text;
}
