/**
 * Measures one page after another in one Chromium. Arguments: the package of Lighthouse, Chromium, its flags. Each
 * line of standard input is a page with its headers; each line of standard output is its report.
 */
import { setTimeout as delay } from "node:timers/promises";
import { createInterface } from "node:readline";

const [source = "", chromium = "", ...flags] = Deno.args;
// Not a dependency of the project, so that its type check must not look for it.
const { default: lighthouse, desktopConfig } = await import(source);
const output = Deno.stdout.writable.getWriter();
const folder = await Deno.makeTempDir();
const browser = new Deno.Command(chromium, {
  args: [...flags, "--remote-debugging-port=0", `--user-data-dir=${folder}`, "about:blank"],
  stdout: "null",
  stderr: "null",
}).spawn();
try {
  const port = await debuggingPort();
  for await (const line of createInterface({ input: process.stdin })) {
    const { url, headers } = JSON.parse(line);
    const { lhr } = await lighthouse(url, {
      port,
      logLevel: "error",
      onlyCategories: ["performance", "accessibility", "best-practices", "seo"],
      extraHeaders: headers,
      // The network of a live page is never idle, and the results need no screenshot.
      disableFullPageScreenshot: true,
      maxWaitForLoad: 15_000,
    }, desktopConfig);
    await output.write(new TextEncoder().encode(`${JSON.stringify(lhr)}\n`));
  }
} finally {
  browser.kill();
  await browser.status;
  await Deno.remove(folder, { recursive: true }).catch(() => {});
}

/** Chromium writes it to a file as soon as it listens. */
async function debuggingPort(): Promise<number> {
  for (let waited = 0; waited < 60_000; waited += 50) {
    const text = await Deno.readTextFile(`${folder}/DevToolsActivePort`).catch(() => "");
    if (text.includes("\n")) return Number(text.split("\n")[0]);
    await delay(50);
  }
  throw new Error("Chromium does not listen");
}
