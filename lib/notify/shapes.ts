/** Request bodies of notifications, in the format of each kind of target. Pure. */
import { dollars, duration } from "../base/mod.ts";
import { isActiveStatus } from "../runs/model/mod.ts";
import type { Message, TargetKind } from "./types.ts";

/** A request without its signature. */
export interface ShapedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Chat services by the suffix of their host name. */
const HOSTS: readonly (readonly [kind: TargetKind, hosts: RegExp])[] = [
  ["slack", /^hooks\.slack(?:-gov)?\.com$/],
  ["discord", /^(?:(?:ptb|canary)\.)?discord(?:app)?\.com$/],
  // Connectors, and the Power Automate workflows that replace them.
  ["teams", /\.webhook\.office\.com$|\.logic\.azure\.(?:com|us)$|\.api\.powerplatform\.com$/],
  ["ntfy", /^ntfy\.|^ntfy$/],
];

/** The kind of target, from the URL's host. */
export function kindOfUrl(url: URL): Exclude<TargetKind, "push"> {
  const host = url.hostname.replace(/\.$/, "");
  const kind = HOSTS.find(([, hosts]) => hosts.test(host))?.[0] ?? "json";
  return kind === "push" ? "json" : kind;
}

/** Builds a target's request. Browsers get {@linkcode pushText} instead. */
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

/** The JSON body that our own contract promises. */
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

/** The text that the service worker shows (static/push-worker.js). */
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
  // Outcomes other than a failure have their own names.
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

/** Summary and figures, one line each. */
function details(message: Message): string {
  return [summaryOf(message), figures(message)].filter(Boolean).join("\n");
}

/**
 * Untrusted text goes into `plain_text` objects, in which Slack renders no markup and no mentions. They allow
 * 150 characters in a header and 1 to 3,000 in a section.
 */
function slackBody(message: Message) {
  const plain = (text: string) => ({ type: "plain_text", text, emoji: false });
  const summary = summaryOf(message);
  const end = [figures(message), `<${message.url.replaceAll("|", "%7C")}|Open>`];
  return {
    // Shown in desktop notifications. A `<` would begin a mention or a link.
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
 * An embed allows 256 characters of title, 4,096 of description and 2,048 of footer, none of them empty. Its
 * Markdown could hide a link's target, so every mark is escaped.
 */
function discordBody(message: Message) {
  const [summary, footer] = [summaryOf(message), figures(message)];
  return {
    // Never mention anyone, whatever a result contains.
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
 * ntfy accepts JSON at its root with the topic in the body. Its header format allows only ASCII titles. The
 * topic is the last part of the path.
 */
function ntfyTopic(text: string): { readonly topic: string; readonly base: string } {
  const url = new URL(text);
  const parts = url.pathname.split("/").filter((part) => part !== "");
  const topic = decodeURIComponent(parts.pop() ?? "");
  url.pathname = `/${parts.join("/")}`;
  return { topic, base: url.href };
}

const NTFY_PATH = /^\/(?:[^/]+\/)*[\w-]{1,64}\/?$/;

/** The paths at which Slack and Discord accept messages. */
const PATHS: readonly (readonly [kind: TargetKind, path: RegExp, why: string])[] = [
  [
    "slack",
    /^\/services\//,
    "Enter an incoming webhook. Its URL begins with https://hooks.slack.com/services/.",
  ],
  [
    "discord",
    /^\/api\/(?:v\d+\/)?webhooks\/[^/]+\/[^/]+\/?$/,
    "Enter a webhook’s own URL, such as https://discord.com/api/webhooks/ID/TOKEN.",
  ],
];

/**
 * Why a URL cannot get notifications of a kind, or `null`. `isChosen`: a user chose the kind. Other services may
 * accept the same format elsewhere.
 */
export function urlProblem(
  kind: TargetKind,
  { hostname, pathname }: URL,
  isChosen: boolean,
): string | null {
  if (kind === "ntfy" && !NTFY_PATH.test(pathname)) {
    return "End the URL with the topic, such as https://ntfy.sh/your-topic.";
  }
  if (isChosen) return null;
  // Microsoft retired the connectors in 2026.
  if (kind === "teams" && /\.webhook\.office\.com\.?$/.test(hostname)) {
    return "Microsoft has retired this kind of webhook. Create one with Workflows in Teams.";
  }
  return PATHS.find(([each, path]) => each === kind && !path.test(pathname))?.[2] ?? null;
}

/** Cuts a text to a size, between two user-perceived characters. */
function cut(text: string, most: number, sizeOf = (text: string) => text.length): string {
  if (sizeOf(text) <= most) return text;
  const left = most - sizeOf("…");
  // A character can have any number of combining marks. Then only code points stay whole.
  return `${fitting(graphemes(text), left, sizeOf) || fitting(text, left, sizeOf)}…`;
}

function* graphemes(text: string): Generator<string> {
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
  for (const { segment } of segmenter.segment(text)) yield segment;
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

/** Removes characters that hide or reorder text. Keeps line breaks and tabs. */
function visible(text: string): string {
  return text.toWellFormed().replace(/(?![\n\t])[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, " ");
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
