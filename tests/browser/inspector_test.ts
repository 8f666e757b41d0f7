/** The Stream Inspector in real Chromium: all input stays in the browser. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { LOOKS, violations } from "./axe.ts";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { StreamHost } from "../inspector/stream_host.ts";

const serve = Server.shared();

const BROKEN = ': hello\n\nid: 1\nevent: first\ndata: {"a": [1, 2], "b": 3}\n\n' +
  "Data: lost\nretry: 3s\ndata: second\n\nevent: third\n\ndata: never";

async function open(page: Page, server: Server) {
  await page.goto(`${server.url}/inspect`);
  await page.locator("#stream-text:enabled").waitFor();
}

/** Reads a stream by typing it in. */
async function inspect(page: Page, text: string) {
  const area = page.locator("#stream-text");
  if (!await area.isVisible()) await page.getByText("Inspect another stream").click();
  await area.fill(text);
  await page.getByRole("button", { name: "Inspect", exact: true }).click();
}

async function upload(page: Page, name: string, buffer: Uint8Array) {
  await page.locator("#stream-file").setInputFiles({
    name,
    mimeType: "text/plain",
    buffer: Buffer.from(buffer),
  });
}

const rows = (page: Page) => page.locator('[role="option"]');

/** Waits until a figure is as expected: an answer is read after the events have been shown. */
const hasFact = (page: Page, name: string, value: string | RegExp) =>
  page.locator(".facts > div", { has: page.locator("dt", { hasText: new RegExp(`^${name}$`) }) })
    .locator("dd", { hasText: typeof value === "string" ? new RegExp(`^${value}$`) : value })
    .waitFor();

browserTest(
  "a typed stream shows its events, and its invalid lines with the rules they break",
  async ({ page }) => {
    const server = await serve();
    await open(page, server);
    const asked: string[] = [];
    page.on("request", (request) => {
      // A part of the page's own script may load late: its address is the build's.
      const { origin, pathname, search } = new URL(request.url());
      const isScript = origin === new URL(server.url).origin && search === "" &&
        /^\/_fresh\/js\/[\w/-]+\.js$/.test(pathname);
      if (!isScript || request.method() !== "GET") asked.push(request.url());
    });
    await inspect(page, BROKEN);
    await rows(page).nth(4).waitFor();
    assertStrictEquals(await rows(page).count(), 5);
    await hasFact(page, "events", "2");
    await hasFact(page, "lines without effect", "▲ 4");
    await page.getByRole("button", { name: "4: show them only" }).click();
    await page.locator("#stream-found", { hasText: "3 of 5" }).waitFor();
    await page.getByLabel("problems only").uncheck();
    await page.locator("#stream-found", { hasText: "5 of 5" }).waitFor();

    await rows(page).nth(2).click();
    const detail = page.locator(".detail");
    await detail.filter({ hasText: "#3" }).waitFor();
    const text = await detail.innerText();
    assertMatch(text, /Line 7, byte \d+: wrong case\./);
    assertMatch(text, /Line 8, byte \d+: retry is no number\./);
    assertMatch(text, /Data: lost\s*LF\s*◂ wrong case/);

    await rows(page).nth(1).click();
    await detail.filter({ hasText: "#2" }).waitFor();
    assertMatch(await detail.innerText(), /type\s+first\s+id\s+1/);
    await detail.locator(".json summary", { hasText: "a:" }).click();
    await detail.locator(".json").getByText("1: 2").waitFor();
    assertEquals(asked, [], "nothing that was pasted leaves the browser");
  },
);

browserTest(
  "pasted, dropped and chosen input is read at once",
  async ({ context, page }) => {
    const server = await serve();
    await open(page, server);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.evaluate(() => navigator.clipboard.writeText("data: pasted\n\n"));
    await page.locator("#stream-text").focus();
    await page.keyboard.press("Control+V");
    await rows(page).getByText("pasted").waitFor();
    assertStrictEquals(await page.locator("#stream-text").inputValue(), "data: pasted\n\n");
    await page.waitForFunction(() => document.activeElement?.id === "findings");

    await page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["data: dropped\r\n\r\n"], "capture.txt"));
      for (const type of ["dragover", "drop"]) {
        document.body.dispatchEvent(
          new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }),
        );
      }
    });
    await rows(page).getByText("dropped").waitFor();
    await hasFact(page, "lines end in", "CRLF");
    await page.locator(".figures .url", { hasText: "capture.txt" }).waitFor();

    await upload(page, "chosen.txt", new TextEncoder().encode("data: chosen\n\n"));
    await rows(page).getByText("chosen").waitFor();
  },
);

