/** Drafts of the task form: one for each account and address of a browser. */
import { assertEquals } from "@std/assert";
import { Draft, PREFIX } from "../../components/form/draft.ts";

/** The part of `Storage` that drafts use. */
function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    key: (at) => [...kept.keys()][at] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
  };
}

const ONE = `${PREFIX}acct_one:/`;

/** A browser in which the first account has typed and sent `typed`; it has `now` when the next page opens. */
function sent(typed: string, now: string) {
  const stores = { local: storage(), session: storage() };
  stores.local.setItem(ONE, textOf(typed));
  const draft = new Draft({ account: "acct_one", address: "/", continues: false }, () => stores);
  draft.load();
  draft.sending("s1");
  stores.local.setItem(ONE, textOf(now));
  return stores;
}

const textOf = (input: string) => JSON.stringify({ values: { input } });

const open = (stores: ReturnType<typeof sent>, account: string, continues: boolean) =>
  new Draft({ account, address: "/?kept=1", continues }, () => stores);

Deno.test("the draft of an ended session goes to the account that continues its submit", () => {
  const stores = sent("a", "a");
  const { key } = open(stores, "acct_two", true);
  assertEquals(key, `${PREFIX}acct_two:/?kept=1`);
  assertEquals(stores.local.getItem(ONE), null);
});

Deno.test("a draft stays with its account if nothing, or something else, is continued", () => {
  const same = sent("a", "a");
  assertEquals(open(same, "acct_one", true).key, ONE);
  const fresh = sent("a", "a");
  open(fresh, "acct_two", false);
  const later = sent("a", "typed since, in another tab");
  open(later, "acct_two", true);
  for (const { local } of [same, fresh, later]) assertEquals(typeof local.getItem(ONE), "string");
});

const values = (input: string) => ({ input, mcp_servers: "" });
const EMPTY = values("");

/** A tab of the account's form, which has read the draft. */
function tab(stores: ReturnType<typeof sent>): Draft {
  const draft = new Draft(
    { account: "acct_one", address: "/", continues: false },
    () => ({ local: stores.local, session: storage() }),
    () => 1,
  );
  draft.load();
  return draft;
}

Deno.test("a tab that was not typed in keeps another tab's later draft, also when it submits", () => {
  const stores = { local: storage(), session: storage() };
  const one = tab(stores);
  one.save(values("first"), EMPTY);
  const other = tab(stores);
  other.save(values("typed later"), EMPTY);
  const later = stores.local.getItem(ONE);
  one.save(values("first"), EMPTY);
  assertEquals(stores.local.getItem(ONE), later);
  // The text is deleted, or the form is reset.
  one.save(EMPTY, EMPTY);
  assertEquals(stores.local.getItem(ONE), later);
  other.save(EMPTY, EMPTY);
  assertEquals(stores.local.getItem(ONE), null);
});

Deno.test("a submit notes the draft of its own tab", () => {
  const stores = { local: storage(), session: storage() };
  const one = new Draft(
    { account: "acct_one", address: "/", continues: false },
    () => stores,
    () => 1,
  );
  one.save(values("first"), EMPTY);
  const first = stores.local.getItem(ONE);
  tab(stores).save(values("typed later"), EMPTY);
  one.sending("s1");
  assertEquals(JSON.parse(stores.session.getItem("sent-draft") ?? "").draft, first);
});

Deno.test("a removed draft is another one if this tab has kept a different text", () => {
  const stores = { local: storage(), session: storage() };
  const one = tab(stores);
  assertEquals(one.isOther("anything"), false, "nothing was typed here");
  one.save(values("first"), EMPTY);
  const first = stores.local.getItem(ONE);
  assertEquals([one.isOther(first), one.isOther("the sent one")], [false, true]);
  // After its removal, the same text is kept again.
  stores.local.removeItem(ONE);
  one.save(values("first"), EMPTY);
  assertEquals(stores.local.getItem(ONE), first);
});
