/** Sends one notification to one target. */
import { type Keyring, SealError } from "../accounts/mod.ts";
import { reasonOf } from "../base/mod.ts";
import type { Limiter } from "../limits/mod.ts";
import { describeResponse, type Outgoing, type OutgoingResult } from "../outgoing/mod.ts";
import { signWebhook } from "../parallel/mod.ts";
import type { Delivery } from "./retry.ts";
import { pushRequest, type VapidContext, vapidKeys } from "./push.ts";
import { pushText, shape } from "./shapes.ts";
import type { ChosenKind, ItemPlace, OutboxItem, StoredTarget, TargetSecret } from "./store.ts";
import type { Message, Notice, NoticeContent } from "./types.ts";

/** Dependencies of sending. */
export interface SenderContext extends VapidContext {
  readonly keyring: Pick<Keyring, "open" | "seal">;
  readonly now: () => number;
  readonly outgoing: Pick<Outgoing, "check" | "post">;
  /** The origin of links; `null` uses the origin at which the target was added. */
  readonly publicUrl: string | null;
  /** A `mailto:` or `https:` URL for push services; `null` uses the origin of links. */
  readonly pushContact: string | null;
  /** Limits what sandbox accounts send to a host, because anyone can create one. */
  readonly sandboxHosts: Pick<Limiter, "consume">;
  /** Describes a run or batch; `null` if the account no longer has it. */
  readonly describe: Readonly<
    Record<ChosenKind, (account: string, id: string) => Promise<NoticeContent | null>>
  >;
}

const AGENT = { "user-agent": "Taskstream" };
const UNREADABLE =
  "The URL can no longer be decrypted, because this instance’s secret changed. Add it again.";
const UNSUBSCRIBED =
  "The browser ended its subscription. Turn notifications on in that browser again.";
const UNWANTED = "It responded with 410: the URL no longer accepts notifications.";

/** Sends notifications in the format of each target. */
export class Sender {
  readonly #context: SenderContext;

  constructor(context: SenderContext) {
    this.#context = context;
  }

  /** Sends an item of the outbox. `null`: there is nothing to report any more. */
  async send(
    { account }: ItemPlace,
    { notice }: OutboxItem,
    target: StoredTarget,
  ): Promise<Delivery | null> {
    const { describe } = this.#context;
    const kind = notice.type.startsWith("batch.") ? "batch" : "run";
    const content = notice.content ?? await describe[kind](account, notice.subject);
    if (content?.title_of === undefined) {
      return content === null ? null : await this.deliver(target, notice, content);
    }
    const { title_of, ...stored } = content;
    const title = (await describe.run(account, title_of))?.title ?? stored.title;
    return await this.deliver(target, notice, { ...stored, title });
  }

  /** Sends to a target. Rejects only if the store fails. */
  async deliver(
    target: StoredTarget,
    notice: Notice,
    content: NoticeContent,
  ): Promise<Delivery> {
    const message = this.#messageOf(target, notice, content);
    const secret = await this.open(target);
    if (secret === null) return { ok: false, words: UNREADABLE, gone: UNREADABLE };
    return target.kind === "push"
      ? await this.#push(secret, message, target.origin)
      : await this.#post(target.kind, secret, message);
  }

  /** How long a target must wait before its next request (ms). */
  async restMs(target: StoredTarget): Promise<number> {
    if (!target.sandbox) return 0;
    const host = URL.parse((await this.open(target))?.url ?? "")?.host ?? "";
    const admission = await this.#context.sandboxHosts.consume(host);
    return admission.ok ? 0 : admission.retryAfterSeconds * 1000;
  }

  /** The secret part of a target; `null` if it can no longer be decrypted. */
  async open({ sealed }: StoredTarget): Promise<TargetSecret | null> {
    try {
      return JSON.parse(await this.#context.keyring.open(sealed));
    } catch (error) {
      if (error instanceof SealError) return null;
      throw error;
    }
  }

  #messageOf(
    { origin }: StoredTarget,
    { content: _, reason, ...notice }: Notice,
    content: NoticeContent,
  ): Message {
    const base = this.#context.publicUrl ?? origin;
    const summary = [reason, content.summary].filter(Boolean).join(" ");
    return { ...notice, ...content, summary, url: new URL(content.path, base).href };
  }

  async #post(
    kind: Exclude<StoredTarget["kind"], "push">,
    { url: to, signing }: TargetSecret,
    message: Message,
  ): Promise<Delivery> {
    const { url, headers, body } = shape(kind, to, message);
    const signed = signing === undefined ? {} : await this.#signature(signing, message.id, body);
    const result = await this.#context.outgoing.post({
      url,
      headers: { ...AGENT, ...headers, ...signed },
      body,
    });
    return deliveryOf(result, result.kind === "answered" && result.status === 410, UNWANTED);
  }

  async #push(secret: TargetSecret, message: Message, origin: string): Promise<Delivery> {
    const { outgoing, pushContact, publicUrl } = this.#context;
    const request = await pushRequest(pushText(message), secret, {
      vapid: await vapidKeys(this.#context),
      contact: pushContact ?? publicUrl ?? origin,
      urgent: message.type !== "batch.paused",
    }).catch((error) => reasonOf(error));
    if (typeof request === "string") return { ok: false, words: request, gone: UNSUBSCRIBED };
    const result = await outgoing.post({
      url: secret.url,
      headers: { ...AGENT, ...request.headers },
      body: request.body,
    });
    const isGone = result.kind === "answered" && (result.status === 404 || result.status === 410);
    return deliveryOf(result, isGone, UNSUBSCRIBED);
  }

  /** Standard Webhooks: every attempt has the same ID and its own timestamp. */
  async #signature(secret: string, id: string, body: string): Promise<Record<string, string>> {
    const timestamp = String(Math.floor(this.#context.now() / 1000));
    return {
      "webhook-timestamp": timestamp,
      "webhook-signature": await signWebhook(secret, { id, timestamp, body }),
    };
  }
}

function deliveryOf(result: OutgoingResult, isGone: boolean, gone: string): Delivery {
  const ok = result.kind === "answered" && result.status >= 200 && result.status < 300;
  return {
    ok,
    words: describeResponse(result),
    retryAfterMs: result.kind === "answered" ? result.retryAfterMs : null,
    ...isGone && { gone },
  };
}
