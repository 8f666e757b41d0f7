/** The form as people use it, in real Chromium: by keyboard, by paste, over reloads. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest } from "../browser_launch.ts";
import { Server } from "../process/server.ts";
import { violations } from "./axe.ts";
import {
  awake,
  choose,
  enterSandbox,
  eventually,
  finished,
  hasFocus,
  hasValue,
  INPUT,
  pressTo,
  shifts,
  submit,
} from "./steps.ts";

const serve = Server.shared({ SANDBOX_SPEED: "20" });

const typed = (page: Page, name: string) => page.locator(`[name="${name}"]`).inputValue();

/** What a run's page exports. Asked for outside of the page, which may load its finished self meanwhile. */
const resultOf = async (page: Page) =>
  await (await page.request.get(`${page.url()}/result.json`)).json();

/** Waits until the schema is as wanted. */
const hasSchema = (page: Page, check: (schema: { properties: object }) => void) =>
  eventually(async () => JSON.parse(await typed(page, "json_schema")), check);

const FAULTY: readonly (readonly [what: string, schema: string, said: RegExp])[] = [
  ["that is not JSON", '{"type": "object", "properties": {"a": }}', /not valid JSON/g],
  [
    "that the API would refuse",
    '{"type": "array", "items": {"type": "string"}}',
    /The root must be/g,
  ],
];

for (const [what, schema, said] of FAULTY) {
  for (const javaScriptEnabled of [true, false]) {
    browserTest(
      `a schema ${what} is reported once, ${javaScriptEnabled ? "with" : "without"} JavaScript`,
      async ({ page }) => {
        const server = await serve();
        await enterSandbox(page, server.url);
        if (javaScriptEnabled) await awake(page);
        await page.locator(INPUT).fill("Facts about the river Soča");
        await page.locator('input[name="output_type"][value="json"]').check();
        if (javaScriptEnabled) await page.getByRole("button", { name: "Edit as JSON" }).click();
        await page.locator("#json_schema").fill(schema);
        await submit(page);
        await page.locator("#errors").waitFor();
        if (javaScriptEnabled) await page.locator(".notes li").first().waitFor();
        await page.waitForLoadState();
        const text = await page.locator("body").innerText();
        assertStrictEquals(text.match(said)?.length, 1, text);
        assertStrictEquals(await page.locator('#errors a[href="#json_schema"]').count(), 1);
        assertMatch(await page.locator("#json_schema-error").textContent() ?? "", said);
      },
      { javaScriptEnabled, allowProblems: true },
    );
  }
}

browserTest("a task with a JSON schema can be created by keyboard alone", async ({ page }) => {
  const server = await serve();
  await enterSandbox(page, server.url);
  await awake(page);
  await page.locator(INPUT).focus();
  await page.keyboard.type("Facts about the river Soča");
  await hasValue(page, "input", "Facts about the river Soča");
  await pressTo(page, "Tab", 'input[name="output_type"]');
  await pressTo(page, "ArrowRight", 'input[name="output_type"][value="json"]');
  await page.locator('[data-tool="schema"][data-loaded] #schema-add').waitFor();
  await pressTo(page, "Tab", "#schema-add");
  await page.keyboard.press("Enter");
  // The new field's name is chosen, ready to be typed over; Enter there does not send the form.
  await page.waitForFunction(() => document.activeElement?.hasAttribute("data-name"));
  await page.keyboard.type("length_km");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  // One key each: a list forgets the keys before if the next one takes a second.
  await page.keyboard.press("w");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Length in kilometres");
  await pressTo(page, "Tab", "#schema-add");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() =>
    document.activeElement?.getAttribute("data-name") === "" &&
    document.querySelectorAll("[data-name]").length === 2
  );
  await page.keyboard.type("countries");
  await page.keyboard.press("Tab");
  await page.keyboard.press("l");
  await page.getByText("Schema OK.").waitFor();
  // The handle moves its field, and what it hides is behind it.
  const grip = '.grip[aria-label="More about countries"]';
  await pressTo(page, "Shift+Tab", grip);
  await page.keyboard.press("ArrowUp");
  await hasSchema(page, ({ properties }) => {
    assertEquals(Object.keys(properties), ["countries", "length_km"]);
  });
  await hasFocus(page, grip);
  await page.keyboard.press("ArrowDown");
  await hasSchema(page, ({ properties }) => {
    assertEquals(Object.keys(properties), ["length_km", "countries"]);
  });
  await hasFocus(page, grip);
  await page.keyboard.press("Enter");
  await page.getByLabel("may be missing (null)").waitFor();
  const expected = {
    type: "object",
    properties: {
      length_km: { type: "integer", description: "Length in kilometres" },
      countries: { type: "array", items: { type: "string" } },
    },
    required: ["length_km", "countries"],
    additionalProperties: false,
  };
  await hasSchema(page, (schema) => assertEquals<object>(schema, expected));
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/tasks\/trun_/);
  await page.locator(".result").waitFor();
  const { output } = await resultOf(page);
  assert(Number.isInteger(output.content.length_km));
  assert(Array.isArray(output.content.countries));
});

