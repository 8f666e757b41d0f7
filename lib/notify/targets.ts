/** An account's notification targets: add, change, test, remove. */
import { beginning } from "../base/mod.ts";
import type { Limiter } from "../limits/mod.ts";
import { type Committer, sha256Hex } from "../store/mod.ts";
import type { Delivery } from "./retry.ts";
import { readSubscription } from "./push.ts";
import type { Sender, SenderContext } from "./sender.ts";
import { kindOfUrl, urlProblem } from "./shapes.ts";
import {
  keys,
  MAX_TARGETS,
  moveItems,
  readTargets,
  type StoredTarget,
  type TargetSecret,
} from "./store.ts";
import type { LatestResponse, Target, TargetKind } from "./types.ts";

/** Dependencies of targets. */
export interface TargetsContext extends SenderContext {
  readonly committer: Committer;
  /** Limits an account's tests. */
  readonly tests: Pick<Limiter, "consume">;
}

/** The added target, or one sentence on why it was not added. */
export type AddOutcome =
  | {
    readonly ok: true;
    readonly id: string;
    /** The secret that signs JSON bodies. It is not shown again. */
    readonly signing: string | null;
  }
  | { readonly ok: false; readonly why: string };

/** The owner of a target, and the origin of its links. */
export interface TargetOwner {
  readonly account: string;
  readonly sandbox: boolean;
  /** The origin of the page on which the target is added. */
  readonly origin: string;
}

/** What a target is notified of, in addition to individual choices. */
export type TargetScope = Pick<Target, "every_run" | "every_batch">;

const SIGNING_BYTES = 32;
const MAX_SANDBOX_TARGETS = 3;
const LABEL_CHARS = 100;
const WORKING = { off: null, failing_since_ms: null, failures: 0, rest_until: 0 } as const;

/** The targets of all accounts. */
export class Targets {
  readonly #context: TargetsContext;
  readonly #sender: Sender;

  constructor(context: TargetsContext, sender: Sender) {
    this.#context = context;
    this.#sender = sender;
  }

