/**
 * Keeps forms that were sent after their session had ended, until their sender signs in again. Anyone can send a
 * form, so the number of slots is fixed. A client has few slots, and replaces its own oldest form. If all slots
 * are taken, the network with the most forms loses its oldest one. Forms are sealed, because some contain
 * secrets: the URL of a chat's webhook, a pasted request. Owns `["parked", "slot", n]` and
 * `["parked", "part", id, n]`.
 */
import { type Committer, PART_BYTES } from "../store/mod.ts";
import { isObject, parseJson } from "../base/mod.ts";
import { type Keyring, SealError } from "./keyring.ts";

/** How long a form is kept (ms). */
export const PARKED_MS = 3_600_000;
/** With {@linkcode PARTS} of 60 KiB each this is at most 23 MiB. */
const SLOTS = 64;
/** The most forms of one client: a person has one or two open tabs, and a few people may share an address. */
const CLIENT_SLOTS = 4;
/** The most parts of a form. No task that the API takes is longer than 240 KiB. Sealing adds a third. */
const PARTS = 6;
/** The most keys that KV reads at once. */
const GET_MANY = 10;

/** The fields of a form as they were sent, without MCP header values. */
export type ParkedForm = Readonly<Record<string, string>>;

/** The sender of a form. */
export interface FormSender {
  /** An IPv4 address, or the /64 of an IPv6 one. */
  readonly client: string;
  /** The /48 of an IPv6 address; `null` for IPv4. */
  readonly network: string | null;
}

/** A stored form, and its slot. */
interface Slot {
  readonly id: string;
  readonly parts: number;
  readonly parked_ms: number;
  readonly client: string;
  /** The IPv4 address, or the /48 around an IPv6 one: many clients may be one sender. */
  readonly network: string;
  /** The account that saw the form first. */
  readonly account?: string;
}

type TakenSlot = Deno.KvEntry<Slot>;

/** Keeps forms. */
export class ParkedForms {
  readonly #kv: Deno.Kv;
  readonly #committer: Committer;
  readonly #keyring: Pick<Keyring, "open" | "seal">;
  readonly #now: () => number;

  constructor(
    kv: Deno.Kv,
    committer: Committer,
    keyring: Pick<Keyring, "open" | "seal">,
    now: () => number,
  ) {
    this.#kv = kv;
    this.#committer = committer;
    this.#keyring = keyring;
    this.#now = now;
  }

