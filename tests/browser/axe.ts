/** Problems that axe-core finds on a page. */
// @ts-types="axe-core"
import axe from "axe-core/axe.min.js";
import type { Page } from "playwright-core";

/** The two looks that pages are judged in: colours do not depend on the width, or the layout on colours. */
export const LOOKS = [
  { colorScheme: "light", viewport: { width: 1280, height: 900 } },
  { colorScheme: "dark", viewport: { width: 360, height: 740 } },
] as const;

interface Violation {
  readonly id: string;
  readonly nodes: readonly {
    readonly html: string;
    readonly any: readonly {
      readonly id: string;
      readonly relatedNodes: readonly { readonly target: string[] }[];
    }[];
  }[];
}

/**
 * One line per broken rule, with the elements that break it, and one if the page scrolls sideways. Sizes of
 * targets are judged too.
 */
export async function violations(page: Page): Promise<string[]> {
  // What is shown is there before the rest of a page.
  await page.waitForLoadState();
  if (!await page.evaluate(() => "axe" in globalThis)) await load(page);
  // Details of passes are not asked for: writing them takes a third of the time.
  const found: Violation[] = await page.evaluate(
    `axe.run({ resultTypes: ["violations"], rules: { "target-size": { enabled: true } } })
      .then((result) => result.violations)`,
  );
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  const broken: string[] = [];
  for (const { id, nodes } of found) {
    const wrong: string[] = [];
    for (const { html, any } of nodes) {
      const isSize = id === "target-size";
      if (isSize && html.startsWith(RAW_JSON)) continue;
      const near = any.map(({ relatedNodes }) => relatedNodes.map(({ target }) => target[0]!));
      if (isSize && await page.evaluate(isSomeInOpenLayers, near)) continue;
      wrong.push(html.slice(0, 160));
    }
    if (wrong.length > 0) broken.push(`${id}: ${wrong.join(" | ")}`);
  }
  return over > 0 ? [...broken, `scrolls ${over} px sideways`] : broken;
}

/**
 * Loads axe-core into a page by the debugger, which the page's own policy does not concern. Playwright's
 * `evaluate` takes five times as long for so long a text, and twice as long again for what is not minified.
 */
async function load(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe.source });
  await session.detach();
}

/**
 * Whether an open menu or popover is what covers a target or comes close to it: all elements of one of the
 * lists lie in one. What its edge leaves in sight of a target depends on where the page is scrolled to. The
 * same page is judged without it.
 */
function isSomeInOpenLayers(lists: readonly (readonly string[])[]): boolean {
  return lists.some((selectors) =>
    selectors.length > 0 &&
    selectors.every((selector) =>
      document.querySelector(selector)?.closest(".menu[open], :popover-open")
    )
  );
}

/**
 * The raw JSON of a row may come close to a long address beside it. WCAG 2.5.8 excepts a target whose
 * function another control of the page has too: here the export of the trace.
 */
const RAW_JSON = "<summary><code>{}</code>";
