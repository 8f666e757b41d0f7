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
  stores.local.setItem(ONE, typed);
  new Draft({ account: "acct_one", address: "/", continues: false }, () => stores).sending("s1");
  stores.local.setItem(ONE, now);
  return stores;
}

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
