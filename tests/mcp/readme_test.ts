/** The README's settings for Claude, Cursor and VS Code connect. */
import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import { withApp } from "../app/test_app.ts";
import { CLIENTS, fetchOf } from "./agents.ts";

const text = await Deno.readTextFile(join(import.meta.dirname!, "..", "..", "README.md"));

interface Setting {
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** The settings in the README, by the names of their clients. */
function settings(): Record<string, Setting> {
  const [, command = ""] = /```sh\n(claude mcp add[^]*?)```/.exec(text) ?? [];
  const [, url = "", name = "", value = ""] =
    /taskstream (\S+) \\\n\s*--header "([^:]+): ([^"]+)"/.exec(command) ?? [];
  const json = (key: string) => {
    const blocks = [...text.matchAll(/```json\n([^]*?)```/g)].map(([, block = ""]) => block);
    const block = blocks.find((block) => block.includes(`"${key}"`)) ?? "{}";
    return JSON.parse(block)[key].taskstream;
  };
  return {
    "Claude": { url, headers: { [name]: value } },
    "Cursor": json("mcpServers"),
    "VS Code": json("servers"),
  };
}

for (const [name, { url, headers }] of Object.entries(settings())) {
  Deno.test(`the README's configuration for ${name} connects`, () =>
    withApp(async (app) => {
      assertStrictEquals(url, "http://localhost:8000/mcp");
      for (const { connect } of CLIENTS) {
        const agent = await connect({ url, headers, fetch: fetchOf(app) });
        assertEquals((await agent.toolNames()).length, 7);
        await agent.close();
      }
    }));
}

Deno.test("the guide for agents lists the existing tools, prompts and resources", () =>
  withApp(async (app) => {
    const guide = await Deno.readTextFile(
      join(import.meta.dirname!, "..", "..", "docs", "guides", "agents.md"),
    );
    const agent = await CLIENTS[0]!.connect({
      headers: { "x-api-key": "sandbox-guide" },
      fetch: fetchOf(app),
    });
    const listed = [...guide.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name);
    assertEquals(listed.toSorted(), (await agent.toolNames()).toSorted());
    for (const [prompt, name] of [["research", "question"], ["review_task", "id"]] as const) {
      assertMatch(guide, new RegExp(`\`${prompt}\``));
      assertMatch(await agent.prompt(prompt, { [name]: "trun_1" }), /get_result/);
    }
    await agent.close();
  }));
