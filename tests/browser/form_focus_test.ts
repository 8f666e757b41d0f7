/** The form's tools by keyboard: the focus stays where the work is when rows come, move and go. */
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { awake, enterSandbox, hasFocus } from "./steps.ts";

const serve = Server.shared();

browserTest(
  "fields of a schema are added, moved and removed by keyboard alone",
  async ({ page }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await awake(page);
    const press = (label: string) =>
      page.getByRole("button", { name: label, exact: true }).press("Enter");
    const focused = (label: string) => hasFocus(page, `[aria-label="${label}"]`);
    await page.locator('[name="output_type"][value="json"]').check();
    await press("Add a field");
    await focused("Name of field");
    await page.keyboard.type("first");
    await press("Add a field");
    await focused("Name of field");
    await page.keyboard.type("second");
    await page.keyboard.press("Tab");
    await page.getByLabel("Type of second").selectOption("object false");
    await press("Add a field to second");
    await focused("Name of field");
    await page.keyboard.type("inner");
    await press("More about second");
    await press("Move second up");
    await focused("Move second down");
    await page.keyboard.press("Enter");
    await focused("Move second up");
    await press("Remove inner");
    await focused("Move second up");
    await press("Remove second");
    await focused("Remove first");
    await page.keyboard.press("Enter");
    await hasFocus(page, "#schema-add");
  },
);

browserTest(
  "rows of metadata and servers are added and removed by keyboard alone",
  async ({ page }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await awake(page);
    for (const [name, row] of [["metadata", "pair"], ["mcp_servers", "server"]]) {
      await page.locator(`details:has([name="${name}"]) > summary`).first().press("Enter");
      const add = page.locator(`#${name}-add`);
      const group = row === "pair" ? "Pair" : "Server";
      for (const number of [1, 2]) {
        await add.press("Enter");
        await hasFocus(page, `[aria-label="${group} ${number}"] input`);
      }
      await page.getByRole("button", { name: `Remove ${row} 2` }).press("Enter");
      await hasFocus(page, `[aria-label="${group} 1"] button`);
      await page.getByRole("button", { name: `Remove ${row} 1` }).press("Enter");
      await hasFocus(page, `#${name}-add`);
    }
  },
);
