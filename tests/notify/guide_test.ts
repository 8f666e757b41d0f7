/** The notification guide matches reality: its example, types and code. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { join } from "node:path";
import { kindOfUrl } from "../../lib/notify/shapes.ts";
import { withApp } from "../app/test_app.ts";
import { allowing, Receiver } from "./receiver.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const guide = await Deno.readTextFile(join(ROOT, "docs", "guides", "notifications.md"));

function block(language: string): string {
  const [, text = ""] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(guide) ?? [];
  assert(text !== "", language);
  return text;
}

/** The guide's code as a function of what it takes from its surroundings. */
async function verifier(): Promise<(secret: string, text: string, headers: object) => unknown> {
  const [imports = "", code = ""] = block("ts").split("\n\n");
  const module =
    `${imports}\nexport default (secret, text, headers) => {\n${code}\nreturn body;\n};`;
  return (await import(`data:text/javascript,${encodeURIComponent(module)}`)).default;
}

Deno.test("the guide's code verifies real notifications, and its example has their members", async () => {
  const verify = await verifier();
  await using receiver = new Receiver();
  await withApp(async (app) => {
    const browser = await app.browser().enterSandbox();
    const fields = { act: "add", url: receiver.url, every_run: "yes" };
    const page = await (await browser.post("/account/notifications", fields)).text();
    const [secret = ""] = /whsec_[\w+/=]+/.exec(page) ?? [];
    const runId = await browser.createTask();
    const [arrived] = await receiver.until(1);
    const { body, headers } = arrived!;
    const read = verify(secret, body, Object.fromEntries(headers)) as Record<string, unknown>;
    assertStrictEquals(read.id, runId);
    const example = JSON.parse(block("json"));
    assertEquals(Object.keys(read), [...Object.keys(example), "simulated"]);
    assertEquals(
      Object.keys(example).map((name) => typeof read[name]),
      Object.values(example).map((value) => typeof value),
    );
  }, { config: allowing() });
});

Deno.test("the guide lists every type of notification", async () => {
  const types = await Deno.readTextFile(join(ROOT, "lib", "notify", "types.ts"));
  const [, union = ""] = /export type NotificationType =([^;]*);/.exec(types) ?? [];
  const known = [...union.matchAll(/"([\w.]+)"/g)].map(([, type]) => type);
  const listed = [...guide.matchAll(/^\| `([\w.]+)` +\|/gm)].map(([, type]) => type)
    .filter((type) => known.includes(type));
  assert(known.length >= 9);
  assertEquals(listed.toSorted(), known.toSorted());
});

Deno.test("the guide's hosts get the formats that it names", () => {
  const formats = { Slack: "slack", Discord: "discord", Teams: "teams", ntfy: "ntfy" };
  for (const [name, kind] of Object.entries(formats)) {
    const row = guide.split("\n").find((line) =>
      line.startsWith("| `") && line.includes(` ${name}`)
    );
    const hosts = [...(row ?? "").split("|")[1]!.matchAll(/`([\w*.]+)`/g)].map(([, host]) => host!);
    assert(hosts.length > 0, name);
    for (const host of hosts) {
      const url = `https://${host.replace("*.", "x.").replace(/\.$/, ".example.com")}/topic`;
      assertStrictEquals(kindOfUrl(new URL(url)), kind, url);
    }
  }
});