browserTest("a URL is opened by the browser and shown while it streams", async ({ page }) => {
  const server = await serve();
  await using host = StreamHost.start({ allow: true });
  await open(page, server);
  await page.getByText("A URL", { exact: true }).click();
  await page.locator("#request-method").selectOption("POST");
  await page.locator("#request-url").fill(host.url);
  await page.locator("#request-headers").fill("x-key: secret\nlast-event-id: 4");
  await page.locator("#request-body").fill('{"stream": true}');
  await page.getByRole("button", { name: "Open" }).click();

  const request = await host.asked;
  assertStrictEquals(request.method, "POST");
  assertStrictEquals(request.headers["x-key"], "secret");
  assertStrictEquals(request.headers["accept"], "text/event-stream");
  assertStrictEquals(request.headers["content-type"], "application/json");
  assertStrictEquals(request.headers["cookie"], undefined);
  assertStrictEquals(request.body, '{"stream": true}');

  host.send(
    'data: {"object":"chat.completion.chunk","model":"m1","choices":[{"delta":{"content":"Hel"}}]}\n\n',
  );
  await page.locator(".answer", { hasText: "Hel" }).waitFor();
  assertStrictEquals(await page.locator(".status").innerText(), "Live");
  host.send('data: {"object":"chat.completion.chunk","choices":[{"delta":{"content":"lo"}}]}\n\n');
  host.send(
    'data: {"object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":2}}\n\n',
  );
  await page.locator(".answer", { hasText: "Hello" }).waitFor();
  host.close();
  await page.locator(".status", { hasText: "closed by the server" }).waitFor();
  await hasFact(page, "provider", "openai");
  await hasFact(page, "model", "m1");
  await hasFact(page, "tokens in, out", "1,000, 2");
  await hasFact(page, "first token", /^[\d.]+ (ms|s)$/);
  await page.getByText("Prices").click();
  await page.locator('[name="price-in"]').fill("2");
  await page.locator('[name="price-out"]').fill("10");
  await page.waitForFunction(() => document.body.innerText.includes("$0.00202"));
  assertMatch(await rows(page).first().innerText(), /\d\.\d{3}/);
});

browserTest("a live stream can be stopped and keeps the events received", async ({ page }) => {
  const server = await serve();
  await using host = StreamHost.start({ allow: true });
  await open(page, server);
  await page.getByText("A URL", { exact: true }).click();
  await page.locator("#request-url").fill(host.url);
  await page.locator("#request-url").press("Enter");
  await host.asked;
  host.send("data: one\n\ndata: half");
  await rows(page).first().waitFor();
  await page.locator(".controls").getByRole("button", { name: "Stop" }).click();
  await page.locator(".status", { hasText: "stopped here" }).waitFor();
  await host.left;
  // The unfinished one is shown as cut off.
  await rows(page).nth(1).waitFor();
  assertEquals(await rows(page).count(), 2);
});

browserTest(
  "a server that forbids cross-origin reads is explained in plain words",
  async ({ page }) => {
    const server = await serve();
    await using host = StreamHost.start({ allow: false });
    await open(page, server);
    await page.getByText("A URL", { exact: true }).click();
    await page.locator("#request-url").fill(host.url);
    await page.locator("#request-headers").fill("authorization: Bearer abc");
    await page.getByRole("button", { name: "Open" }).click();
    const notice = page.locator(".notice", { hasText: "hides the response" });
    await notice.waitFor();
    // In sight, or from the top on where it is too high for that.
    await page.waitForFunction(() => {
      const findings = document.querySelector("#findings");
      const { top, bottom } = findings?.getBoundingClientRect() ?? { top: -1, bottom: -1 };
      return top >= 0 && (bottom <= innerHeight + 1 || top < 1);
    });
    const text = await notice.innerText();
    assertMatch(text, /CORS/);
    assert(text.includes(`access-control-allow-origin: ${server.url}`), text);
    assertMatch(text, /access-control-allow-headers: authorization/);
    assertMatch(text, /curl -N -H 'authorization: Bearer abc'/);
    // Only a browser has these rules, so that only here they can be tried.
    await page.locator("#request-headers").fill("Cookie: a=b");
    await page.getByRole("button", { name: "Open" }).click();
    await page.locator("#request-error", { hasText: "does not let pages set “Cookie”" }).waitFor();
    await page.locator("#request-headers").fill("");
    await page.locator("#request-url").fill("ftp://nowhere");
    await page.getByRole("button", { name: "Open" }).click();
    await page.locator('#request-url[aria-invalid="true"]').waitFor();
  },
  { allowProblems: true, viewport: { width: 1120, height: 720 } },
);

