/** The journey of a Task Group that a program created: open it, watch it grow and end, read sources, export. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { Parallel } from "parallel-web";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { INPUT } from "./steps.ts";

const serve = Server.shared({ SANDBOX_SPEED: "50" });

/** Adds so many rows to a group, as the vendor's CLI does. */
async function addRuns(client: Parallel, groupId: string, from: number): Promise<void> {
  const inputs = Array.from({ length: 100 }, (_, at) => ({
    input: { company: `Company ${from + at + 1}` },
    processor: "lite",
  }));
  const { run_ids } = await client.taskGroup.addRuns(groupId, {
    inputs,
    default_task_spec: { output_schema: { type: "json", json_schema: CEO } },
  });
  assertStrictEquals(run_ids.length, 100);
}

const CEO = {
  type: "object",
  properties: { ceo: { type: "string" } },
  required: ["ceo"],
  additionalProperties: false,
};

browserTest(
  "a group that the SDK created opens as a batch, grows, ends and is exported",
  async ({ page }) => {
    const server = await serve();
    const apiKey = `sandbox-adopted-${crypto.randomUUID()}`;
    const client = new Parallel({ apiKey, baseURL: `${server.url}/api`, maxRetries: 0 });
    const { taskgroup_id: id } = await client.taskGroup.create({
      metadata: { name: "From the SDK" },
    });
    await addRuns(client, id, 0);
    await page.goto(server.url);
    await page.locator('input[name="api_key"]').fill(apiKey);
    await page.locator('input[name="api_key"]').press("Enter");
    await page.locator(INPUT).waitFor();
    await page.goto(`${server.url}/batches/${id}`);
    await page.getByRole("heading", { name: "From the SDK" }).waitFor();
    await page.locator("#batch-rows tbody tr").nth(99).waitFor();
    await addRuns(client, id, 100);
    await page.getByText(/\b200 rows\b|of 200\b/).first().waitFor();
    await page.getByText("Done", { exact: true }).first().waitFor();
    await page.goto(`${server.url}/batches/${id}?page=2`);
    const done = page.locator(`#batch-rows [data-status="completed"]`);
    await done.nth(99).waitFor();
    // As a link does where no script runs.
    await page.goto(`${server.url}/batches/${id}/cell?row=101&column=0`);
    await page.locator(".cited li").first().waitFor();
    const csv = await (await page.request.get(`${server.url}/batches/${id}/table.csv`)).text();
    const lines = csv.trim().split("\r\n");
    assertStrictEquals(lines.length, 201);
    assertEquals(lines[0]!.split(",").slice(0, 2), ["company", "ceo"]);
    assertStrictEquals(lines[200]!.split(",")[0], "Company 200");
    // One line in the history, not 200.
    await page.goto(`${server.url}/tasks`);
    assertStrictEquals(await page.locator('main a[href^="/batches/tgrp_"]').count(), 1);
    assertStrictEquals(await page.locator('main a[href^="/tasks/trun_"]').count(), 0);
  },
);
