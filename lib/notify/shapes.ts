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
      return request({ text: slackText(message), unfurl_links: false, unfurl_media: false });
    case "discord":
      return request({
        // Nobody is mentioned, whatever a result says.
        allowed_mentions: { parse: [] },
        embeds: [{
          title: cut(headline(message), 250),
          url: message.url,
          description: cut(plain(message.summary), 2_000),
          footer: { text: cut(figures(message), 200) },
          timestamp: new Date(message.at_ms).toISOString(),
        }],
      });
    case "teams":
      return request(teamsCard(message));
    case "ntfy": {
      const { topic, base } = ntfyTopic(url);
      return request({
        topic,
        title: cut(headline(message), 200),
        message: cut([message.summary, figures(message)].filter(Boolean).join("\n"), 3_000),
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
    title,
    status,
    cost_usd,
    summary,
    at: new Date(at_ms).toISOString(),
    ...simulated === true && { simulated },
  };
}

/** What the service worker shows (static/push-worker.js). */
export function pushText(message: Message): string {
  return JSON.stringify({
    title: cut(headline(message), 120),
    body: cut([message.summary, figures(message)].filter(Boolean).join("\n"), 400),
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

/** `Done: Founders of Example Inc.` */
function headline({ type, status, title, simulated }: Message): string {
  // Other ends than a failure have their own names.
  const word = type === "run.failed" && status !== "failed" && !isActiveStatus(status)
    ? `Ended (${status})`
    : WORDS[type];
  return `${simulated === true ? "Simulated · " : ""}${word}: ${title}`;
}

/** `3 min 40 s · $0.10` */
function figures({ took_ms, cost_usd }: Message): string {
  return [
    ...took_ms === null || took_ms === undefined ? [] : [duration(took_ms)],
    ...cost_usd === null ? [] : [dollars(cost_usd)],
  ].join(" · ");
}

/** In Slack's markup three characters are special: a mention or a link begins with `<`. */
function slackText(message: Message): string {
  const safe = (text: string) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  // A vertical bar would end the link's address.
  const link = `<${message.url.replaceAll("|", "%7C")}|${safe(cut(headline(message), 250))}>`;
  return [link, safe(cut(message.summary, 2_000)), safe(figures(message))].filter(Boolean)
    .join("\n");
}

/** Discord reads Markdown, in which a result could hide where a link leads. */
function plain(text: string): string {
  return text.replace(/[\\`*_~|[\]<>#]/g, "\\$&");
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
          ...[cut(message.summary, 2_000), figures(message)].filter(Boolean).map((text) =>
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

function cut(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars - 1).toWellFormed()}…`;
}