browserTest(
  "the code that reads streams loads late; if it cannot be loaded, the page says so and tries again",
  async ({ page }) => {
    const server = await serve();
    const late = /\/Stream-[^/]+\.js$/;
    const detail = /\/EventDetail-[^/]+\.js$/;
    for (const path of [late, detail]) await page.route(path, (route) => route.abort());
    await open(page, server);
    await inspect(page, BROKEN);
    await page.getByRole("alert").getByText("could not be loaded").waitFor();
    assertStrictEquals(await page.locator("#stream-text").inputValue(), BROKEN);
    await page.unroute(late);
    await inspect(page, BROKEN);
    await rows(page).nth(4).waitFor();
    assertStrictEquals(await page.getByRole("alert").count(), 0);
    // So is the code that shows an event, with the next one that is chosen.
    await rows(page).nth(1).click();
    await page.locator(".detail", { hasText: "could not be loaded" }).waitFor();
    await page.unroute(detail);
    await rows(page).nth(2).click();
    await page.locator("#detail-title", { hasText: "#3" }).waitFor();
  },
  { allowProblems: true },
);

browserTest("filters narrow the list, and the keyboard moves through it", async ({ page }) => {
  const server = await serve();
  await open(page, server);
  await inspect(
    page,
    Array.from(
      { length: 300 },
      (_, at) =>
        `event: ${at % 3 === 0 ? "three" : "other"}\ndata: number ${at}${
          at === 7 ? "\nfoo: x" : ""
        }\n\n`,
    ).join(""),
  );
  await rows(page).first().waitFor();
  const found = page.locator("#stream-found");
  await page.locator("#stream-find").fill("NUMBER 29");
  await found.getByText("11 of 300").waitFor();
  await page.locator("#stream-find").fill("/ 1.{2}$/");
  await found.getByText("100 of 300").waitFor();
  await page.locator("#stream-find").fill("/(/");
  await found.getByText("not a regular expression").waitFor();
  await page.locator("#stream-find").fill("");
  await page.locator("#stream-type").selectOption("three");
  await found.getByText("100 of 300").waitFor();
  await page.locator("#stream-type").selectOption("");
  await page.getByLabel("problems only").check();
  await found.getByText("1 of 300").waitFor();
  await page.getByLabel("problems only").uncheck();
  await found.getByText("300 of 300").waitFor();

  const list = page.locator('[role="listbox"]');
  const chosen = page.locator('[role="option"][aria-selected="true"]');
  await list.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await chosen.getByText("number 1", { exact: true }).waitFor();
  assertStrictEquals(await list.getAttribute("aria-activedescendant"), "block-1");
  await page.keyboard.press("End");
  await chosen.getByText("number 299").waitFor();
  await page.locator(".detail").getByText("number 299").first().waitFor();
  await page.keyboard.press("ArrowDown");
  await chosen.getByText("number 299").waitFor();
  await page.keyboard.press("Home");
  await chosen.getByText("number 0", { exact: true }).waitFor();
  await page.keyboard.press("PageDown");
  await page.locator('[role="option"][aria-selected="true"]:not(#block-0)').waitFor();
});

browserTest(
  "with 50,000 events only a few rows are in the document, and a key jumps to the last event",
  async ({ page }) => {
    const server = await serve();
    await open(page, server);
    // Made in the page and dropped: sending 17 MB through the debugger takes longer than all the rest.
    await page.evaluate(() => {
      const text = Array.from(
        { length: 50_000 },
        (_, at) => `id: ${at + 1}\nevent: tick\ndata: {"n":${at},"pad":"${"x".repeat(300)}"}\n\n`,
      ).join("");
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], "large.txt"));
      document.body.dispatchEvent(
        new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }),
      );
    });
    await page.locator("#stream-found", { hasText: "50,000 of 50,000" }).waitFor();
    const inDocument = () =>
      page.evaluate(() => document.querySelectorAll('[role="option"]').length);
    assert(await inDocument() < 80);
    await page.locator('[role="listbox"]').evaluate((list) => list.scrollTop = list.scrollHeight);
    await rows(page).getByText('"n":49999').waitFor();
    assert(await rows(page).getByText('"n":49999').isVisible());
    assert(await inDocument() < 80);
    await page.locator('[role="listbox"]').focus();
    await page.keyboard.press("Home");
    await page.locator('[role="option"][aria-selected="true"]').getByText('"n":0').waitFor();
    await page.keyboard.press("End");
    await page.locator("#block-49999[aria-selected='true']").waitFor();
    await page.locator("#stream-find").fill('"n":4999');
    await page.locator("#stream-found", { hasText: "11 of 50,000" }).waitFor();
    // The list is short now, so it scrolls back before it shows them.
    await rows(page).nth(10).waitFor();
    assertStrictEquals(await inDocument(), 11);
  },
);

