/**
 * Limits how many tasks may be created. Each account has a limit per minute. The sandbox accepts any key, so
 * its limits are per client address and for the whole instance: creates per minute, concurrent runs, rows of
 * groups per day, and stored bytes.
 *
 * Concurrent runs are counted per process.
 */
import type { Config } from "../config.ts";
import { AddressLimit, NETWORK_FACTOR, subjectNamed } from "./address_limit.ts";
import { networkOf } from "./address.ts";
import { type Admission, Limiter, type LimiterContext } from "./limiter.ts";

/** The creator of tasks. */
export interface Creator {
  /** The account, or a placeholder for a key without one. */
  readonly subject: string;
  /** The client whose limits apply; `null` for a task that no request creates. */
  readonly client: string | null;
  readonly simulated: boolean;
}

/** Whether tasks may be created now. If not, the limit that is reached, and when to try again. */
export type Entry =
  | {
    readonly ok: true;
    /** To be called once, when the API has answered: with the run, or without one. */
    readonly done: (runId?: string) => void;
  }
  | {
    readonly ok: false;
    /** Continues "This instance accepts". */
    readonly limit: string;
    readonly retryAfterSeconds: number;
    /** Waiting does not help, splitting does. */
    readonly tooMany: boolean;
  };

/** What the sandbox reports about its runs. */
export interface SandboxState {
  /** Whether a run has ended. */
  readonly isOver: (runId: string) => Promise<boolean>;
  /** Stored bytes of all its runs, and of its accounts' imports. */
  readonly storedBytes: () => Promise<number>;
}

type Caps = Pick<
  Config,
  | "createLimitPerMinute"
  | "sandboxCreatesPerMinute"
  | "sandboxRunsMax"
  | "sandboxRowsPerDay"
  | "sandboxBytesMax"
>;

/** When to try again for a place (s): runs take at least this long. */
const PLACE_SECONDS = 5;
/** When to try again for bytes (s): they become free when runs are deleted or expire. */
const BYTES_SECONDS = 3600;

/** Admits creates. One per process. */
export class Creates {
  readonly #caps: Caps;
  readonly #sandbox: SandboxState;
  readonly #accounts: Limiter;
  readonly #sandboxAccounts: Limiter;
  readonly #addresses: AddressLimit;
  readonly #rows: AddressLimit;
  /** The clients of active simulated runs, by run or placeholder. */
  readonly #working = new Map<string, string>();

  constructor(context: LimiterContext, caps: Caps, sandbox: SandboxState) {
    this.#caps = caps;
    this.#sandbox = sandbox;
    const { createLimitPerMinute, sandboxCreatesPerMinute } = caps;
    const perMinute = Math.min(createLimitPerMinute, sandboxCreatesPerMinute);
    const rows = caps.sandboxRowsPerDay;
    this.#accounts = new Limiter(context, "create", { perMinute: createLimitPerMinute });
    this.#sandboxAccounts = new Limiter(context, "sandbox-create", { perMinute });
    this.#addresses = new AddressLimit(context, "sandbox-address", {
      perMinute: sandboxCreatesPerMinute,
    });
    this.#rows = new AddressLimit(context, "sandbox-rows", {
      perMinute: rows / 1440,
      atOnce: rows,
    });
  }

  /** Admits one task. */
  async enter(creator: Creator): Promise<Entry> {
    if (!creator.simulated) {
      return entryFor(
        await this.#accounts.consume(creator.subject),
        ACCOUNT(this.#accounts.atOnce),
      );
    }
    const client = creator.client ?? "";
    const place = await this.#hold(client);
    if (typeof place !== "string") return place;
    const entry = await this.#enterSandbox(creator.subject, client);
    if (!entry.ok) {
      this.#working.delete(place);
      return entry;
    }
    return {
      ok: true,
      done: (runId) => {
        this.#working.delete(place);
        if (runId !== undefined) this.#working.set(runId, client);
      },
    };
  }

  /** Admits the inputs of one request to a group. */
  async enterGroup({ subject, client, simulated }: Creator, count: number): Promise<Entry> {
    if (!simulated) {
      return entryFor(await this.#accounts.consume(subject, count), ACCOUNT(this.#accounts.atOnce));
    }
    const full = await this.#beyondBytes();
    if (full !== null) return full;
    const admission = await this.#rows.consume(subjectNamed(client ?? ""), count);
    return entryFor(admission, ROWS(this.#rows.atOnce));
  }

  async #enterSandbox(subject: string, client: string): Promise<Entry> {
    const full = await this.#beyondBytes();
    if (full !== null) return full;
    const byAccount = await this.#sandboxAccounts.consume(subject);
    if (!byAccount.ok) return entryFor(byAccount, ACCOUNT(this.#sandboxAccounts.atOnce));
    const byAddress = await this.#addresses.consume(subjectNamed(client));
    return entryFor(byAddress, ADDRESS(this.#addresses.atOnce));
  }

  /** Takes a place among the active runs, in the same turn that finds it free. */
  async #hold(client: string): Promise<string | Entry> {
    const { sandboxRunsMax } = this.#caps;
    const perClient = Math.ceil(sandboxRunsMax / 10);
    const isClientFull = () => this.#hasAll(client, perClient);
    const isFull = () => this.#working.size >= sandboxRunsMax || isClientFull();
    if (isFull()) await this.#forgetEnded();
    if (!isFull()) {
      const place = crypto.randomUUID();
      this.#working.set(place, client);
      return place;
    }
    const limit = isClientFull()
      ? `at most ${perClient} simulated tasks at once from one address`
      : `at most ${sandboxRunsMax} simulated tasks at once`;
    return { ok: false, limit, retryAfterSeconds: PLACE_SECONDS, tooMany: false };
  }

  async #beyondBytes(): Promise<Entry | null> {
    const { sandboxBytesMax } = this.#caps;
    if (await this.#sandbox.storedBytes() < sandboxBytesMax) return null;
    const limit = `no more simulated tasks while it keeps ${sandboxBytesMax} bytes of them`;
    return { ok: false, limit, retryAfterSeconds: BYTES_SECONDS, tooMany: false };
  }

  /** Whether a client, or the network around it, has all the places that it may have. */
  #hasAll(client: string, perClient: number): boolean {
    const network = networkOf(client);
    let own = 0, near = 0;
    for (const other of this.#working.values()) {
      if (other === client) own++;
      if (network !== null && networkOf(other) === network) near++;
    }
    return own >= perClient || near >= perClient * NETWORK_FACTOR;
  }

  async #forgetEnded(): Promise<void> {
    for (const runId of [...this.#working.keys()]) {
      // A create without a run yet holds a placeholder slot.
      if (runId.startsWith("trun_") && await this.#sandbox.isOver(runId)) {
        this.#working.delete(runId);
      }
    }
  }
}

function entryFor(admission: Admission, limit: string): Entry {
  return admission.ok ? { ok: true, done: () => {} } : { ...admission, limit };
}

type Words = (most: number) => string;
const ACCOUNT: Words = (most) => `at most ${most} tasks a minute from one account`;
const ADDRESS: Words = (most) => `at most ${most} simulated tasks a minute from one address`;
const ROWS: Words = (most) => `at most ${most} simulated rows a day from one address`;