  /**
   * Keeps a form for an hour. Its id is a secret of the browser that sent it. Returns `null` if the form is
   * too long.
   */
  async park(form: ParkedForm, { client, network }: FormSender): Promise<string | null> {
    const sealed = await this.#keyring.seal(JSON.stringify(form));
    const bytes = new TextEncoder().encode(sealed);
    const parts = Math.ceil(bytes.byteLength / PART_BYTES);
    if (parts > PARTS) return null;
    for (;;) {
      const slots = await this.#slots();
      const found = slotFor(slots, { client, network: network ?? client });
      const slot = Number(found.key[2]);
      const id = `${slot}-${crypto.randomUUID()}`;
      const value: Slot = {
        id,
        parts,
        parked_ms: this.#now(),
        client,
        network: network ?? client,
      };
      const result = await this.#committer.commit({
        checks: [found],
        mutations: [
          ...(found.value === null ? [] : removed(found.value)),
          { type: "set", key: found.key, value, expireIn: PARKED_MS },
          ...Array.from({ length: parts }, (_, part): Deno.KvMutation => ({
            type: "set",
            key: partKey(id, part),
            value: bytes.slice(part * PART_BYTES, (part + 1) * PART_BYTES),
            expireIn: PARKED_MS,
          })),
        ],
      });
      if (result.ok) return id;
    }
  }

  /**
   * Returns a form to the account that asks for it first. Returns `null` to others, and if the form is no
   * longer stored.
   */
  async find(id: string, account: string): Promise<ParkedForm | null> {
    const slot = /^(\d{1,2})-[\da-f-]{36}$/.exec(id)?.[1];
    if (slot === undefined) return null;
    const found = await this.#kv.get<Slot>(slotKey(Number(slot)));
    if (found.value?.id !== id || (found.value.account ?? account) !== account) return null;
    if (found.value.account === undefined) {
      const { ok } = await this.#committer.commit({
        checks: [found],
        mutations: [{
          type: "set",
          key: found.key,
          value: { ...found.value, account } satisfies Slot,
          expireIn: PARKED_MS,
        }],
      });
      if (!ok) return await this.find(id, account);
    }
    const keys = Array.from({ length: found.value.parts }, (_, part) => partKey(id, part));
    const parts = (await this.#kv.getMany<Uint8Array<ArrayBuffer>[]>(keys))
      .flatMap(({ value }) => value === null ? [] : [value]);
    if (parts.length !== keys.length) return null;
    try {
      return readForm(await this.#keyring.open(await new Blob(parts).text()));
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      // The instance's secret was replaced meanwhile.
      return null;
    }
  }

  /** Removes the forms that an account has seen. */
  async forget(account: string): Promise<void> {
    for (const slot of await this.#slots()) {
      if (slot.value?.account !== account) continue;
      const mutations = [{ type: "delete", key: slot.key } as const, ...removed(slot.value)];
      await this.#committer.commit({ checks: [slot], mutations });
    }
  }

  async #slots(): Promise<Deno.KvEntryMaybe<Slot>[]> {
    const slots: Deno.KvEntryMaybe<Slot>[] = [];
    while (slots.length < SLOTS) {
      const count = Math.min(GET_MANY, SLOTS - slots.length);
      const keys = Array.from({ length: count }, (_, at) => slotKey(slots.length + at));
      slots.push(...await this.#kv.getMany<Slot[]>(keys));
    }
    return slots;
  }
}

/** Returns the slot for a client's form: its own oldest one, a free one, or one of the largest sender. */
function slotFor(
  slots: readonly Deno.KvEntryMaybe<Slot>[],
  sender: Pick<Slot, "client" | "network">,
): Deno.KvEntryMaybe<Slot> {
  const taken = slots.filter((slot) => slot.value !== null);
  const own = taken.filter(({ value }) => value.client === sender.client);
  if (own.length >= CLIENT_SLOTS) return oldest(own);
  const free = slots.find(({ value }) => value === null);
  if (free !== undefined) return free;
  const byNetwork = Map.groupBy(taken, ({ value }) => value.network);
  // Count the new form for the sender's network, so at a tie that network loses one of its own.
  const sizeOf = ({ value: { network } }: TakenSlot) =>
    (byNetwork.get(network)?.length ?? 0) + (network === sender.network ? 1 : 0);
  const most = Math.max(...taken.map(sizeOf));
  return oldest(taken.filter((slot) => sizeOf(slot) === most));
}

function oldest([first, ...rest]: readonly TakenSlot[]): TakenSlot {
  if (first === undefined) throw new RangeError("There is no slot to choose from");
  return rest.reduce((a, b) => b.value.parked_ms < a.value.parked_ms ? b : a, first);
}

/** Deletes the parts of a slot's form. */
function removed({ id, parts }: Slot): Deno.KvMutation[] {
  return Array.from({ length: parts }, (_, part) => ({ type: "delete", key: partKey(id, part) }));
}

function slotKey(slot: number): Deno.KvKey {
  return ["parked", "slot", slot];
}

function partKey(id: string, part: number): Deno.KvKey {
  return ["parked", "part", id, part];
}

function readForm(text: string): ParkedForm | null {
  const json = parseJson(text);
  if (!json.ok || !isObject(json.value)) return null;
  return Object.fromEntries(
    Object.entries(json.value).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value] as const] : []
    ),
  );
}
