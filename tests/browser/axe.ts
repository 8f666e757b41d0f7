/** What axe-core finds wrong with a page. */
import type { Page } from "playwright-core";

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** One line a rule that is broken, with the elements that break it. Sizes of targets are judged too. */
export async function violations(page: Page, source: string): Promise<string[]> {
  // Through the debugger, which the page's own policy does not concern.
  await page.evaluate(source);
  const found: Violation[] = await page.evaluate(
    `axe.run({ rules: { "target-size": { enabled: true } } }).then((result) => result.violations)`,
  );
  return found.map(({ id, nodes }) =>
    `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`
  );
}
