/**
 * Batches, schedules, watches and notifications, with payloads in everything that a person or the API puts
 * there: uploaded headings and cells, names, columns, results and their basis, failures, messages, queries.
 */
import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { upload } from "../batches/pages_tools.ts";
import { browserTest } from "../browser_launch.ts";
import { allowing, Receiver } from "../notify/receiver.ts";
import { watch } from "./xss_detector.ts";
import { type Payload, PAYLOADS } from "./xss_payloads.ts";
import {
  assertNothing,
  look,
  PACKS,
  signIn,
  type Stage,
  submit,
  visit,
  withStage,
} from "./xss_stage.ts";

const DAY_MS = 86_400_000;
const textIn = (payloads: readonly Payload[]) => payloads.map(({ text }) => text).join("\n");
const idIn = (path: string) => path.split("/").at(-1) ?? "";

/** Uploads a table whose headings and cells are payloads. Returns the page of the draft. */
async function uploaded({ browser }: Stage, payloads: readonly Payload[]): Promise<string> {
  // A table with a zero byte is refused as a binary file.
  const texts = payloads.map(({ text }) => text.replaceAll("\0", ""));
  const rows = [texts, texts.toReversed(), texts];
  const csv = rows.map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(","))
    .join("\r\n");
  const file = new File([csv], `${texts[0]}.csv`, { type: "text/csv" });
  const response = await upload(browser, file, { header: "yes", format: "csv" });
  assertStrictEquals(response.status, 303, await response.text());
  return response.headers.get("location") ?? "";
}

const draftIn = (address: string) => address.split("draft=")[1] ?? "";

/** Creates the batch of a draft. Returns its path. */
async function createBatch(
  { browser }: Stage,
  draft: string,
  payloads: readonly Payload[],
): Promise<string> {
  const object = (more: Record<string, unknown>, property: (text: string) => unknown) => ({
    type: "object",
    properties: {
      ...more,
      ...Object.fromEntries(payloads.map(({ text }) => [text, property(text)])),
    },
    required: [],
    additionalProperties: false,
  });
  const nested = object({}, (text) => ({ type: "string", title: text }));
  const schema = object({ nested }, () => ({ type: "string" }));
  const response = await browser.post("/batches", {
    draft: draftIn(draft),
    name: textIn(payloads),
    output_type: "json",
    json_schema: JSON.stringify(schema),
    processor: "lite",
    trial: "",
  });
  assertStrictEquals(response.status, 303, await response.text());
  return response.headers.get("location") ?? "";
}

/** Posts a form and returns where it leads. */
async function led({ browser }: Stage, path: string, fields: Record<string, string>) {
  const response = await browser.post(path, fields);
  assertStrictEquals(response.status, 303, await response.text());
  return response.headers.get("location") ?? "";
}

/** Resolves once the island has put in the results of both rows. */
async function untilDrawn(page: Page): Promise<void> {
  for (const status of ["completed", "failed"]) {
    await page.locator(`#batch-rows [data-status="${status}"]`).waitFor();
  }
}

