/** Bodies of notifications, in the shape that each kind of target wants. Pure. */
import { dollars, duration } from "../base/mod.ts";
import { isActiveStatus } from "../runs/model/mod.ts";
import type { Message, TargetKind } from "./types.ts";

/** A request without its signature. */
export interface ShapedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The hosts of chats, by the end of their names. */
const HOSTS: readonly (readonly [kind: TargetKind, hosts: RegExp])[] = [
  ["slack", /^hooks\.slack(?:-gov)?\.com$/],
  ["discord", /^(?:(?:ptb|canary)\.)?discord(?:app)?\.com$/],
  // Connectors, and workflows of Power Automate, which replace them.
  ["teams", /\.webhook\.office\.com$|\.logic\.azure\.com$|\.api\.powerplatform\.com$/],
  ["ntfy", /^ntfy\.|^ntfy$/],
];

/** The kind of target that a URL's host stands for. */
export function kindOfUrl(url: URL): Exclude<TargetKind, "push"> {
  const host = url.hostname.replace(/\.$/, "");
  const kind = HOSTS.find(([, hosts]) => hosts.test(host))?.[0] ?? "json";
  return kind === "push" ? "json" : kind;
}

/** The request that tells a target. Browsers get {@linkcode pushText} instead. */
export function shape(
  kind: Exclude<TargetKind, "push">,
  url: string,
  message: Message,
): ShapedRequest {
  const request = (body: unknown, to = url): ShapedRequest => ({
    url: to,
    headers: { "content-type": "application/json", "webhook-id": message.id },
    body: JSON.stringify(body),
  });
  switch (kind) {
    case "json":
      return request(jsonBody(message));
    case "slack":
      return request(slackBody(message));
    case "discord":
      return request(discordBody(message));
    case "teams":
      return request(teamsCard(message));
    case "ntfy": {
      const { topic, base } = ntfyTopic(url);
      return request({
        topic,
        title: cut(headline(message), 200),
        // Longer messages become attachments, and an empty one the word "triggered".
        message: cut(details(message) || message.status, 4_096, byteLength),
        click: message.url,
      }, base);
    }
  }
}

/** The contract's body. */
function jsonBody(
  { type, subject, url, title, status, cost_usd, summary, at_ms, simulated }: Message,
) {
  return {
    type,
    id: subject,
    url,
    title: title.toWellFormed(),
    status,
    cost_usd,
    summary: summary.toWellFormed(),
    at: new Date(at_ms).toISOString(),
    ...simulated === true && { simulated },
  };
}

/** What the service worker shows (static/push-worker.js). */
export function pushText(message: Message): string {
  return JSON.stringify({
    title: cut(headline(message), 120),
    body: cut(details(message), 400),
    url: message.url,
    tag: message.id,
  });
}

const WORDS: Readonly<Record<Message["type"], string>> = {
  "run.completed": "Done",
  "run.failed": "Failed",
  "run.action_required": "Needs you",
  "batch.completed": "Batch done",
  "batch.paused": "Batch paused",
  "watch.changed": "Changed",
  "schedule.changed": "Changed",
  "schedule.paused": "Schedule paused",
  "test": "Test",
};

/** `Done: Founders of Example Inc.`, in one line. */
function headline({ type, status, subject, title, simulated }: Message): string {
  // Other ends than a failure have their own names.
  const word = type === "run.failed" && status !== "failed" && !isActiveStatus(status)
    ? `Ended (${status})`
    : WORDS[type];
  const name = visible(title).replace(/\s+/g, " ").trim() || subject;
  return `${simulated === true ? "Simulated · " : ""}${word}: ${name}`;
}

function summaryOf({ summary }: Message): string {
  return visible(summary).trim();
}

/** `3 min 40 s · $0.10` */
function figures({ took_ms, cost_usd }: Message): string {
  return [
    ...took_ms === null || took_ms === undefined ? [] : [duration(took_ms)],
    ...cost_usd === null ? [] : [dollars(cost_usd)],
  ].join(" · ");
}

/** Summary and figures, a line each. */
function details(message: Message): string {
  return [summaryOf(message), figures(message)].filter(Boolean).join("\n");
}

/**
 * Text from elsewhere stands in `plain_text` objects, in which Slack knows no markup and no mentions. They
 * take 150 characters in a header and 1 to 3,000 in a section.
 */
