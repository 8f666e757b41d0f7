/**
 * Every page adapts to its user: zoomed, without motion, in forced colours, or read aloud. No page makes
 * requests to another host.
 */
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { create, enterSandbox, finished, INPUT, recorded } from "./steps.ts";

/** Signs in, and visits every kind of page in turn. */
async function visit(
  page: Page,
  server: Server,
  look: (name: string) => Promise<void>,
): Promise<void> {
  const { url } = server;
  await page.goto(url);
  await look("front page");
  await page.goto(`${url}/admin`);
  await look("admin");
  await page.locator("#token").fill(TOKEN);
  await page.keyboard.press("Enter");
  await page.locator("dl").first().waitFor();
  await page.waitForLoadState();
  await look("figures");
  await enterSandbox(page, url);
  await page.waitForLoadState();
  await look("form");
  const context = page.context();
  const asked = ["Which cities host the most data centres?"];
  const ended = [
    ...await create(context, url, asked, "lite"),
    ...await create(context, url, asked, "core"),
  ];
  await recorded(context, url, ended);
  // It stays live for as long as it is looked at.
  const [live] = await create(context, url, asked, "ultra8x", { sandbox: "stall" });
  await page.goto(`${url}/tasks/${live}`);
  await page.locator("#trace .e").nth(2).waitFor();
  await look("live run");
  await page.goto(`${url}/tasks/${ended[0]}`);
  await look("finished run");
  await page.goto(`${url}/tasks`);
  await look("history");
  await page.goto(`${url}/compare?ids=${ended.join(",")}`);
  await look("comparison");
  await page.goto(`${url}/account`);
  await look("account");
  await page.goto(`${url}/inspect`);
  await look("inspector");
  await page.goto(`${url}/nowhere`);
  await look("404");
}

const TOKEN = "a-token-of-this-instance";
const serve = Server.shared({ SANDBOX_SPEED: "20", ADMIN_TOKEN: TOKEN });

/** Visits every page and fails if one is wider than its window. */
async function assertNoneIsWide(page: Page): Promise<void> {
  const server = await serve();
  const wide: string[] = [];
  await visit(page, server, async (name) => {
    const { overflow, widest } = await page.evaluate(() => {
      const overflow = document.documentElement.scrollWidth - innerWidth;
      const widest = [...document.querySelectorAll("body *")]
        .find((element) =>
          element.checkVisibility() &&
          Math.round(element.getBoundingClientRect().right) === innerWidth + overflow
        );
      return { overflow, widest: widest?.outerHTML.slice(0, 120) };
    });
    if (overflow > 0) wide.push(`${name}: ${overflow} px, ${widest}`);
  });
  assertEquals(wide, []);
}

browserTest(
  "nothing scrolls sideways at 200 % zoom in a narrow window",
  ({ page }) => assertNoneIsWide(page),
  { viewport: { width: 320, height: 512 }, allowProblems: true },
);

browserTest("nothing scrolls sideways on a phone with text at twice its size", async ({ page }) => {
  const session = await page.context().newCDPSession(page);
  await session.send("Page.setFontSizes", { fontSizes: { standard: 32, fixed: 26 } });
  await assertNoneIsWide(page);
}, { viewport: { width: 360, height: 740 }, allowProblems: true });

browserTest(
  "in a narrow window the form's submit bar never covers the focused element",
  async ({ page }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await page.locator('input[name="output_type"][value="json"]').check();
    const folded = page.locator("#task :is(.all-processors, .option) > summary");
    for (const summary of await folded.all()) await summary.click();
    // A tool that comes later would take the place of what has the focus.
    await page.waitForLoadState("networkidle");
    await page.waitForFunction(() =>
      [...document.querySelectorAll("[data-tool]")].every((place) =>
        !place.checkVisibility() || place.hasAttribute("data-loaded")
      )
    );
    await page.locator(INPUT).focus();
    const hidden: string[] = [];
    let fields = 0;
    for (let inForm = true; inForm; fields++) {
      const found = await page.evaluate(() => {
        const focused = document.activeElement, line = document.querySelector(".send");
        if (!focused || !line?.parentElement?.contains(focused)) {
          return { inForm: false, under: null };
        }
        const { top, bottom } = focused.getBoundingClientRect();
        const under = !line.contains(focused) &&
          (top + bottom) / 2 > line.getBoundingClientRect().top &&
          top < line.getBoundingClientRect().bottom;
        return { inForm: true, under: under ? focused.outerHTML.slice(0, 100) : null };
      });
      ({ inForm } = found);
      if (found.under !== null) hidden.push(found.under);
      await page.keyboard.press("Tab");
    }
    assert(fields > 30, `${fields}`);
    assertEquals(hidden, []);
  },
  { viewport: { width: 320, height: 640 } },
);

