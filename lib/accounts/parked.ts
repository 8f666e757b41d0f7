/**
 * Task forms that somebody sent after their session had ended, kept until they have signed in again. Anyone
 * can send one, so there is room for a fixed number: the newest take the place of others. This module owns
 * `["parked", slot, part]`.
 */
import type { Committer } from "../kv/committer.ts";
import { PART_BYTES } from "../kv/parts.ts";
import { FORM_FIELDS, type TaskFormValues } from "../parallel/form_fields.ts";
import { isObject, parseJson } from "../parallel/json.ts";

/** How long a form is kept (ms). */
export const PARKED_MS = 3_600_000;
/** With {@linkcode PARTS} of 60 KiB each this is at most 15 MiB. */
const SLOTS = 64;
/** No task that the API takes is longer than four parts. */
const PARTS = 4;

/** A form as it was sent, without MCP header values. */
export interface ParkedForm {
  readonly values: TaskFormValues;
  /** The run that it repeats. */
  readonly rerunOf: string | null;
}

interface Part {
  readonly id: string;
  readonly parts: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Who signed in first and saw it; in the first part alone. */
  readonly account?: string;
}

/** Keeps forms. */
export class ParkedForms {
  readonly #kv: Deno.Kv;
  readonly #committer: Committer;

  constructor(kv: Deno.Kv, committer: Committer) {
    this.#kv = kv;
    this.#committer = committer;
  }

  /** Keeps a form for an hour; its id is a secret of the browser that sent it. `null` where it is too long. */
  async park(form: ParkedForm): Promise<string | null> {
    const bytes = new TextEncoder().encode(JSON.stringify(form));
    const parts = Math.ceil(bytes.byteLength / PART_BYTES);
    if (parts > PARTS) return null;
    const slot = crypto.getRandomValues(new Uint32Array(1))[0]! % SLOTS;
    const id = `${slot}-${crypto.randomUUID()}`;
    await this.#committer.commit({
      mutations: Array.from({ length: parts }, (_, part) => {
        const own = bytes.slice(part * PART_BYTES, (part + 1) * PART_BYTES);
        const value: Part = { id, parts, bytes: own };
        return { type: "set", key: ["parked", slot, part], value, expireIn: PARKED_MS };
      }),
    });
    return id;
  }

  /** Makes a form an account's. `false` where something of it changed at this moment. */
  async #give(found: Deno.KvEntryMaybe<Part> | undefined, value: Part): Promise<boolean> {
    if (found === undefined) return false;
    const { ok } = await this.#committer.commit({
      checks: [found],
      mutations: [{ type: "set", key: found.key, value, expireIn: PARKED_MS }],
    });
    return ok;
  }

  /**
   * The form of an id, for the account that asks for it first; `null` for others, and where it is kept no
   * longer.
   */
  async find(id: string, account: string): Promise<ParkedForm | null> {
    const slot = /^(\d{1,2})-[\da-f-]{36}$/.exec(id)?.[1];
    if (slot === undefined) return null;
    const keys = Array.from({ length: PARTS }, (_, part) => ["parked", Number(slot), part]);
    const found = await this.#kv.getMany<Part[]>(keys);
    const parts = found.flatMap(({ value }) => value?.id === id ? [value] : []);
    const [first] = parts;
    if (first === undefined || parts.length !== first.parts) return null;
    if (first.account !== undefined && first.account !== account) return null;
    if (first.account === undefined && !await this.#give(found[0], { ...first, account })) {
      return await this.find(id, account);
    }
    return readForm(await new Blob(parts.map(({ bytes }) => bytes)).text());
  }
}

function readForm(text: string): ParkedForm | null {
  const json = parseJson(text);
  if (!json.ok || !isObject(json.value) || !isObject(json.value.values)) return null;
  const { values, rerunOf } = json.value;
  const entries = FORM_FIELDS.map((name) => [name, String(values[name] ?? "")] as const);
  return {
    values: Object.fromEntries(entries) as TaskFormValues,
    rerunOf: typeof rerunOf === "string" ? rerunOf : null,
  };
}