function slackBody(message: Message) {
  const plain = (text: string) => ({ type: "plain_text", text, emoji: false });
  const summary = summaryOf(message);
  const end = [figures(message), `<${message.url.replaceAll("|", "%7C")}|Open>`];
  return {
    // What a notification on the desktop shows. A mention or a link would begin with `<`.
    text: cut(headline(message), 250).replaceAll("&", "&amp;").replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;"),
    blocks: [
      { type: "header", text: plain(cut(headline(message), 150)) },
      ...summary === "" ? [] : [{ type: "section", text: plain(cut(summary, 2_000)) }],
      {
        type: "section",
        text: { type: "mrkdwn", text: end.filter(Boolean).join(" · "), verbatim: true },
      },
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}

/**
 * An embed takes 256 characters of title, 4,096 of description, 2,048 of footer, and none of them empty. Its
 * Markdown could hide where a link leads, so every mark is escaped.
 */
function discordBody(message: Message) {
  const [summary, footer] = [summaryOf(message), figures(message)];
  return {
    // No one is mentioned, whatever a result says.
    allowed_mentions: { parse: [] },
    embeds: [{
      title: escaped(cut(headline(message), 256, (text) => escaped(text).length)),
      url: message.url,
      ...summary !== "" && { description: escaped(cut(summary, 2_000)) },
      ...footer !== "" && { footer: { text: footer } },
      timestamp: new Date(message.at_ms).toISOString(),
    }],
  };
}

function escaped(text: string): string {
  return text.replace(/[\\`*_~|[\]<>#]/g, "\\$&").replace(/^(\s*)([-+])/gm, "$1\\$2");
}

/** An Adaptive Card. A `TextRun`, unlike a `TextBlock`, shows its text as it is. */
function teamsCard(message: Message) {
  const line = (text: string, more: Record<string, unknown> = {}) => ({
    type: "RichTextBlock",
    inlines: [{ type: "TextRun", text, ...more }],
  });
  return {
    type: "message",
    attachments: [{
      contentType: "application/vnd.microsoft.card.adaptive",
      contentUrl: null,
      content: {
        $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
        type: "AdaptiveCard",
        version: "1.4",
        body: [
          line(cut(headline(message), 250), { weight: "Bolder" }),
          ...[cut(summaryOf(message), 2_000), figures(message)].filter(Boolean).map((text) =>
            line(text)
          ),
        ],
        actions: [{ type: "Action.OpenUrl", title: "Open", url: message.url }],
      },
    }],
  };
}

/**
 * ntfy takes JSON at its root, with the topic in the body: headers, which carry the title otherwise, take
 * ASCII only. The topic is the last part of the path.
 */
function ntfyTopic(text: string): { readonly topic: string; readonly base: string } {
  const url = new URL(text);
  const parts = url.pathname.split("/").filter((part) => part !== "");
  const topic = decodeURIComponent(parts.pop() ?? "");
  url.pathname = `/${parts.join("/")}`;
  return { topic, base: url.href };
}

/** Whether the URL names a topic. */
export function hasNtfyTopic(url: URL): boolean {
  return /^\/(?:[^/]+\/)*[\w-]{1,64}\/?$/.test(url.pathname);
}

const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The beginning of a text, up to a size. Ends between two characters as people see them. */
function cut(text: string, most: number, sizeOf = (text: string) => text.length): string {
  if (sizeOf(text) <= most) return text;
  const left = most - sizeOf("…");
  // One character can have any number of marks: then only code points stay whole.
  return `${fitting(graphemes(text), left, sizeOf) || fitting(text, left, sizeOf)}…`;
}

function* graphemes(text: string): Generator<string> {
  for (const { segment } of GRAPHEMES.segment(text)) yield segment;
}

function fitting(pieces: Iterable<string>, most: number, sizeOf: (text: string) => number): string {
  let kept = "", size = 0;
  for (const piece of pieces) {
    size += sizeOf(piece);
    if (size > most) break;
    kept += piece;
  }
  return kept;
}

/** Text without characters that hide or reorder other text. Line breaks and tabs stay. */
function visible(text: string): string {
  return text.toWellFormed().replace(/(?![\n\t])[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, " ");
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
