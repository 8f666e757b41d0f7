/** Lighthouse in real Chromium, signed in: the front page, the history, a live and a finished run. */
import { join } from "node:path";
import { CHROMIUM_FLAGS, findChromium } from "../../tests/browser_launch.ts";
import { Server } from "../../tests/process/server.ts";
import { type BenchResult, PROMISE } from "../types.ts";

/** Run by Deno from npm when the benchmark is, and no dependency of the project. */
const LIGHTHOUSE = "npm:lighthouse@13.5.0";

export const packages = [LIGHTHOUSE];

/** What was promised of each category (0 to 100). */
const TARGETS: Readonly<Record<string, number>> = {
  performance: 98,
  accessibility: 100,
  "best-practices": 100,
  seo: 100,
};

interface Report {
  readonly categories: Readonly<Record<string, { readonly score: number | null }>>;
  readonly audits: Readonly<
    Record<string, { readonly score: number | null; readonly details?: unknown }>
  >;
}

/** Measures each page once per category. */
export async function run(): Promise<BenchResult[]> {
  await using server = await Server.start({ SANDBOX_SPEED: "2" });
  const cookie = await signIn(server.url);
  const finished = await createRun(server.url, cookie, "lite");
  const ends = await fetch(`${server.url}/api/v1/tasks/runs/${finished}/events`, {
    headers: { cookie },
  });
  await ends.text();
  // It goes on for longer than its page is looked at.
  const live = await createRun(server.url, cookie, "ultra8x");
  const pages: readonly (readonly [string, string])[] = [
    ["front page", "/"],
    ["history", "/tasks"],
    ["live run", `/tasks/${live}`],
    ["finished run", `/tasks/${finished}`],
  ];
  const results: BenchResult[] = [];
  for (const [name, path] of pages) {
    const report = await measure(server.url + path, cookie);
    for (const [category, target] of Object.entries(TARGETS)) {
      const value = Math.round((report.categories[category]?.score ?? 0) * 100);
      results.push({
        name: `${name}: ${category}`,
        value,
        unit: "of 100",
        peer: PROMISE,
        spread: [value, value],
        target: `${target} or more`,
        note: failedAudits(report).join(", "),
      });
    }
    const foreign = foreignRequests(report, server.url);
    results.push({
      name: `${name}: requests to other hosts`,
      value: foreign,
      unit: "requests",
      peer: PROMISE,
      spread: [foreign, foreign],
      target: "none",
    });
  }
  return results;
}

async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/auth/sandbox`, {
    method: "POST",
    headers: { "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ next: "/" }),
    redirect: "manual",
  });
  await response.body?.cancel();
  return response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

async function createRun(url: string, cookie: string, processor: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/tasks/runs`, {
    method: "POST",
    headers: { cookie, "sec-fetch-site": "same-origin", "content-type": "application/json" },
    body: JSON.stringify({
      input: "Which cities host the most data centres?",
      processor,
      enable_events: true,
    }),
  });
  const { run_id } = await response.json();
  return run_id;
}

async function measure(url: string, cookie: string): Promise<Report> {
  const folder = await Deno.makeTempDir();
  try {
    const output = join(folder, "report.json");
    const headers = join(folder, "headers.json");
    await Deno.writeTextFile(headers, JSON.stringify({ cookie }));
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-config", "--no-lock", LIGHTHOUSE, url],
        ...["--output=json", `--output-path=${output}`, "--quiet", "--no-enable-error-reporting"],
        ...[`--extra-headers=${headers}`, "--preset=desktop"],
        ...["--only-categories=performance,accessibility,best-practices,seo"],
        `--chrome-flags=${["--headless", ...CHROMIUM_FLAGS].join(" ")}`,
      ],
      env: { CHROME_PATH: findChromium() ?? "" },
      cwd: folder,
    }).output();
    if (code !== 0) throw new Error(`Lighthouse failed: ${new TextDecoder().decode(stderr)}`);
    return JSON.parse(await Deno.readTextFile(output));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Names of the audits that a category takes points off for. */
function failedAudits({ audits }: Report): string[] {
  return Object.entries(audits)
    .filter(([name, { score }]) => score !== null && score < 0.9 && !name.endsWith("-insight"))
    .map(([name]) => name);
}

function foreignRequests({ audits }: Report, url: string): number {
  const details = audits["network-requests"]?.details as
    | { items?: readonly { url?: string }[] }
    | undefined;
  return (details?.items ?? []).filter(({ url: requested = "" }) =>
    /^https?:/.test(requested) && !requested.startsWith(url)
  ).length;
}
