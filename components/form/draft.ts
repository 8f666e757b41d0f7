/**
 * What one has typed survives a reload, a crash and a failed submit: it lies in this browser, for each
 * account by itself, without MCP header values. A task that was created clears it (static/page.js).
 */
import { FORM_FIELDS, type FormField } from "../../lib/parallel/form_fields.ts";
import { isObject } from "../../lib/parallel/json.ts";
import { maskServersText } from "../../lib/parallel/mcp_headers.ts";

/** Names the draft of a submit that is on its way, for this tab. */
const SENT = "sent-draft";

type Values = Record<FormField, string>;

/** A draft and the address of the page that it was typed on. */
export interface KeptDraft {
  readonly at: string;
  readonly values: Values;
}

/** The browser's two stores. */
export interface DraftStores {
  readonly local: Storage;
  readonly session: Storage;
}

/** The draft of one account in this browser. Stores that are full or forbidden keep nothing. */
export class Draft {
  readonly #key: string;
  readonly #stores: () => DraftStores;

  /** Where storage is forbidden, already asking for it throws. */
  constructor(fingerprint: string, stores: () => DraftStores) {
    this.#key = `draft:${fingerprint}`;
    this.#stores = stores;
  }

  /** Keeps what is in the form; nothing where that is what the page came with. */
  save(form: HTMLFormElement, at: string, rendered: Values) {
    const values = valuesOf(form);
    values.mcp_servers = maskServersText(values.mcp_servers).text;
    const same = FORM_FIELDS.every((name) => values[name] === rendered[name]);
    attempt(() =>
      same
        ? this.#stores().local.removeItem(this.#key)
        : this.#stores().local.setItem(this.#key, JSON.stringify({ at, values }))
    );
  }

  /** What was kept, or `null`. */
  load(): KeptDraft | null {
    const kept: unknown = attempt(() =>
      JSON.parse(this.#stores().local.getItem(this.#key) ?? "null")
    );
    if (!isObject(kept) || !isObject(kept.values)) return null;
    const { at, values } = kept;
    const text = (name: FormField) => {
      const value = values[name];
      return typeof value === "string" ? value : "";
    };
    return { at: String(at), values: byField(text) };
  }

  /** Forgets what was kept. */
  clear() {
    attempt(() => this.#stores().local.removeItem(this.#key));
  }

  /** The form is being sent: a page of the new run, in this tab, clears the draft. */
  sending() {
    attempt(() => this.#stores().session.setItem(SENT, this.#key));
  }

  /** The form is here again: nothing was created. */
  back() {
    attempt(() => this.#stores().session.removeItem(SENT));
  }
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
