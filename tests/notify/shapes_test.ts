/** Bodies of notifications: each target's own shape, in which no text becomes markup. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { hasNtfyTopic, kindOfUrl, pushText, shape } from "../../lib/notify/shapes.ts";
import type { Message } from "../../lib/notify/types.ts";

const HOSTS: readonly (readonly [url: string, kind: string])[] = [
  ["https://hooks.slack.com/services/T0/B0/secret", "slack"],
  ["https://hooks.slack.com./services/T0/B0/secret", "slack"],
  ["https://hooks.slack-gov.com/services/T0/B0/secret", "slack"],
  ["https://discord.com/api/webhooks/1/secret", "discord"],
  ["https://canary.discord.com/api/webhooks/1/secret", "discord"],
  ["https://discordapp.com/api/webhooks/1/secret", "discord"],
  ["https://example.webhook.office.com/webhookb2/secret", "teams"],
  ["https://prod-07.westus.logic.azure.com:443/workflows/secret", "teams"],
  ["https://default1.2.environment.api.powerplatform.com/powerautomate/secret", "teams"],
  ["https://ntfy.sh/topic", "ntfy"],
  ["https://ntfy.example.com/topic", "ntfy"],
  ["http://ntfy/topic", "ntfy"],
  ["https://example.com/hooks.slack.com", "json"],
  ["https://hooks.slack.com.example.com/", "json"],
  ["https://nothooks.slack.com/", "json"],
  ["https://notntfy.sh/topic", "json"],
];

for (const [url, kind] of HOSTS) {
  Deno.test(`${url} is ${kind}`, () => assertStrictEquals(kindOfUrl(new URL(url)), kind));
}

const EVIL = "<!channel> [x](https://evil.example) *b* _i_ `c` @everyone & |";
const MESSAGE: Message = {
  type: "run.completed",
  id: "trun_1.9",
  subject: "trun_1",
  status: "completed",
  at_ms: Date.UTC(2026, 10, 28, 12),
  path: "/tasks/trun_1",
  url: "https://taskstream.example/tasks/trun_1",
  title: `Founders ${EVIL}`,
  cost_usd: 0.1,
  summary: `legal name: Halden AS ${EVIL}`,
  took_ms: 220_000,
};

const bodyOf = (
  kind: Parameters<typeof shape>[0],
  message = MESSAGE,
  url = "https://x.example/a",
) => JSON.parse(shape(kind, url, message).body);

Deno.test("JSON has the contract's members, and says what is simulated", () => {
  const { title, cost_usd, summary } = MESSAGE;
  const body = {
    type: "run.completed",
    id: "trun_1",
    url: MESSAGE.url,
    title,
    status: "completed",
    cost_usd,
    summary,
    at: "2026-11-28T12:00:00.000Z",
  };
  assertEquals(bodyOf("json"), body);
  assertEquals(bodyOf("json", { ...MESSAGE, simulated: true }), { ...body, simulated: true });
  assertStrictEquals(
    shape("json", "https://x.example/a", MESSAGE).headers["webhook-id"],
    MESSAGE.id,
  );
});

Deno.test("Slack gets one text, whose only markup is the link", () => {
  const { text } = bodyOf("slack");
  assertStrictEquals(
    text,
    "<https://taskstream.example/tasks/trun_1|Done: Founders &lt;!channel&gt; [x](https://evil.example) " +
      "*b* _i_ `c` @everyone &amp; |>\nlegal name: Halden AS &lt;!channel&gt; " +
      "[x](https://evil.example) *b* _i_ `c` @everyone &amp; |\n3 min 40 s · $0.10",
  );
});

Deno.test("Discord gets an embed without mentions or links of the text's own", () => {
  const { embeds: [embed], allowed_mentions, content } = bodyOf("discord");
  assertEquals([allowed_mentions, content], [{ parse: [] }, undefined]);
  assertStrictEquals(embed.url, MESSAGE.url);
  assert(embed.description.includes("\\[x\\](https://evil.example)"), embed.description);
  assertStrictEquals(embed.footer.text, "3 min 40 s · $0.10");
});

Deno.test("Teams gets an Adaptive Card with text runs, which know no markup, and a button", () => {
  const { type, attachments: [{ contentType, content }] } = bodyOf("teams");
  assertEquals([type, contentType], ["message", "application/vnd.microsoft.card.adaptive"]);
  const types = new Set(content.body.map((block: { type: string }) => block.type));
  assertEquals([...types], ["RichTextBlock"]);
  assertEquals(content.actions, [{ type: "Action.OpenUrl", title: "Open", url: MESSAGE.url }]);
});

for (
  const [url, topic, to] of [
    ["https://ntfy.sh/my-topic", "my-topic", "https://ntfy.sh/"],
    ["https://ntfy.sh/my-topic/", "my-topic", "https://ntfy.sh/"],
    ["https://ntfy.sh/my-topic?auth=secret", "my-topic", "https://ntfy.sh/?auth=secret"],
    ["http://10.0.0.9:8080/ntfy/topic", "topic", "http://10.0.0.9:8080/ntfy"],
  ] as const
) {
  Deno.test(`ntfy is told of the topic of ${url} at its root`, () => {
    const request = shape("ntfy", url, MESSAGE);
    const body = JSON.parse(request.body);
    assertEquals([request.url, body.topic, body.click], [to, topic, MESSAGE.url]);
    assert(hasNtfyTopic(new URL(url)));
  });
}

Deno.test("an ntfy URL without a topic is none", () => {
  assert(!hasNtfyTopic(new URL("https://ntfy.sh/")));
  assert(!hasNtfyTopic(new URL("https://ntfy.sh/a%20b")));
});

Deno.test("titles and summaries of any length fit every shape", () => {
  const long = {
    ...MESSAGE,
    title: "t\u{1F600}".repeat(5_000),
    summary: "s\u{1F600}".repeat(9_000),
  };
  for (const kind of ["slack", "discord", "teams", "ntfy"] as const) {
    const { body } = shape(kind, "https://x.example/a", long);
    assert(body.length < 12_000, `${kind}: ${body.length}`);
    assert(body.isWellFormed());
  }
  // A push message has room for 3,993 bytes.
  assert(new TextEncoder().encode(pushText(long)).byteLength < 3_900);
});

for (
  const [more, headline] of [
    [{ type: "run.failed", status: "failed" }, "Failed: T"],
    [{ type: "run.failed", status: "cancelled" }, "Ended (cancelled): T"],
    [{ type: "run.failed", status: "lost" }, "Ended (lost): T"],
    [{ type: "run.action_required", status: "action_required" }, "Needs you: T"],
    [{ type: "batch.paused", status: "paused", simulated: true }, "Simulated · Batch paused: T"],
  ] as const
) {
  Deno.test(`a browser shows “${headline}”`, () => {
    assertStrictEquals(JSON.parse(pushText({ ...MESSAGE, title: "T", ...more })).title, headline);
  });
}