const MOMENTS: readonly (readonly [moment: string, press: (add: Element) => void])[] = [
  ["before the editor has loaded", (add) => (add as HTMLElement).click()],
  ["at the moment that the editor appears", (add) => {
    // Nothing is painted between the editor's first render and this.
    new MutationObserver((_, observer) => {
      observer.disconnect();
      document.getElementById("schema-add")?.click();
    }).observe(add.closest("[data-tool]")!, { childList: true });
  }],
];

for (const [moment, press] of MOMENTS) {
  browserTest(`“Add a field” adds one field when pressed ${moment}`, async ({ page }) => {
    const server = await serve();
    const loads = Promise.withResolvers<void>();
    await page.route(/\/schema-[^/]+\.js$/, async (route) => {
      await loads.promise;
      await route.continue();
    });
    await enterSandbox(page, server.url);
    await awake(page);
    await page.locator('input[name="output_type"][value="json"]').check();
    const add = page.locator('[data-tool="schema"][data-loaded] #schema-add');
    await add.waitFor();
    await add.evaluate(press);
    loads.resolve();
    await page.waitForFunction(() => document.activeElement?.hasAttribute("data-name"));
    assertStrictEquals(await page.locator(".sheet [data-name]").count(), 1);
  });
}

browserTest(
  "schema errors are shown at their lines, apart from warnings",
  async ({ page }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await awake(page);
    await page.locator('input[name="output_type"][value="json"]').check();
    await page.getByRole("button", { name: "Edit as JSON" }).click();
    const text =
      '{\n  "type": "object",\n  "properties": {\n    "a": {\n      "type": "string",\n' +
      '      "format": "date"\n    }\n  }\n}';
    await page.locator('[name="json_schema"]').fill(text);
    const notes = page.locator(".notes li");
    await page.getByText("1 error, 2 warnings.").waitFor();
    assertMatch(await notes.first().innerText(), /^error line 6 "format" is not supported/);
    await notes.first().getByRole("button").click();
    const selected = () =>
      page.locator('[name="json_schema"]').evaluate((field) => {
        const area = field as HTMLTextAreaElement;
        return area.value.slice(area.selectionStart, area.selectionEnd).trim();
      });
    await eventually(selected, (text) => assertStrictEquals(text, '"format": "date"'));

    await page.getByLabel("Template").selectOption("company");
    await page.getByText("Schema OK.").waitFor();
    await page.getByText("Example output").click();
    assertMatch(
      await page.getByLabel("Sample of the output").innerText(),
      /"legal_name": "‹Registered/,
    );
    await page.locator(".acts").getByRole("button", { name: "Undo" }).click();
    await hasValue(page, "json_schema", text);
  },
);

