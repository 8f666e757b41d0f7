/** Processes with an outbox on one store, with a clock that the test advances. */
import { Committer } from "../../lib/store/committer.ts";
import { Notifications } from "../../lib/notify/notifications.ts";
import { keys, type StoredTarget } from "../../lib/notify/store.ts";
import type { Notice, NoticeContent } from "../../lib/notify/types.ts";
import { Outgoing } from "../../lib/outgoing/mod.ts";
import type { OutgoingResult } from "../../lib/outgoing/outgoing.ts";
import { KvHandle, MemoryStore } from "../campaign/memory_kv.ts";
import { Random } from "../campaign/random.ts";
import { VirtualTime } from "../campaign/virtual_time.ts";

export const ACCOUNT = "account";
export const OK: OutgoingResult = { kind: "answered", status: 200, text: "ok", retryAfterMs: null };
export const BROKEN: OutgoingResult = {
  kind: "answered",
  status: 500,
  text: "no",
  retryAfterMs: null,
};

/** A request that a target got. */
export interface Sent {
  readonly id: string;
  readonly url: string;
  readonly by: string;
  readonly at_ms: number;
}

/** What all processes share. */
export class World {
  readonly time = new VirtualTime();
  readonly store = new MemoryStore();
  readonly dead = new Set<string>();
  readonly processes = new Set<WorldProcess>();
  readonly sent: Sent[] = [];
  /** Requests that their target did not accept, whether or not that was heard. */
  readonly refused = new Set<Sent>();
  readonly random: Random;
  /** What targets answer, and after how long (ms). */
  answer: (sent: Sent) => OutgoingResult = () => OK;
  takesMs: () => number = () => 50;
  /** Requests whose answers were not stored when their process died, by notice and target. */
  readonly unstored = new Map<string, number>();
  #names = 0;

  constructor(seed = 1) {
    this.random = new Random(seed);
  }

  start(): WorldProcess {
    const process = new WorldProcess(this, `process-${this.#names++}`);
    this.processes.add(process);
    return process;
  }

  /** Puts a target into the store. */
  addTarget(id: string, more: Partial<StoredTarget> = {}, account = ACCOUNT): void {
    const value: StoredTarget = {
      kind: "slack",
      label: id,
      every_run: true,
      every_batch: true,
      origin: "https://taskstream.example",
      sandbox: false,
      sealed: JSON.stringify({ url: `https://${id}.example/` }),
      created_ms: 0,
      last: null,
      failing_since_ms: null,
      failures: 0,
      rest_until: 0,
      off: null,
      ...more,
    };
    this.store.commit([], [{ type: "set", key: keys.target(account, id), value }]);
  }

  target(id: string): StoredTarget {
    return this.store.get(keys.target(ACCOUNT, id))!.value as StoredTarget;
  }

  /** Entries of the outbox, and of the times at which they are due. */
  get left(): number {
    return this.store.list(["outbox"]).length + this.store.list(["outbox-due"]).length;
  }

  ids(url?: string): string[] {
    return this.sent.filter((sent) => url === undefined || sent.url.includes(url))
      .map(({ id }) => id);
  }
}

/** A process, from its start to its end. */
export class WorldProcess {
  readonly name: string;
  readonly kv: Deno.Kv;
  readonly committer: Committer;
  readonly notifications: Notifications;
  readonly #world: World;
  readonly timers: {
    setTimeout(run: () => void, ms: number): unknown;
    clearTimeout(id: unknown): void;
  };
  readonly #handle: KvHandle;
  /** Notices and targets of requests whose answers are not stored. */
  readonly #sending = new Set<string>();
  isDead = false;

  constructor(world: World, name: string) {
    this.name = name;
    this.#world = world;
    const { time, store, random, dead } = world;
    const timers = this.timers = {
      setTimeout: (run: () => void, ms: number) =>
        time.setTimeout(() => {
          if (!this.isDead) run();
        }, ms),
      clearTimeout: time.clearTimeout,
    };
    this.#handle = new KvHandle({ store, time, random: random.fork(), fault: () => null });
    this.kv = this.#handle.kv;
    this.committer = new Committer(this.kv, {
      timers,
      random: random.fork().next,
      wait: (ms) => new Promise((resolve) => void timers.setTimeout(resolve, ms)),
      onWritten: (mutations) => {
        for (const { type, key } of mutations) {
          const [name, , target, notice] = key.map(String);
          if (name === "outbox" && type !== "sum") this.#sending.delete(`${notice} ${target}`);
        }
        this.notifications.written(mutations);
      },
    });
    const outgoing = new Outgoing({ allowed: { hosts: new Set(), nets: [] } });
    this.notifications = new Notifications({
      kv: this.kv,
      committer: this.committer,
      background: { kv: this.kv, committer: this.committer },
      keyring: { seal: (text) => Promise.resolve(text), open: (text) => Promise.resolve(text) },
      now: time.now,
      log: () => {},
      timers,
      owner: name,
      isGone: (owner) => dead.has(owner),
      outgoing: {
        check: (url) => outgoing.check(url),
        post: ({ url, headers }) => this.#post(url, headers["webhook-id"] ?? "", timers),
      },
      publicUrl: null,
      pushContact: null,
      sandboxHosts: { consume: () => Promise.resolve({ ok: true }) },
      tests: { consume: () => Promise.resolve({ ok: true }) },
      describe: {
        run: (_, id) => Promise.resolve(contentOf(id)),
        batch: (_, id) => Promise.resolve(contentOf(id)),
      },
    });
  }

  /** Tells of something in a commit of its own. */
  async notify(id: string, more: Partial<Notice> = {}): Promise<void> {
    const mutations = await this.notifications.notify(ACCOUNT, { ...noticeOf(id), ...more });
    await this.committer.commit({ mutations });
  }

  /** SIGKILL: what it was sending arrives, and its answer is not heard. */
  kill(): void {
    const { dead, processes, unstored } = this.#world;
    this.isDead = true;
    this.#handle.die();
    dead.add(this.name);
    processes.delete(this);
    for (const name of this.#sending) unstored.set(name, (unstored.get(name) ?? 0) + 1);
    for (const { notifications } of processes) notifications.pickUp();
  }

  #post(url: string, id: string, timers: { setTimeout(run: () => void, ms: number): unknown }) {
    const { sent, refused, time, takesMs, answer } = this.#world;
    this.#sending.add(`${id} ${new URL(url).hostname.split(".")[0]}`);
    const request = { id, url, by: this.name, at_ms: time.now() };
    sent.push(request);
    // The target responds even if the sender has died.
    const answered = answer(request);
    if (answered.kind === "failed" || answered.status >= 300) refused.add(request);
    return new Promise<OutgoingResult>((resolve) => {
      timers.setTimeout(() => resolve(answered), takesMs());
    });
  }
}

function contentOf(id: string): NoticeContent {
  return { path: `/tasks/${id}`, title: id, cost_usd: 0.01, summary: "A summary." };
}

/** A notice that says what it is. */
export function noticeOf(id: string): Notice & { readonly content: NoticeContent } {
  return {
    type: "schedule.changed",
    id,
    subject: id,
    status: "changed",
    at_ms: 1_000_000,
    content: contentOf(id),
  };
}
