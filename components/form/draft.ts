/**
 * What one has typed survives a reload, a crash and a failed submit: it lies in this browser, for each
 * account and each address of a form by itself, without MCP header values. It goes with the task that was
 * made of it, and when its account signs out or is deleted (both in static/page.js).
 */
import { FORM_FIELDS, type FormField, maskServersText } from "../../lib/tasks/fields/mod.ts";
import { isObject } from "../../lib/base/mod.ts";

/** Begins the key of every draft: `draft:<account>:<address>`. */
const PREFIX = "draft:";
/** Names the submit that is on its way, for this tab. */
const SENT = "sent-draft";
/** Drafts of one browser; the oldest make room. */
const MAX_DRAFTS = 20;

type Values = Record<FormField, string>;

/** The browser's two stores. */
export interface DraftStores {
  readonly local: Storage;
  readonly session: Storage;
}

/** A submit that is on its way, as `static/page.js` reads it. */
interface Sent {
  readonly key: string;
  /** The submit's idempotency key: the page of the run that it makes knows it. */
  readonly submit: string;
  /** The draft's text: a later one, of another tab, stays. */
  readonly draft: string | null;
}

/** Whose draft it is, and of which form. */
export interface DraftOwner {
  readonly account: string;
  /** Path and query of the form's page. */
  readonly address: string;
  /** The page shows again what a submit of this tab has sent: its draft goes on. */
  readonly continues: boolean;
}

/** The draft of one account at one address. Stores that are full or forbidden keep nothing. */
export class Draft {
  /** Where the draft lies in the local store. */
  readonly key: string;
  readonly #stores: () => DraftStores;
  readonly #now: () => number;

  /** Where storage is forbidden, already asking for it throws. */
  constructor(
    { account, address, continues }: DraftOwner,
    stores: () => DraftStores,
    now: () => number = Date.now,
  ) {
    this.#stores = stores;
    this.#now = now;
    const prefix = `${PREFIX}${account}:`;
    const sent = this.#sent();
    this.key = continues && sent?.key.startsWith(prefix) ? sent.key : prefix + address;
  }

  /** Keeps what is in the form; nothing where that is what the page came with. */
  save(form: HTMLFormElement, rendered: Values) {
    const values = valuesOf(form);
    values.mcp_servers = maskServersText(values.mcp_servers).text;
    if (equal(values, rendered)) return this.clear();
    const kept = this.load();
    // The text of a draft that has not changed stays the same.
    if (kept !== null && equal(values, kept)) return;
    attempt(() => {
      const { local } = this.#stores();
      local.setItem(this.key, JSON.stringify({ values, saved_ms: this.#now() }));
      tidy(local);
    });
  }

  /** What was kept, or `null`. */
  load(): Values | null {
    const values = attempt(() => read(this.#stores().local.getItem(this.key))?.values);
    if (!isObject(values)) return null;
    return byField((name) => typeof values[name] === "string" ? values[name] : "");
  }

  /** Forgets what was kept. */
  clear() {
    attempt(() => this.#stores().local.removeItem(this.key));
  }

  /** The form is being sent: the page of the run that this submit makes clears the draft. */
  sending(submit: string) {
    attempt(() => {
      const { local, session } = this.#stores();
      const sent: Sent = { key: this.key, submit, draft: local.getItem(this.key) };
      session.setItem(SENT, JSON.stringify(sent));
    });
  }

  #sent(): { readonly key: string } | null {
    const sent = attempt(() => read(this.#stores().session.getItem(SENT)));
    return sent !== null && typeof sent.key === "string" ? { key: sent.key } : null;
  }
}

/** Removes the oldest drafts, and those of before drafts had an address. */
function tidy(local: Storage) {
  const keys = Array.from({ length: local.length }, (_, at) => local.key(at) ?? "")
    .filter((key) => key.startsWith(PREFIX));
  const saved = (key: string) => Number(read(local.getItem(key))?.saved_ms ?? 0);
  const old = keys.filter((key) => key.split(":").length < 3);
  const others = keys.filter((key) => !old.includes(key)).toSorted((a, b) => saved(b) - saved(a));
  for (const key of [...old, ...others.slice(MAX_DRAFTS)]) local.removeItem(key);
}

function read(text: string | null): Record<string, unknown> | null {
  const value: unknown = JSON.parse(text ?? "null");
  return isObject(value) ? value : null;
}

function equal(one: Values, other: Values): boolean {
  return FORM_FIELDS.every((name) => one[name] === other[name]);
}

/** The fields as they are typed. */
export function valuesOf(form: HTMLFormElement): Values {
  const data = new FormData(form);
  return byField((name) => String(data.get(name) ?? "").replace(/\r\n?/g, "\n"));
}

function byField(textOf: (name: FormField) => string): Values {
  return Object.fromEntries(FORM_FIELDS.map((name) => [name, textOf(name)])) as Values;
}

/** Whether the form is as the server rendered it: nobody has typed, the browser restored nothing. */
export function isUntouched(form: HTMLFormElement): boolean {
  return [...form.elements].every((field) => {
    if (field instanceof HTMLTextAreaElement) return field.value === field.defaultValue;
    if (!(field instanceof HTMLInputElement) || field.name === "") return true;
    return field.type === "radio" || field.type === "checkbox"
      ? field.checked === field.defaultChecked
      : field.value === field.defaultValue;
  });
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