browserTest("with reduced motion nothing is animated", async ({ page }) => {
  const server = await serve();
  const moving: string[] = [];
  await visit(page, server, async (name) => {
    const found = await page.evaluate(() =>
      document.getAnimations().map((animation) => animation.constructor.name).concat(
        [...document.querySelectorAll("*")].filter((element) => {
          const style = getComputedStyle(element);
          return style.scrollBehavior === "smooth" ||
            style.transitionDuration.split(",").some((duration) => parseFloat(duration) > 0.001);
        }).map((element) => element.tagName),
      )
    );
    if (found.length > 0) moving.push(`${name}: ${[...new Set(found)].join(" ")}`);
  });
  assertEquals(moving, []);
}, { reducedMotion: "reduce", allowProblems: true });

browserTest(
  "in forced colours, progress, marks and choices stay visible",
  async ({ page }) => {
    const server = await serve();
    const lost: string[] = [];
    await visit(page, server, async (name) => {
      const invisible = await page.evaluate(() => {
        const probe = document.body.appendChild(document.createElement("i"));
        probe.style.backgroundColor = "Canvas";
        const paper = getComputedStyle(probe).backgroundColor;
        probe.remove();
        const inks = (colour: string) => colour !== paper && !/^rgba\(.*, 0\)$/.test(colour);
        // What is drawn by a background alone is gone when backgrounds are the user's.
        const isDrawn = (
          { backgroundColor, backgroundImage, borderTopColor, borderTopWidth }: CSSStyleDeclaration,
        ) =>
          inks(backgroundColor) || backgroundImage !== "none" ||
          parseFloat(borderTopWidth) > 0 && inks(borderTopColor);
        const marks: readonly (readonly [string, readonly (string | undefined)[]])[] = [
          [".status i", [undefined, "::before", "::after"]],
          [".level", [undefined, "::before", "::after"]],
          ["progress", [undefined]],
        ];
        return marks.flatMap(([selector, parts]) =>
          [...document.querySelectorAll(selector)]
            .filter((element) => !parts.some((part) => isDrawn(getComputedStyle(element, part))))
            .map((element) => element.outerHTML.slice(0, 80))
        );
      });
      if (invisible.length > 0) lost.push(`${name}: ${invisible[0]}`);
    });
    assertEquals(lost, []);
  },
  { forcedColors: "active", allowProblems: true },
);

browserTest(
  "every page has headings and landmarks in order for screen readers",
  async (session) => {
    const { page } = session;
    const server = await serve();
    const wrong: string[] = [];
    await visit(page, server, async (name) => {
      const { levels, landmarks, title, lang } = await page.evaluate(() => ({
        levels: [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
          .filter((heading) => heading.checkVisibility() || heading.classList.contains("sr-only"))
          .map((heading) => Number(heading.tagName[1])),
        landmarks: ["header", "nav", "main"].filter((tag) =>
          document.querySelectorAll(tag).length > 0
        ),
        title: document.title,
        lang: document.documentElement.lang,
      }));
      if (levels[0] !== 1 || levels.filter((level) => level === 1).length !== 1) {
        wrong.push(`${name}: its headings begin ${levels.slice(0, 3).join(" ")}`);
      }
      for (const [at, level] of levels.entries()) {
        const before = levels[at - 1] ?? 0;
        if (level > before + 1) wrong.push(`${name}: h${level} after h${before}`);
      }
      if (landmarks.length !== 3) wrong.push(`${name}: only ${landmarks.join(" ")}`);
      if (!title.includes("Taskstream") || lang !== "en") wrong.push(`${name}: ${title} ${lang}`);
    });
    assertEquals(wrong, []);
  },
  { allowProblems: true },
);

browserTest("no page makes a request to another host", async ({ page }) => {
  const server = await serve();
  const foreign = new Set<string>();
  page.on("request", (request) => {
    const url = request.url();
    if (/^(https?|wss?):/.test(url) && !url.startsWith(server.url)) foreign.add(url);
  });
  await visit(page, server, () => Promise.resolve());
  assertEquals([...foreign], []);
}, { allowProblems: true });

const shownOfScripts = (page: Page) =>
  page.locator(".scripted").evaluateAll((elements) =>
    elements.filter((element) => element.checkVisibility()).map(({ outerHTML }) => outerHTML)
  );

browserTest(
  "features that need JavaScript are hidden without it and in print",
  async (session) => {
    const server = await serve();
    const { page } = session;
    const offered: string[] = [];
    const look = async (name: string) => {
      for (const html of await shownOfScripts(page)) offered.push(`${name}: ${html.slice(0, 120)}`);
    };
    await enterSandbox(page, server.url);
    await look("form");
    await page.locator(INPUT).fill("Which cities host the most data centres?");
    await page.locator('.send button[type="submit"]').first().click();
    await page.waitForURL(/\/tasks\/trun_/);
    await look("live run");
    await finished(page);
    await look("finished run");
    const id = page.url().slice(page.url().lastIndexOf("/") + 1);
    for (const path of ["/tasks", `/compare?ids=${id}`, "/account", "/inspect"]) {
      await page.goto(server.url + path);
      await look(path);
    }
    assertEquals(offered, []);

    const scripted = await session.newContext();
    const withScript = await scripted.newPage();
    await enterSandbox(withScript, server.url);
    await withScript.locator("kbd.scripted").waitFor();
    await withScript.emulateMedia({ media: "print" });
    assertEquals(await shownOfScripts(withScript), []);
  },
  { javaScriptEnabled: false },
);