browserTest("an exported capture shows the same events when imported", async ({ page }) => {
  const server = await serve();
  await open(page, server);
  await inspect(
    page,
    "id: 1\nevent: a\ndata: x\ndata: y\n\nretry: 5\ndata: é😀\n\n: c\n\nid\ndata:\n\n",
  );
  await rows(page).nth(3).waitFor();
  const save = async () => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export NDJSON" }).click(),
    ]);
    assertStrictEquals(download.suggestedFilename(), "stream.ndjson");
    return await Deno.readTextFile(await download.path());
  };
  const first = await save();
  assertEquals(first.trim().split("\n").map((line) => JSON.parse(line)), [
    { offset_ms: null, id: "1", event: "a", data: "x\ny", retry: null },
    { offset_ms: null, id: "1", event: "message", data: "é😀", retry: 5 },
    { offset_ms: null, id: "", event: "message", data: "", retry: null },
  ]);
  await upload(page, "stream.ndjson", new TextEncoder().encode(first));
  await page.locator(".figures .url", { hasText: "imported events" }).waitFor();
  await rows(page).nth(3).waitFor({ state: "detached" });
  await rows(page).nth(2).waitFor();
  assertStrictEquals(await save(), first);

  const trace = [
    { id: 1, received_ms: 1000, event: { type: "task_run.state", run: { status: "running" } } },
    { id: 2, received_ms: 3500, event: { type: "task_run.progress_msg.plan", message: "Plan" } },
  ].map((line) => JSON.stringify(line)).join("\n");
  await upload(page, "trace.ndjson", new TextEncoder().encode(trace));
  await rows(page).getByText("task_run.progress_msg.plan").first().waitFor();
  assertMatch(await rows(page).nth(1).innerText(), /2\.500\s+\+2\.5 s/);
  await hasFact(page, "provider", "parallel");
  await page.getByRole("button", { name: "2.5 s: show what ended it" }).click();
  await page.locator('#block-1[aria-selected="true"]').waitFor();
  await page.getByRole("img", { name: "Events over time" }).waitFor();
});

browserTest("a replay plays from the first event to the last", async ({ page }) => {
  const server = await serve();
  await open(page, server);
  // At the slowest a minute: however slow the machine, the replay is seen under way.
  await inspect(page, "data: a\n\n".repeat(300));
  await rows(page).nth(2).click();
  await page.locator("#detail-title", { hasText: "#3" }).waitFor();
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await page.locator('.status[data-status="running"]', { hasText: "replaying" }).waitFor();
  // Event 3 has not come again.
  await page.locator("#detail-title").waitFor({ state: "detached" });
  await page.locator("#stream-pace").selectOption("1000 a second");
  await page.locator(".status", { hasText: "read" }).waitFor();
  await page.locator("#stream-found", { hasText: "300 of 300" }).waitFor();
  await page.locator("#stream-pace").selectOption("5 a second");
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await page.getByRole("button", { name: "Show all" }).click();
  await page.locator("#stream-found", { hasText: "300 of 300" }).waitFor();
});

browserTest("without JavaScript the page says that it needs JavaScript", async ({ page }) => {
  const server = await serve();
  await page.goto(`${server.url}/inspect`);
  await page.locator(".notice", { hasText: "needs JavaScript" }).waitFor();
  assertStrictEquals(await page.locator("#stream-text").isVisible(), false);
}, { javaScriptEnabled: false });

for (const look of LOOKS) {
  browserTest(
    `axe finds no problem in ${look.colorScheme} at ${look.viewport.width} px`,
    async ({ page }) => {
      const server = await serve();
      await open(page, server);
      const wrong: string[] = [];
      const check = async (name: string) => {
        wrong.push(...(await violations(page)).map((violation) => `${name}: ${violation}`));
      };
      await check("empty");
      for (const way of ["A file", "A URL", "Pasted text"]) {
        await page.getByText(way, { exact: true }).click();
        await check(way);
      }
      await page.getByRole("button", { name: "Show me an example" }).click();
      await rows(page).nth(4).click();
      await check("with an event chosen");
      await page.getByText("Hex").click();
      await page.getByText("Prices").click();
      await page.locator("#stream-find").fill("/(/");
      await check("with a bad pattern and everything open");
      assertEquals(wrong, []);
    },
    look,
  );
}
