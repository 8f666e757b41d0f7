/** Notification bodies in each target's format. No text becomes markup. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { kindOfUrl, pushText, shape, urlProblem } from "../../lib/notify/shapes.ts";
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
  ["https://prod-1.usgovtexas.logic.azure.us/workflows/secret", "teams"],
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

Deno.test("JSON has the contract's members, and marks simulated runs", () => {
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

Deno.test("Slack gets text without markup, and one link to the app", () => {
  const { text, blocks } = bodyOf("slack");
  assertEquals(blocks, [
    { type: "header", text: { type: "plain_text", text: `Done: Founders ${EVIL}`, emoji: false } },
    { type: "section", text: { type: "plain_text", text: MESSAGE.summary, emoji: false } },
    {
      type: "section",
      text: {
        type: "mrkdwn",
        text: "3 min 40 s · $0.10 · <https://taskstream.example/tasks/trun_1|Open>",
        verbatim: true,
      },
    },
  ]);
  assertStrictEquals(
    text,
    "Done: Founders &lt;!channel&gt; [x](https://evil.example) *b* _i_ `c` @everyone &amp; |",
  );
});

Deno.test("Discord gets an embed without mentions or markup from the text", () => {
  const { embeds: [embed], allowed_mentions, content } = bodyOf("discord");
  assertEquals([allowed_mentions, content], [{ parse: [] }, undefined]);
  assertStrictEquals(embed.url, MESSAGE.url);
  assertStrictEquals(
    embed.title,
    "Done: Founders \\<!channel\\> \\[x\\](https://evil.example) \\*b\\* \\_i\\_ \\`c\\` @everyone & \\|",
  );
  assert(embed.description.includes("\\[x\\](https://evil.example)"), embed.description);
  assertStrictEquals(embed.footer.text, "3 min 40 s · $0.10");
});

Deno.test("Teams gets an Adaptive Card with plain text runs and a button", () => {
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
  Deno.test(`ntfy gets the topic of ${url} at its root`, () => {
    const request = shape("ntfy", url, MESSAGE);
    const body = JSON.parse(request.body);
    assertEquals([request.url, body.topic, body.click], [to, topic, MESSAGE.url]);
    assertStrictEquals(urlProblem("ntfy", new URL(url), true), null);
  });
}

/** URLs of services, and whether they can get messages there. */
const URLS: readonly (readonly [url: string, problem: RegExp | null])[] = [
  ["https://ntfy.sh/", /topic/],
  ["https://ntfy.sh/a%20b", /topic/],
  ["https://hooks.slack.com/services/T0/B0/secret", null],
  ["https://hooks.slack.com/triggers/T0/1/secret", /incoming webhook/],
  ["https://hooks.slack.com/workflows/T0/A0/1/secret", /incoming webhook/],
  ["https://discord.com/api/webhooks/1/secret", null],
  ["https://discord.com/api/v10/webhooks/1/secret?thread_id=2", null],
  ["https://discord.com/api/webhooks/1/secret/slack", /own URL/],
  ["https://discord.com/channels/1/2", /own URL/],
  ["https://example.webhook.office.com/webhookb2/secret", /retired/],
  ["https://prod-07.westus.logic.azure.com:443/workflows/secret", null],
  [
    "https://default1.2.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/3",
    null,
  ],
  ["https://example.com/services", null],
];

for (const [url, problem] of URLS) {
  Deno.test(`${url} ${problem === null ? "can" : "cannot"} get messages`, () => {
    const kind = kindOfUrl(new URL(url));
    const found = urlProblem(kind, new URL(url), false);
    if (problem === null) return assertStrictEquals(found, null);
    assertMatch(found ?? "", problem);
    // Other programs accept these formats at URLs of their own.
    if (kind !== "ntfy") assertStrictEquals(urlProblem(kind, new URL(url), true), null);
  });
}

const FAMILY = "👨‍👩‍👧‍👦", FLAG = "🇳🇴", ZALGO = `e${"\u0301".repeat(6_000)}`;