browserTest(
  "pasted domains are normalised, deduplicated, counted, and removable one by one",
  async ({ page }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await awake(page);
    await page.locator(INPUT).fill("Anything");
    await page.locator("summary", { hasText: /^\s*Sources$/ }).click();
    const add = page.locator("#include_domains-add");
    await add.focus();
    const list =
      "https://Example.com/page?x=1\nwww.b.org, *.who.int\n\n.gov; example.com docs.python.org/3/";
    await add.evaluate((input, text) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      input.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
      );
    }, list);
    await page.getByText("5 added, 1 already there.").waitFor({ state: "attached" });
    const expected = ["example.com", "www.b.org", "who.int", ".gov", "docs.python.org/3"];
    await hasValue(page, "include_domains", expected.join("\n"));
    await page.getByText("5 of 200 in both lists.").first().waitFor();
    await page.getByRole("button", { name: "Remove www.b.org" }).click();
    await hasFocus(page, "#include_domains-add");
    await page.keyboard.type("no good,");
    await page.getByText(/good: not a domain/).waitFor();
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Backspace");
    await page.locator("#exclude_domains-add").fill("never.com");
    await page.locator("#exclude_domains-add").press("Enter");
    await page.getByText("The API ignores these").waitFor();
    await page.getByRole("button", { name: "Remove never.com" }).click();
    await page.getByRole("button", { name: "Edit as text" }).first().click();
    const text = page.locator('[name="include_domains"]');
    await text.waitFor();
    await text.fill("a.com\nb.com\na.com");
    await text.press("Control+Enter");
    await page.waitForURL(/\/tasks\/trun_/);
    const { input } = await resultOf(page);
    assertEquals(input.source_policy, { include_domains: ["a.com", "b.com"] });
  },
);

browserTest(
  "a follow-up run is chosen from the finished runs, or started from one",
  async ({ page }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await awake(page);
    await page.locator(INPUT).fill("Which rivers rise in Slovenia?");
    // A processor's name, typed where they are, chooses it.
    await page.locator('[name="processor"]:checked').focus();
    await page.keyboard.press("l");
    await page.locator('[name="processor"][value="lite"]:checked:focus').waitFor();
    await submit(page);
    await page.waitForURL(/\/tasks\/trun_/);
    await page.locator(".result").waitFor();
    const first = page.url().split("/").at(-1) ?? "";

    await page.goto(`${server.url}/`);
    await awake(page);
    const offered = page.locator("#previous_interaction_id-options option");
    assertStrictEquals(await offered.first().getAttribute("value"), first);
    assertMatch(await offered.first().textContent() ?? "", /Which rivers/);
    await page.goto(`${server.url}/tasks/${first}`);
    await page.locator("summary", { hasText: "More actions" }).click();
    await page.getByRole("link", { name: "Follow up" }).click();
    await page.getByText("Follows Which rivers rise in Slovenia?").first().waitFor();
    await hasValue(page, "previous_interaction_id", first);
    await page.locator(INPUT).fill("And which of them reach the sea?");
    await submit(page);
    await page.waitForURL((url) => /\/tasks\/trun_/.test(url.href) && !url.href.includes(first));
    const { input } = await resultOf(page);
    assertStrictEquals(input.previous_interaction_id, first);
  },
);

