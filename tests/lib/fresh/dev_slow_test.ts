/** The development server: rebuilds, reloads, and readable errors. */
import { assertMatch, assertNotEquals, assertStrictEquals } from "@std/assert";
import { errorData, errorPage } from "../../../lib/fresh/dev/error_page.ts";
import { ReloadChannel } from "../../../lib/fresh/dev/reload.ts";
import { browserTest } from "../../browser_launch.ts";
import { Project } from "./support/project.ts";

Deno.test("an error shows the project's source lines", async () => {
  const root = new URL("../../..", import.meta.url).pathname.replace(/\/$/, "");
  const error = new TypeError("no <such> thing", { cause: new Error("deeper") });
  const data = errorData(error, root);
  assertStrictEquals(data.title, "TypeError: no <such> thing");
  assertMatch(data.frame ?? "", /^tests\/lib\/fresh\/dev_slow_test\.ts:\d+:\d+\n/);
  assertMatch(data.frame ?? "", /> +\d+ \| +const error = new TypeError/);
  assertMatch(data.stack, /Caused by: Error: deeper/);
  const response = await errorPage(error, { root, script: "/dev.js", nonce: "n0" });
  assertStrictEquals(response.status, 500);
  const html = await response.text();
  assertMatch(html, /<title>TypeError: no &lt;such> thing<\/title>/);
  assertMatch(html, /<style nonce="n0">/);
  assertStrictEquals(errorData("thrown text", root).frame, null);
});

Deno.test("the reload channel responds only under its own paths", async () => {
  const channel = new ReloadChannel();
  const ask = (path: string, base = "") => channel.answer(new Request(`http://x${path}`), base);
  assertStrictEquals(ask("/"), null);
  assertStrictEquals(ask("/_frsh/dev.js", "/app"), null);
  assertStrictEquals(ask("/app/_frsh/alive", "/app")?.status, 426);
  const script = ask(channel.script);
  const before = channel.script;
  channel.announce();
  // A page knows which build it is of, so it cannot take the next one for its own.
  assertNotEquals(channel.script, before);
  assertMatch(script?.headers.get("content-type") ?? "", /javascript/);
  assertMatch(await script?.text() ?? "", /location\.reload/);
});

for (const flag of ["--watch", "--watch-hmr"]) {
  browserTest(
    `pages reload on save, and show errors until they are fixed, under ${flag}`,
    async ({ page }) => {
      await using project = await Project.from("site", { jsx: "react-jsx" });
      const port = freePort();
      const child = project.command("run", "-A", flag, "dev.ts", `${port}`).spawn();
      let starts = 0;
      const count = (text: string) => void (starts += text.match(/is ready/g)?.length ?? 0);
      const output = Promise.all([
        child.stdout.pipeThrough(new TextDecoderStream())
          .pipeTo(new WritableStream({ write: count })),
        child.stderr.pipeTo(new WritableStream()),
      ]);
      try {
        await until(() => fetch(`http://127.0.0.1:${port}/`).then((r) => r.body?.cancel()));
        await page.goto(`http://127.0.0.1:${port}/plain`);
        await page.getByText("plain 1").waitFor();
        const route = await Deno.readTextFile(`${project.dir}/routes/plain.tsx`);
        await project.write("routes/plain.tsx", route.replace("start={1}", "start={7}"));
        await page.getByText("plain 7").waitFor();
        const island = await Deno.readTextFile(`${project.dir}/islands/Plain.tsx`);
        await project.write("islands/Plain.tsx", island.replace("plain {", "simple {"));
        await page.getByText("simple 7").click();
        await page.getByText("simple 8").waitFor();
        const throwing = (message: string) =>
          route.replace("return", `if (Plain) throw new Error("${message}");\n  return`);
        await project.write("routes/plain.tsx", throwing("on purpose"));
        await page.getByRole("heading", { name: "Error: on purpose" }).waitFor();
        const frame = await page.locator("pre.frame").textContent();
        assertMatch(frame ?? "", /> \d+ \| .*throw new Error/);
        // Functions were replaced: it is still the same process.
        if (flag === "--watch-hmr") assertStrictEquals(starts, 1);
        await project.write("routes/plain.tsx", "export default function Page( {");
        await page.getByText(/SyntaxError|Expected|could not|does not respond/).first().waitFor();
        await project.write("routes/plain.tsx", route);
        await page.getByText("simple 1").waitFor();
        await project.write("static/style.css", "body { color: rgb(1, 2, 3); }");
        await page.waitForFunction(() => getComputedStyle(document.body).color === "rgb(1, 2, 3)");
        await project.write(
          "routes/_error.tsx",
          "export default function Page() { return <p>own error page</p>; }\n",
        );
        await project.write("routes/plain.tsx", throwing("again"));
        await page.getByText("own error page").waitFor();
        await page.locator("#fresh-error-overlay").getByText("Error: again").first().waitFor();
      } finally {
        child.kill();
        await child.status;
        await output;
      }
    },
    { allowProblems: true },
  );
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** The process is another one's: all that can be done is to ask again, for up to two minutes. */
async function until(attempt: () => Promise<unknown>): Promise<void> {
  for (let left = 2_400;; left--) {
    try {
      return void await attempt();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
