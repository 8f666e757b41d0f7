/**
 * Drafts survive a reload, a crash and a failed submit. The browser keeps one for each account and address
 * of a form, without MCP header values. static/page.js removes it when the task was created, and when its
 * account signs out or is deleted.
 */
import { change, FILLED, fillForm } from "./fill.ts";
import { isUntouched, valuesOf } from "./values.ts";

/** Begins the key of every draft: `draft:<account>:<address>`. */
export const PREFIX = "draft:";
/** Key of the submit in progress, for this tab. */
const SENT = "sent-draft";
/** Drafts of one browser; the oldest are removed. */
const MAX_DRAFTS = 20;

/** Texts by the names of their fields: an older page may have had other fields. */
type Values = Readonly<Record<string, string>>;

/** The browser's two stores. */
export interface DraftStores {
  readonly local: Storage;
  readonly session: Storage;
}

/** A submit in progress, as `static/page.js` reads it. */
interface Sent {
  readonly key: string;
  /** The submit's idempotency key: the page of the new run knows it. */
  readonly submit: string;
  /** The draft's text: a later draft of another tab is kept. */
  readonly draft: string | undefined;
}

/** The account and the form of a draft. */
export interface DraftOwner {
  readonly account: string;
  /** Path and query of the form's page. */
  readonly address: string;
  /** The page shows what a submit of this tab has sent: its draft continues. */
  readonly continues: boolean;
}

/** The draft of one account at one address. A store that is full or blocked keeps nothing. */
export class Draft {
  /** The draft's key in the local store. */
  readonly key: string;
  readonly #stores: () => DraftStores;
  readonly #now: () => number;
  /** Masks the secrets of MCP servers; `null` until there are servers. */
  #mask: ((text: string) => { readonly text: string }) | null = null;
  /** The draft as this page has kept or read it; another tab may have kept a later one since. */
  #own: { readonly text: string; readonly values: Values } | null = null;

  /** The stores come from a function, because a browser that blocks them throws on access. */
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
    // The submit of an ended session goes on in another account, whose form has the text now.
    if (continues && sent && sent.key !== this.key) {
      attempt(() => {
        const { local } = this.#stores();
        if (local.getItem(sent.key) === sent.draft) local.removeItem(sent.key);
      });
    }
  }

  /** Keeps the form's values, unless they are the ones that the page was rendered with. */
  save(typed: Values & { readonly mcp_servers: string }, rendered: Values | null) {
    // Without the mask the secrets of servers are not kept, and neither are they.
    const values = { ...typed, mcp_servers: this.#mask?.(typed.mcp_servers).text ?? "" };
    if (rendered !== null && equal(values, rendered)) return this.#clear();
    attempt(() => {
      const { local } = this.#stores();
      // An unchanged form keeps its draft's text, or the later one of another tab.
      if (this.#own && equal(values, this.#own.values) && local.getItem(this.key)) return;
      const text = JSON.stringify({ values, saved_ms: this.#now() });
      local.setItem(this.key, text);
      this.#own = { text, values };
      tidy(local);
    });
  }

  /** Loads the mask once there are servers, which few forms have. */
  async prepare(form: HTMLFormElement) {
    if (this.#mask !== null || valuesOf(form).mcp_servers === "") return;
    const loaded = await import("./live/servers.tsx").catch(() => null);
    this.#mask ??= loaded?.maskServersText ?? null;
  }

  /** The draft, or `null`. */
  load(): Values | null {
    const text = attempt(() => this.#stores().local.getItem(this.key)) ?? "";
    const values = attempt(() => read(text)?.values);
    if (!isObject(values)) return null;
    const texts = Object.fromEntries(
      Object.entries(values).filter((entry): entry is [string, string] =>
        typeof entry[1] === "string"
      ),
    );
    this.#own = { text, values: texts };
    return texts;
  }

  /** Whether a draft that another tab has removed was another one than this page's. */
  isOther(removed: string | null): boolean {
    return (this.#own?.text ?? removed) !== removed;
  }

  /** Removes the draft, unless it is a later one of another tab. */
  #clear() {
    attempt(() => {
      const { local } = this.#stores();
      if (local.getItem(this.key) === this.#own?.text) local.removeItem(this.key);
    });
  }

  /** Notes a submit: the page of the run that it creates removes the draft. */
  sending(submit: string) {
    attempt(() => {
      const sent: Sent = { key: this.key, submit, draft: this.#own?.text };
      this.#stores().session.setItem(SENT, JSON.stringify(sent));
    });
  }

  #sent(): { readonly key: string; readonly draft: unknown } | null {
    const sent = attempt(() => read(this.#stores().session.getItem(SENT)));
    return sent !== null && typeof sent.key === "string"
      ? { key: sent.key, draft: sent.draft }
      : null;
  }
}

/** Removes the oldest drafts, and those from before drafts had an address. */
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
  return Object.keys(one).every((name) => one[name] === (other[name] ?? ""));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

/** Pause in typing after which the draft is saved (ms). */
const REST_MS = 400;

/** Restores the draft of this address, and saves it as the form changes. */
export function keepDraft(
  form: HTMLFormElement,
  { account, continues, address }: DraftOwner,
  signal: AbortSignal,
) {
  const draft = new Draft(
    // A form that a submit brought back has no address of its own.
    { account, address: continues ? address : location.pathname + location.search, continues },
    () => ({ local: localStorage, session: sessionStorage }),
  );
  const rendered = continues ? null : valuesOf(form);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isLeft = false;
  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    if (!isLeft) draft.save(valuesOf(form), rendered);
  };
  const saveSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(save, REST_MS);
  };
  const isNew = isUntouched(form);
  const kept = draft.load();
  const note = form.querySelector<HTMLElement>("[data-draft]");
  if (rendered === null) save();
  else if (kept !== null && note !== null && isNew) {
    // An earlier version's draft may lack a field.
    fillForm(form, { ...rendered, ...kept });
    note.hidden = false;
    note.querySelector("button")?.addEventListener("click", () => {
      change(form, "The form is reset.", () => fillForm(form, rendered));
      note.hidden = true;
      document.getElementById("input")?.focus();
    }, { signal });
  }
  draft.prepare(form);
  for (const event of ["input", "change", FILLED]) {
    form.addEventListener(event, () => {
      draft.prepare(form);
      saveSoon();
    }, { signal });
  }
  // Save before the page is hidden.
  addEventListener("pagehide", () => timer !== undefined && save(), { signal });
  addEventListener("storage", ({ key, newValue, oldValue }) => {
    // Another tab has signed out (static/page.js).
    if (key === "left" && newValue === account) isLeft = true;
    // Another tab has created its task, or has started over: what was typed here is kept.
    if (key === draft.key && newValue === null && draft.isOther(oldValue)) saveSoon();
  }, { signal });
  form.addEventListener("submit", ({ submitter }) => {
    save();
    const again = submitter instanceof HTMLButtonElement && submitter.name === "again";
    draft.sending(again ? submitter.value : String(new FormData(form).get("idempotency_key")));
  }, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
}
