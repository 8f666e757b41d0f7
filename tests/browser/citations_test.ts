/** A finished run in real Chromium: the result is visible at once, and citations open in place. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { finishExample, REPORT, TABLE } from "./results.ts";
import { eventually, shifts } from "./steps.ts";

const serve = Server.shared({ SANDBOX_SPEED: "20" });

const OPEN = "#citation:popover-open";

const top = (page: Page, selector: string) =>
  page.locator(selector).first().evaluate((element) => element.getBoundingClientRect().top);

browserTest(
  "click, hover and keyboard open a citation below its row, and Escape closes it",
  async ({ page }) => {
    const server = await serve();
    await page.setViewportSize({ width: 1280, height: 900 });
    const url = await finishExample(page, server, TABLE);
    assert(await top(page, "#result-title") < 300);
    await page.goto(url);
    assertStrictEquals(await shifts(page), 0);

    const row = page.locator(".field", { has: page.locator(".chip") }).first();
    const chips = row.locator("a.chip:visible");
    const card = page.locator(OPEN);
    /** Waits until this has the focus, which comes back once a layer is closed. */
    const focused = (element: Locator) =>
      eventually(
        () => element.evaluate((each) => each === document.activeElement),
        (isFocused) => assert(isFocused),
      );
    const before = await page.evaluate(() => scrollY);
    await chips.nth(1).click();
    await card.waitFor();
    assertMatch(await card.innerText(), /analytics-digest\.example[\s\S]*2 of 3[\s\S]*DuckDB/);
    assertStrictEquals(
      await page.evaluate(() => scrollY),
      before,
      "the reader stays where they are",
    );
    assertStrictEquals(new URL(page.url()).hash, "");
    const bottom = await row.evaluate((element) => element.getBoundingClientRect().bottom);
    assert(await top(page, OPEN) >= bottom, "the value stays in sight");
    assertStrictEquals(await chips.nth(1).getAttribute("aria-expanded"), "true");
    const title = await card.locator(".citation-title").innerText();
    await card.getByRole("button", { name: "Next source 3" }).click();
    await card.getByText("3 of 3").waitFor();
    assert(await card.locator(".citation-title").innerText() !== title);
    assertMatch(await card.getByText("Open page").getAttribute("href") ?? "", /^https:/);
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "hidden" });
    await focused(chips.nth(1));
    await row.locator("[aria-expanded]").waitFor({ state: "detached" });

    // A long excerpt is cut until one asks for more.
    await page.locator("q").evaluateAll((quotes) =>
      quotes.forEach((quote) => quote.textContent = "A long excerpt. ".repeat(100))
    );
    const isCut = () =>
      card.locator("q").first().evaluate(({ scrollHeight, clientHeight }) =>
        scrollHeight > clientHeight + 1
      );
    await chips.nth(1).click();
    await card.waitFor();
    assert(await isCut());
    await card.getByRole("button", { name: "more" }).click();
    assert(!await isCut());
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "hidden" });
    await focused(chips.nth(1));

    // The keyboard: a number that has the focus opens, Enter goes in, Escape returns.
    await page.keyboard.press("Shift+Tab");
    await card.waitFor();
    await card.getByText("1 of 3").waitFor();
    await page.keyboard.press("Enter");
    await focused(card);
    await page.keyboard.press("Tab");
    await page.locator(`${OPEN} :focus`).waitFor();
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "hidden" });

    // The mouse: waiting opens, leaving closes, without taking the focus.
    await page.mouse.move(5, 5);
    await chips.nth(2).hover();
    await card.waitFor();
    assert(!await card.evaluate((element) => element.contains(document.activeElement)));
    await page.mouse.move(5, 5);
    await card.waitFor({ state: "hidden" });

    // Other processors: a dialog in the middle. Escape closes it, then the menu that it came from.
    const more = page.locator(".run-actions > .menu > summary").last();
    await more.click();
    const others = page.getByRole("button", { name: "Other processors" });
    await others.focus();
    await page.keyboard.press("Enter");
    const dialog = page.locator("#other-processors:popover-open");
    const box = await dialog.boundingBox();
    assert(box);
    const width = await page.evaluate(() => document.documentElement.clientWidth);
    assert(Math.abs(box.x + box.width / 2 - width / 2) < 16, `${box.x}, ${box.width} of ${width}`);
    assert(box.y > 16, `${box.y}`);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await focused(others);
    await page.keyboard.press("Escape");
    await others.waitFor({ state: "hidden" });
    await focused(more);
  },
);

browserTest(
  "on a phone a tap opens the card inside the window, and the section links stay visible",
  async ({ page }) => {
    const server = await serve();
    await finishExample(page, server, REPORT);
    assert(await top(page, "#result-title") < 420);
    const chip = page.locator(".prose :not(aside) > a.chip").nth(3);
    await chip.scrollIntoViewIfNeeded();
    await chip.tap();
    await page.locator(OPEN).waitFor();
    const { left, right } = await page.locator(OPEN).evaluate((card) => {
      const { left, right } = card.getBoundingClientRect();
      return { left, right };
    });
    assertEquals([Math.round(left), Math.round(right)], [8, 352]);
    assertMatch(
      await page.locator(OPEN).innerText(),
      /\d of \d+[\s\S]*Open page[\s\S]*Next source/,
    );
    await page.locator("h1").tap({ force: true });
    await page.locator(OPEN).waitFor({ state: "hidden" });
    const jumps = page.locator(".jumps a");
    const places = () =>
      jumps.evaluateAll((links) => links.map((link) => link.getBoundingClientRect().left));
    const before = await places();
    await page.evaluate(() => document.querySelector("#sources-title")?.scrollIntoView());
    await page.waitForFunction(() =>
      getComputedStyle(document.querySelector('.jumps a[href="#sources-title"]')!).boxShadow !==
        "none"
    );
    assertStrictEquals(await top(page, ".jumps"), 0);
    assertEquals(await places(), before, "marking the current section moves no link");
    // Records in records in records.
    await page.locator(".result").evaluate((result) => {
      let inner: Element = result;
      for (const name of Array(8).fill(["dl", "div", "dd"]).flat()) {
        const element = document.createElement(name);
        if (name === "dl") element.className = "sub";
        if (name === "div") element.append(document.createElement("dt"));
        inner.append(element);
        inner = element;
      }
      inner.textContent = "A value";
    });
    assertEquals(
      await page.evaluate(() => document.documentElement.scrollWidth > innerWidth),
      false,
    );
  },
  { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
);