browserTest(
  "a draft survives a reload and a failed submit, without secrets, until the task is created",
  async ({ page }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await awake(page);
    const kept = () => page.evaluate(() => JSON.stringify({ ...localStorage }));
    await page.locator(INPUT).fill("A question that takes long to word");
    await page.locator("summary", { hasText: "MCP servers" }).click();
    await page.getByRole("button", { name: "Add a server" }).click();
    await page.getByLabel("Name").last().fill("docs");
    await page.getByLabel("Address").fill("https://mcp.example.com");
    await page.getByRole("button", { name: "Add a header" }).click();
    await page.getByRole("textbox", { name: "Header", exact: true }).fill("authorization");
    await page.getByLabel("Its value").fill("Bearer canary");
    // It is sent.
    await hasValue(page, "mcp_servers", /canary/);
    await page.reload();
    await awake(page);
    await page.getByText("Restored your draft").waitFor();
    await hasValue(page, "input", "A question that takes long to word");
    assertNotMatch(await kept(), /canary/);
    await hasValue(page, "mcp_servers", /authorization/);
    const masked = await typed(page, "mcp_servers");
    assertNotMatch(masked, /canary/);

    // A draft with much to show is in place before the form is seen: nothing moves.
    await page.goto(server.url);
    await awake(page);
    await page.getByText("Restored your draft").waitFor();
    await page.locator(":root:not([data-restoring])").waitFor();
    assertStrictEquals(await shifts(page), 0);
    await hasFocus(page, INPUT);

    await page.goto(`${server.url}/?example=mountain`);
    await awake(page);
    // An example comes as it is.
    await hasValue(page, "input", /highest mountain/);
    await page.locator(INPUT).fill("What is the lowest valley?");
    await page.reload();
    await awake(page);
    await page.getByText("Restored your draft").waitFor();
    await hasValue(page, "input", "What is the lowest valley?");
    await page.getByRole("button", { name: "Start over" }).click();
    await hasValue(page, "input", /highest mountain/);
    await page.getByRole("button", { name: "Undo" }).first().click();
    await hasValue(page, "input", "What is the lowest valley?");
    await page.getByRole("button", { name: "Redo" }).first().click();
    await hasValue(page, "input", /highest mountain/);
    // Each address has a draft of its own.
    await page.goto(`${server.url}/`);
    await awake(page);
    await page.getByText("Restored your draft").waitFor();
    await hasValue(page, "input", "A question that takes long to word");
    await hasValue(page, "mcp_servers", masked);

    // The header's value is missing now: the submit fails, and the draft stays.
    await page.locator(INPUT).press("Control+Enter");
    await page.locator('[aria-invalid="true"]').first().waitFor();
    await page.goto(`${server.url}/`);
    await awake(page);
    await page.getByText("Restored your draft").waitFor();
    await page.locator('[name="mcp_servers"]').evaluate((field) => {
      (field as HTMLTextAreaElement).value = "";
    });
    await page.locator(INPUT).press("Control+Enter");
    await page.waitForURL(/\/tasks\/trun_/);
    // What became a task is no draft.
    await eventually(kept, (drafts) => assertStrictEquals(drafts, "{}"));
    // The run may end now, and its page reload.
    await page.goto(`${server.url}/`).catch(() => page.goto(`${server.url}/`));
    await awake(page);
    await hasValue(page, "input", "");
  },
  { allowProblems: true },
);

browserTest("the code follows the form, and a pasted command fills the form", async ({ page }) => {
  const server = await serve();
  await enterSandbox(page, server.url);
  await awake(page);
  await page.getByText("Show as cURL").click();
  await page.getByText("There is no request yet.").waitFor();
  await page.locator(INPUT).fill("It’s Anna's question");
  const curl = page.getByLabel("cURL", { exact: true });
  await curl.getByText("Anna").waitFor();
  const command = await curl.innerText();
  await page.locator('input[name="processor"][value="ultra"]').check();
  await curl.getByText('"processor": "ultra"').waitFor();

  await page.getByText("Paste a request").click();
  await page.locator("#paste").fill(command);
  // Before the tool is there its place is the server's, which fills a page of its own.
  await page.locator('button[type="button"]', { hasText: "Fill the form" }).click();
  await page.getByText("Filled from what you pasted.").first().waitFor();
  await hasValue(page, "input", "It’s Anna's question");
  await page.locator('input[name="processor"][value="pro"]:checked').waitFor();
  // Keys in it are not kept.
  await hasValue(page, "paste", "");

  await page.locator("#paste").fill(
    `fetch(url, { method: "POST", body: JSON.stringify({ input: question, processor: "ultra" }) })`,
  );
  await page.locator('button[type="button"]', { hasText: "Fill the form" }).click();
  await page.getByText("question was left out: your paste does not contain its value").first()
    .waitFor();
  // It is not said to be filled.
  await page.getByText("Filled from what you pasted.").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo", exact: true }).first().click();
  await hasValue(page, "input", "It’s Anna's question");
});