  /** An account's targets, oldest first. */
  async list(account: string): Promise<readonly Target[]> {
    const found = await readTargets(this.#context.kv, account);
    return found.map(({ id, target }) => shown(id, target));
  }

  /** Adds a URL. By default its host determines its kind. */
  async addUrl(
    owner: TargetOwner,
    { url: text, kind: given, ...scope }: TargetScope & {
      readonly url: string;
      readonly kind: Exclude<TargetKind, "push"> | null;
    },
  ): Promise<AddOutcome> {
    const checked = this.#context.outgoing.check(text);
    if (!checked.ok) return checked;
    const { url } = checked;
    const kind = given ?? kindOfUrl(url);
    const why = urlProblem(kind, url, given !== null);
    if (why !== null) return { ok: false, why };
    const signing = kind === "json" ? makeSigning() : null;
    const secret: TargetSecret = { url: url.href, ...signing !== null && { signing } };
    // Four characters derived from the URL distinguish two URLs of one host without revealing them.
    const label = `${url.host.slice(0, LABEL_CHARS)} · ${(await sha256Hex(url.href)).slice(0, 4)}`;
    return await this.#add(owner, crypto.randomUUID(), { kind, label, secret, ...scope });
  }

  /** Adds a browser by its subscription as JSON. Replaces a known one. */
  async addBrowser(
    owner: TargetOwner,
    { subscription, device, ...scope }: TargetScope & {
      readonly subscription: string;
      readonly device: string;
    },
  ): Promise<AddOutcome> {
    const read = this.#readSubscription(subscription);
    if (!read.ok) return read;
    const { secret } = read;
    const label = beginning(device, LABEL_CHARS);
    return await this.#add(owner, await browserId(secret.url), {
      kind: "push",
      label,
      secret,
      ...scope,
    });
  }

  /**
   * Replaces a browser's subscription by a renewed one. Its choices stay, and waiting notices go to the new
   * one. The service worker calls this (static/push-worker.js).
   */
  async renewBrowser(
    account: string,
    { before, subscription }: { readonly before: string; readonly subscription: string },
  ): Promise<AddOutcome> {
    const { kv, committer, keyring, now } = this.#context;
    const read = this.#readSubscription(subscription);
    if (!read.ok) return read;
    const [was, id] = await Promise.all([browserId(before), browserId(read.secret.url)]);
    const sealed = await keyring.seal(JSON.stringify(read.secret));
    for (;;) {
      const found = await kv.get<StoredTarget>(keys.target(account, was));
      if (found.value === null) return { ok: false, why: "This browser is not on your list." };
      const { ok } = await committer.commit({
        checks: [found],
        mutations: [
          { type: "delete", key: found.key },
          {
            type: "set",
            key: keys.target(account, id),
            value: { ...found.value, ...WORKING, sealed },
          },
        ],
      });
      if (ok) break;
    }
    const prefix = keys.waiting(account, was);
    await moveItems({ kv, committer }, prefix, (_, place) => {
      return { place: { ...place, target: id }, due_ms: now() };
    });
    return { ok: true, id, signing: null };
  }

  #readSubscription(
    subscription: string,
  ): { readonly ok: true; readonly secret: TargetSecret } | {
    readonly ok: false;
    readonly why: string;
  } {
    const secret = readSubscription(subscription);
    if (secret === null) {
      return { ok: false, why: "The browser returned an invalid subscription." };
    }
    return this.#context.outgoing.check(secret.url).ok
      ? { ok: true, secret }
      : { ok: false, why: "The browser’s push service has no public address." };
  }

  async #add(
    { account, sandbox, origin }: TargetOwner,
    id: string,
    { kind, label, secret, every_run, every_batch }: TargetScope & {
      readonly kind: TargetKind;
      readonly label: string;
      readonly secret: TargetSecret;
    },
  ): Promise<AddOutcome> {
    const { kv, committer, keyring, now } = this.#context;
    const targets = await readTargets(kv, account);
    for (const { id: other, target } of targets) {
      if (other !== id && (await this.#sender.open(target))?.url === secret.url) {
        return { ok: false, why: "This URL is already in your list." };
      }
    }
    const known = targets.find((each) => each.id === id);
    const most = sandbox ? MAX_SANDBOX_TARGETS : MAX_TARGETS;
    if (known === undefined && targets.length >= most) {
      return { ok: false, why: `You can have ${most} of these. Remove one first.` };
    }
    const value: StoredTarget = {
      kind,
      label,
      every_run,
      every_batch,
      origin,
      sandbox,
      sealed: await keyring.seal(JSON.stringify(secret)),
      created_ms: known?.target.created_ms ?? now(),
      last: null,
      ...WORKING,
    };
    await committer.commit({ mutations: [{ type: "set", key: keys.target(account, id), value }] });
    return { ok: true, id, signing: secret.signing ?? null };
  }

  /** Changes what a target is notified of. `false`: there is no such target. */
  change(account: string, id: string, { every_run, every_batch }: TargetScope): Promise<boolean> {
    return this.#update(account, id, (target) => ({ ...target, every_run, every_batch }));
  }

  /** Enables a target again. `false`: there is no such target. */
  switchOn(account: string, id: string): Promise<boolean> {
    return this.#update(account, id, (target) => ({ ...target, ...WORKING }));
  }

  async #update(
    account: string,
    id: string,
    change: (target: StoredTarget) => StoredTarget,
  ): Promise<boolean> {
    const { kv, committer } = this.#context;
    for (;;) {
      const found = await kv.get<StoredTarget>(keys.target(account, id));
      if (found.value === null) return false;
      const mutations = [{ type: "set", key: found.key, value: change(found.value) } as const];
      if ((await committer.commit({ checks: [found], mutations })).ok) return true;
    }
  }

  /** Removes a target and the notices that wait for it. */
  async remove(account: string, id: string): Promise<void> {
    const { committer } = this.#context;
    await committer.commit({ mutations: [{ type: "delete", key: keys.target(account, id) }] });
  }

  /** Sends a test at once and stores the response. `null`: there is no such target. */
  async test(account: string, id: string): Promise<LatestResponse | null> {
    const { kv, now, tests } = this.#context;
    const { value: target } = await kv.get<StoredTarget>(keys.target(account, id));
    if (target === null) return null;
    const isAdmitted = (await tests.consume(account)).ok && await this.#sender.restMs(target) === 0;
    const notice = {
      type: "test",
      id: `test_${crypto.randomUUID()}`,
      subject: "test",
      status: "test",
      at_ms: now(),
    } as const;
    const delivery: Delivery = isAdmitted
      ? await this.#sender.deliver(target, notice, TEST)
      : { ok: false, words: "Not sent: too many requests. Wait a minute and try again." };
    const last = { at_ms: now(), ok: delivery.ok, type: notice.type, words: delivery.words };
    const works = delivery.ok ? WORKING : {};
    await this.#update(account, id, (target) => ({ ...target, last, ...works }));
    return last;
  }
}

const TEST = {
  path: "/account/notifications",
  title: "Taskstream can reach you here",
  cost_usd: null,
  summary: "This is a test. Nothing has happened.",
};

/** The ID of a browser's target, derived from its subscription. */
export async function browserId(endpoint: string): Promise<string> {
  return `push-${(await sha256Hex(endpoint)).slice(0, 32)}`;
}

function makeSigning(): string {
  return `whsec_${crypto.getRandomValues(new Uint8Array(SIGNING_BYTES)).toBase64()}`;
}

function shown(id: string, target: StoredTarget): Target {
  const { kind, label, every_run, every_batch, created_ms, last, failing_since_ms, off } = target;
  return { id, kind, label, every_run, every_batch, created_ms, last, failing_since_ms, off };
}
