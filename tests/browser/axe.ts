/** Problems that axe-core finds on a page. */
import axe from "axe-core";
import type { Page } from "playwright-core";

/** The two looks that pages are judged in: colours do not depend on the width, or the layout on colours. */
export const LOOKS = [
  { colorScheme: "light", viewport: { width: 1280, height: 900 } },
  { colorScheme: "dark", viewport: { width: 360, height: 740 } },
] as const;

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/**
 * One line per broken rule, with the elements that break it, and one if the page scrolls sideways. Sizes of
 * targets are judged too.
 */
export async function violations(page: Page): Promise<string[]> {
  // Through the debugger, which the page's own policy does not concern.
  await page.evaluate(axe.source);
  const found: Violation[] = await page.evaluate(
    `axe.run({ rules: { "target-size": { enabled: true } } }).then((result) => result.violations)`,
  );
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  const broken = found.flatMap(({ id, nodes }) => {
    const wrong = nodes.map(({ html }) => html.slice(0, 160))
      .filter((html) => id !== "target-size" || !html.startsWith(RAW_JSON));
    return wrong.length === 0 ? [] : [`${id}: ${wrong.join(" | ")}`];
  });
  return over > 0 ? [...broken, `scrolls ${over} px sideways`] : broken;
}

/**
 * The raw JSON of a row may come close to a long address beside it. WCAG 2.5.8 excepts a target whose
 * function another control of the page has too: here the export of the trace.
 */
const RAW_JSON = "<summary><code>{}</code>";