browserTest(
  "an input schema is derived from a JSON input, and mismatches are shown at their lines",
  async ({ page }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await awake(page);
    await page.locator('input[name="input_format"][value="json"]').check();
    await page.locator(INPUT).fill('{\n  "name": "Soča",\n  "length_km": 138\n}');
    await page.locator("summary", { hasText: "Input schema" }).click();
    await page.getByRole("button", { name: "Create from the input" }).click();
    await page.getByText("Input matches the schema.").waitFor();
    await hasValue(page, "input_schema", /"length_km": \{\s*"type": "integer"/);
    await page.locator(INPUT).fill('{\n  "name": "Soča",\n  "length_km": "long"\n}');
    await page.getByText(/line 3 of the input/).waitFor();
  },
);

for (const viewport of [{ width: 1280, height: 900 }, { width: 360, height: 740 }]) {
  browserTest(
    `axe finds no problem on the form with every tool open, ${viewport.width} px wide`,
    async ({ page }) => {
      const server = await serve();
      await page.setViewportSize(viewport);
      await enterSandbox(page, server.url);
      await page.goto(`${server.url}/?example=databases`);
      await page.locator(".grip").nth(1).click();
      await page.getByText("All processors").click();
      for (const name of ["Sources", "Metadata", "MCP servers", "Webhook", "Follow-up"]) {
        await page.locator("summary", { hasText: new RegExp(`^\\s*${name}$`) }).click();
      }
      await page.locator("#include_domains-add").fill("a.com wrong");
      await page.locator("#include_domains-add").press("Enter");
      await page.getByRole("button", { name: "Add a pair" }).click();
      await page.getByRole("button", { name: "Add a server" }).click();
      await page.getByRole("button", { name: "Add a header to server 1" }).click();
      await page.getByText("Show as cURL").click();
      await page.getByText(/There is no request yet/).waitFor();
      assertEquals(await violations(page), []);
    },
  );
}

browserTest(
  "error messages disappear once fixed, at the field and at the top",
  async ({ page }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await awake(page);
    await page.locator("summary", { hasText: "Metadata" }).click();
    await page.locator("summary", { hasText: "Location" }).click();
    await page.getByRole("button", { name: "Edit as JSON" }).click();
    await page.locator('[name="metadata"]').fill('{"a": 1, "a": 2}');
    await page.locator(INPUT).focus();
    await page.locator("#metadata-error").getByText("appears twice").waitFor();
    await page.locator("#location").fill("zz");
    await page.locator(INPUT).press("Control+Enter");
    await page.getByText("Nothing was sent. Fix 3 fields:").waitFor();
    assertMatch(await page.title(), /^Error: Fix 3 fields · /);
    await awake(page);

    await page.locator('[name="metadata"]').fill('{"a": 1}');
    await page.getByText("Nothing was sent. Fix 2 fields:").waitFor();
    await page.locator("#metadata-error").waitFor({ state: "hidden" });
    await eventually(
      () => page.locator("#errors li").count(),
      (left) => assertStrictEquals(left, 2),
    );
    await page.locator("#location").fill("de");
    await page.getByText("Nothing was sent. Fix one field:").waitFor();
    await page.locator(INPUT).fill("What?");
    await page.locator("#errors").waitFor({ state: "detached" });
    await page.locator("[aria-invalid=true]").waitFor({ state: "detached" });
    await eventually(
      () => page.title(),
      (title) => assertStrictEquals(title, "New task · Taskstream"),
    );
  },
  { allowProblems: true },
);

browserTest("a number too large for a double is noted where it is typed", async ({ page }) => {
  const server = await serve();
  await enterSandbox(page, server.url);
  await awake(page);
  await page.locator('input[name="input_format"][value="json"]').check();
  await page.locator(INPUT).fill('{"id": 1234567890123456789, "name": "Soča"}');
  await choose(page, "lite");
  await page.getByText("1234567890123456789 is sent with all its digits.").waitFor();
  await page.locator(INPUT).fill('{"id": "1234567890123456789"}');
  await page.locator('input[name="processor"][value="pro"]').check();
  await page.locator("#input-note").waitFor({ state: "hidden" });
});

browserTest(
  "a part of the form that cannot be loaded says so, and a reload brings it and keeps the draft",
  async ({ page }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await awake(page);
    await page.locator(INPUT).fill("Which rivers rise in Slovenia?");
    await page.route("**/_fresh/js/**", (route) => route.abort());
    await page.getByText("Show as cURL").click();
    await page.getByText("A part of this form could not be loaded.").waitFor();
    await page.unrouteAll();
    await page.reload();
    await awake(page);
    await hasValue(page, "input", "Which rivers rise in Slovenia?");
    await page.getByText("A part of this form could not be loaded.").waitFor({ state: "hidden" });
    await page.getByText("Show as cURL").click();
    await page.getByLabel("cURL", { exact: true }).getByText("rivers rise").waitFor();
  },
  { allowProblems: true },
);

browserTest(
  "a draft is removed by its own task alone and with its account, and never shown on other runs' pages or to others",
  async ({ page }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await awake(page);
    const kept = () =>
      page.evaluate(() => Object.entries({ ...localStorage }).map((pair) => pair.join(" ")));
    await page.locator(INPUT).fill("Which rivers rise in Slovenia?");
    await page.locator(INPUT).press("Control+Enter");
    await page.waitForURL(/\/tasks\/trun_/);
    await finished(page);
    const run = page.url();
    await eventually(kept, (drafts) => assertEquals(drafts, []));

    // Sent, but nothing is created: the network is gone.
    await page.goto(server.url);
    await awake(page);
    await page.locator(INPUT).fill("A second question");
    await page.route("**/tasks", (route) => route.abort());
    await page.locator(INPUT).press("Control+Enter");
    await page.waitForURL(/chrome-error|\/tasks$/).catch(() => {});
    await page.unroute("**/tasks");
    await page.goto(run);
    await page.goto(server.url);
    await awake(page);
    await page.getByText("Restored your draft").waitFor();
    await hasValue(page, "input", "A second question");

    await page.goto(`${server.url}/?edit=${run.split("/").at(-1)}`);
    await awake(page);
    await hasValue(page, "input", "Which rivers rise in Slovenia?");
    await page.locator(INPUT).fill("Which rivers rise in Austria?");
    await page.locator(INPUT).press("Control+Enter");
    await page.waitForURL((url) => /\/tasks\/trun_/.test(url.href) && url.href !== run);
    await finished(page);
    // The edited run's draft is gone.
    await eventually(kept, ([draft = "", ...others]) => {
      assertEquals(others, []);
      assertMatch(draft, /^draft:[\w-]{16,}:\/ .*A second question/);
    });

    const other = await page.context().newPage();
    await other.goto(server.url);
    await awake(other);
    await other.evaluate(() =>
      addEventListener("storage", ({ key }) => {
        if (key === "left") document.documentElement.dataset.left = "";
      })
    );
    await page.goto(`${server.url}/tasks`);
    await page.locator("header .menu summary").click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.locator('form[action="/auth/sandbox"]').waitFor();
    await eventually(kept, (drafts) => assertEquals(drafts, []));
    // A form that is still open keeps nothing, neither while one types nor when it is left.
    await other.locator("html[data-left]").waitFor();
    await other.locator(INPUT).fill("Typed after the account was left");
    await other.goto(`${server.url}/inspect`);
    assertEquals(await kept(), []);
    await other.close();
    await enterSandbox(page, server.url);
    await awake(page);
    await hasValue(page, "input", "");
  },
  { allowProblems: true },
);

browserTest(
  "a question becomes fields, which can be undone; length, price and time are visible; several inputs become a batch",
  async ({ page }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await awake(page);
    const question = "Stripe: legal name, founding year and who leads it";
    // The browser gives it the focus when it paints, which may be after the scripts are ready.
    await hasFocus(page, INPUT);
    await page.keyboard.type(question);
    await hasValue(page, "input", question);
    await page.locator("[data-length]", { hasText: /^50 of 25,000$/ }).waitFor();
    const plan = (wanted: RegExp) =>
      eventually(
        () => page.locator(".send output").innerText(),
        (text) => assertMatch(text, wanted),
      );
    await plan(/^pro\s*auto\s*about 2 to 10 min\s*\$0\.10$/);
    await page.locator('input[name="output_type"][value="json"]').check();
    await page.getByRole("button", { name: "Suggest from the question" }).click();
    await page.getByText(/^3 fields, made up by the sandbox/).waitFor();
    await hasSchema(page, ({ properties }) => {
      assertStrictEquals(Object.keys(properties).length, 3);
    });
    await page.getByText("Fast variant").click();
    await page.locator("[data-fast-time]", { hasText: "30 s to 5 min" }).waitFor();
    await plan(/^pro-fast\s*JSON, 3 fields\s*about 30 s to 5 min/);
    // By drag, a field takes the place of the one below it.
    const [name, below] = await page.locator(".sheet [data-name]").evaluateAll((fields) =>
      fields.map((field) => (field as HTMLInputElement).value)
    );
    const from = await page.locator(".grip").nth(0).boundingBox();
    const to = await page.locator(".grip").nth(1).boundingBox();
    assert(from && to);
    await page.mouse.move(from.x + 8, from.y + 8);
    await page.mouse.down();
    await page.mouse.move(to.x + 8, to.y + to.height - 4, { steps: 4 });
    await page.mouse.up();
    await hasSchema(page, ({ properties }) => {
      assertEquals(Object.keys(properties).slice(0, 2), [below, name]);
    });
    await page.locator(".acts").getByRole("button", { name: "Undo" }).click();
    await page.locator(".acts").getByRole("button", { name: "Undo" }).click();
    await hasValue(page, "json_schema", "");
    // The button is gone after the last step, and the focus is not lost.
    await hasFocus(page, ".acts [data-step]");

    // Too long is said while it is typed, and no longer once it is right.
    await page.locator(INPUT).fill("x".repeat(25_001));
    await page.locator("#input-error").getByText("at most 25,000").waitFor();
    await page.locator(INPUT).fill("Who leads Stripe?\nWho leads Adyen?");
    await page.locator("#input-error").waitFor({ state: "hidden" });

    await page.locator('input[name="output_type"][value="text"]').check();
    await page.getByRole("button", { name: "Several inputs" }).click();
    await awake(page);
    await page.getByText("2 × $0.10 = $0.20").waitFor();
    await submit(page);
    await page.getByText("2 rows, 1 column").waitFor();
    await page.getByRole("button", { name: "Run all 2 rows · $0.20" }).click();
    await page.waitForURL(/\/batches\/tgrp_/);
    await page.goto(server.url);
    await awake(page);
    // What became a batch is no draft.
    await hasValue(page, "input", "");
  },
);

browserTest(
  "an example that replaces a typed question can be undone and redone",
  async ({ page }) => {
    const server = await serve();
    await enterSandbox(page, server.url);
    await awake(page);
    await page.locator(INPUT).fill("My own question");
    await page.locator('input[name="processor"][value="ultra"]').check();
    await page.locator("[data-example=mountain]").click();
    await page.getByText("Filled from “Highest mountain of Slovenia”.").waitFor();
    await hasValue(page, "input", /highest mountain/);
    // What is typed since, in a field that the example left alone, stays.
    await page.locator("summary", { hasText: "Location" }).click();
    await page.locator("#location").fill("de");
    await page.getByRole("button", { name: "Undo", exact: true }).first().click();
    await hasValue(page, "input", "My own question");
    await hasValue(page, "location", "de");
    await page.locator('input[name="processor"][value="ultra"]:checked').waitFor();
    await page.getByRole("button", { name: "Redo", exact: true }).first().click();
    await hasValue(page, "input", /highest mountain/);
    await hasValue(page, "location", "de");
  },
);

for (const javaScriptEnabled of [true, false]) {
  browserTest(
    `a session that ends before the submit keeps the task, JavaScript ${
      javaScriptEnabled ? "on" : "off"
    }`,
    async ({ page }) => {
      const server = await serve();
      await enterSandbox(page, server.url);
      await page.locator(INPUT).fill("Which rivers rise in Slovenia?");
      await choose(page, "core");
      await page.context().clearCookies();
      await submit(page);
      await page.getByText("Your session has ended, so nothing was sent").waitFor();
      await page.locator('form[action="/auth/sandbox"] button').click();
      await page.getByText("Your task is back").waitFor();
      await hasValue(page, "input", "Which rivers rise in Slovenia?");
      await page.locator('input[name="processor"][value="core"]:checked').waitFor();
      await submit(page);
      await page.waitForURL(/\/tasks\/trun_/);
      await page.goto(server.url);
      if (javaScriptEnabled) await awake(page);
      // It was sent.
      await hasValue(page, "input", "");
    },
    { javaScriptEnabled, allowProblems: true },
  );
}