/** Titles and summaries that services would refuse, cut within a character, or read as markup. */
const ODD: Readonly<Record<string, string>> = {
  "4,000 characters": "word ".repeat(800),
  "emoji of many code points": FAMILY.repeat(2_000),
  "emoji after a letter": `a${FAMILY.repeat(2_000)}`,
  "flags": FLAG.repeat(2_000),
  "surrogate pairs": "😀".repeat(5_000),
  "half a surrogate pair": `\ud83d${"x".repeat(300)}\ude00`,
  "one character with 6,000 marks": ZALGO,
  "three bytes a character": "界".repeat(4_000),
  "only markup": "*_~`|[](<>)#\\".repeat(500),
  "mentions": "@everyone @here <!channel> <!here> <@U0> <@&1> <#C0> <at>all</at> ".repeat(80),
  "code fences and lists": "```\n# Title\n- item\n> quote\n-# small\n".repeat(100),
  "line breaks": "a\r\nb\n\nc\u2028d\u0085e".repeat(40),
  "direction overrides": "invoice\u202efdp.exe\u2066\u2069".repeat(40),
  "control characters": "\u0000\u0007\u001b[31mred\u007f".repeat(80),
  "quotes": '"\\'.repeat(3_000),
  "nothing": "",
  "only spaces": " \n\t ",
};

const graphemes = (text: string) =>
  new Set([...new Intl.Segmenter("en").segment(text)].map(({ segment }) => segment));

for (const [what, text] of Object.entries(ODD)) {
  Deno.test(`a title and summary of ${what} fit every service and stay text`, () => {
    const message = { ...MESSAGE, title: text, summary: text };
    const bytes = (text: string) => new TextEncoder().encode(text).byteLength;
    const shown: Record<string, string[]> = {};

    const { blocks, text: slackText } = bodyOf("slack", message);
    const texts: { type: string; text: string }[] = blocks.map((block: { text: unknown }) =>
      block.text
    );
    assertEquals(texts.map(({ type }) => type).slice(0, -1).includes("mrkdwn"), false);
    for (const { text } of texts) assert(text.length >= 1 && text.length <= 3_000);
    assert(texts[0]!.text.length <= 150);
    assert(!/<(?!https:\/\/taskstream)/.test(texts.at(-1)!.text));
    assert(!/[<>]|&(?!amp;|lt;|gt;)/.test(slackText) && slackText.length < 3_000);
    shown.slack = texts.slice(0, -1).map(({ text }) => text);

    const { embeds: [embed] } = bodyOf("discord", message);
    assert(embed.title.length <= 256 && (embed.description ?? "x").length <= 4_096);
    assert(embed.description !== "" && embed.footer?.text !== "");
    for (const marked of [embed.title, embed.description ?? ""]) {
      assert(!/(?<!\\)(?:\\\\)*[`*_~|[\]<>#]/.test(marked), marked.slice(0, 80));
    }
    shown.discord = [embed.title, embed.description ?? ""].map((text) =>
      text.replace(/\\([^\n])/g, "$1")
    );

    const teams = shape("teams", "https://x.example/a", message).body;
    assert(bytes(teams) < 28_000);
    shown.teams = JSON.parse(teams).attachments[0].content.body.map((
      block: { inlines: { text: string }[] },
    ) => block.inlines[0]!.text);

    const ntfy = bodyOf("ntfy", message);
    assert(bytes(ntfy.message) <= 4_096 && ntfy.message !== "" && ntfy.title.length <= 200);
    shown.ntfy = [ntfy.title, ntfy.message];

    const push = pushText(message);
    assert(bytes(push) < 3_900, "a push message has room for 3,993 bytes");
    shown.push = [JSON.parse(push).title, JSON.parse(push).body];

    const whole = graphemes(text.replace(/\s+/g, " ") + text);
    for (const [service, [title = "", ...others]] of Object.entries(shown)) {
      assert(!/[\n\r\t]/.test(title), `${service}: a title has one line`);
      for (const each of [title, ...others]) {
        assert(each.isWellFormed() && each.trim() !== "" || each === "", service);
        assert(!/(?!\n)[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(each), service);
      }
      // What was cut ends between two characters.
      const cut = title.endsWith("…") ? title.slice("Done: ".length, -1) : "";
      if (text === ZALGO || /[\p{Cc}\p{Cs}\u202e]/u.test(text)) continue;
      for (const each of graphemes(cut)) assert(whole.has(each), `${service}: ${each}`);
    }
  });
}

Deno.test("a notification that only says that something paused has no empty parts", () => {
  const message = { ...MESSAGE, title: "", summary: "", cost_usd: null, took_ms: null };
  const [embed] = bodyOf("discord", message).embeds;
  assertEquals([embed.title, embed.description, embed.footer], [
    "Done: trun\\_1",
    undefined,
    undefined,
  ]);
  assertStrictEquals(bodyOf("ntfy", message).message, "completed");
  assertStrictEquals(bodyOf("slack", message).blocks.length, 2);
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