/** Two tests: each takes half as long. */
for (
  const [half, packs] of [["first half", PACKS.slice(0, 2)], [
    "second half",
    PACKS.slice(2),
  ]] as const
) {
  browserTest(
    `none of ${packs.flat().length} payloads runs in batches: tables, cells, names, live and shared (${half})`,
    ({ context, page }) =>
      withStage(async (stage) => {
        const { api, browser, origin } = stage;
        await signIn(page, stage);
        const noticed = await watch(context, [origin]);
        for (const payloads of packs) {
          const text = textIn(payloads);
          api.groups.prepare(payloads);
          // A tab whose history holds many long addresses becomes slow.
          const tab = await context.newPage(), visitor = await context.newPage();
          const draft = await uploaded(stage, payloads);
          assertEquals(await visit(tab, origin + draft, payloads), [], "headings and cells");
          const batch = await createBatch(stage, draft, payloads);
          await tab.goto(origin + batch);
          await led(stage, `${batch}/share`, {});
          const shared = /\/s\/[\w-]{43}/.exec(await browser.text(batch))?.[0] ?? "";
          await visitor.goto(origin + shared);
          api.groups.release(idIn(batch));
          for (const live of [tab, visitor]) {
            await untilDrawn(live);
            await look(live, `${batch}, live`, []);
          }
          await tab.locator("#r1 .answer a").first().click();
          await tab.locator("#opened-cell .cited").waitFor();
          assertEquals(await look(tab, `${batch}, opened cell`, payloads), [], "a cell in place");
          const cell = `${shared}/cell?row=1&column=0`;
          assertEquals(await visit(visitor, origin + cell, payloads), [], "a shared cell");
          const query = new URLSearchParams({
            q: text,
            status: text,
            sort: text,
            confidence: text,
          });
          const paths = [
            batch,
            `${batch}?${query}`,
            `${batch}/cell?row=1&column=1&${query}`,
            `${batch}/rows`,
            `${batch}/columns`,
            shared,
            "/tasks?kind=batch",
            `/tasks?q=${payloads[0]?.mark}`,
            `/schedules/new?batch=${idIn(batch)}`,
          ];
          for (const path of paths) await visit(tab, origin + path, []);
          const again = draftIn(await uploaded(stage, payloads));
          for (
            const [action, fields] of [
              ["/batches", { draft: again, columns: text, template: text, json_schema: text }],
              ["/batches/preview", { table: text }],
              [`${batch}/rows`, { table: `${text}\nx` }],
              [`${batch}/columns`, { output_type: "json", json_schema: text }],
            ] as const
          ) {
            await submit(tab, origin + action, fields);
            await look(tab, action, []);
          }
          await Promise.all([tab.close(), visitor.close()]);
          assertNothing(noticed, text);
        }
      }),
    { allowProblems: true },
  );
}

browserTest(
  `none of ${PAYLOADS.length} payloads runs in schedules, watches and notifications`,
  async ({ context, page }) => {
    await using receiver = new Receiver();
    const clock = { aheadMs: 0 };
    await withStage(async (stage) => {
      const { api, origin } = stage;
      await signIn(page, stage);
      const noticed = await watch(context, [origin]);
      await led(stage, "/account/notifications", {
        act: "add",
        format: "slack",
        url: `${receiver.url}/hook`,
        every_run: "yes",
        every_batch: "yes",
      });
      const schedules: string[] = [];
      for (const payloads of PACKS) {
        const text = textIn(payloads);
        receiver.answer = () => new Response(text, { status: 500 });
        api.groups.prepare(payloads);
        const tab = await context.newPage();
        const batch = await createBatch(stage, await uploaded(stage, payloads), payloads);
        api.groups.release(idIn(batch));
        await tab.goto(origin + batch);
        await untilDrawn(tab);
        const run = idIn(await tab.locator("#r1 .state a").getAttribute("href") ?? "");
        const target = { batch: idIn(batch), schedule_id: crypto.randomUUID() };
        const times = { every: "day", time: "09:00", zone: "UTC", cap_usd: "1000" };
        const schedule = await led(stage, "/schedules", { ...target, ...times, name: text });
        schedules.push(schedule);
        const token = crypto.randomUUID();
        const watched = await led(stage, "/watches", { run, token, frequency: "1h" });
        await visit(tab, `${origin}${watched}?all=1`, []);
        const paths = [
          schedule,
          `${schedule}/edit`,
          `/schedules/new?${new URLSearchParams({ run, name: text, zone: text, cron: text })}`,
          `/watches/new?run=${run}`,
          "/watches",
          "/account/notifications",
        ];
        for (const path of paths) await visit(tab, origin + path, []);
        const wrong = { ...target, name: text, every: "cron", cron: text, zone: text };
        await submit(tab, `${origin}/schedules`, wrong);
        await look(tab, "a schedule that is wrong", []);
        await submit(tab, `${origin}/account/notifications`, { act: "add", url: text });
        await look(tab, "a URL that is none", []);
        await tab.close();
        assertNothing(noticed, text);
      }
      // Every schedule is due, and the API refuses it in an attacker's words.
      api.groups.refuses = true;
      clock.aheadMs = DAY_MS;
      await stage.app.services.runSchedules();
      for (const path of ["/schedules", ...schedules]) await visit(page, origin + path, []);
      assertNothing(noticed, "schedules that the API refused");
    }, { config: allowing(), now: () => Date.now() + clock.aheadMs });
  },
  { allowProblems: true },
);
