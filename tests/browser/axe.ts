/** Problems that axe-core finds on a page. */
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
  return found.flatMap(({ id, nodes }) => {
    const wrong = nodes.map(({ html }) => html.slice(0, 160))
      .filter((html) => id !== "target-size" || !html.startsWith(RAW_JSON));
    return wrong.length === 0 ? [] : [`${id}: ${wrong.join(" | ")}`];
  });
}

/**
 * The raw JSON of a row may come close to a long address beside it. WCAG 2.5.8 excepts a target whose
 * function another control of the page has too: here the export of the trace.
 */
const RAW_JSON = "<summary><code>{}</code>";
