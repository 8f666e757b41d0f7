/** What `static/page.js` removes from the browser when its account is left. */
import { assert, assertEquals } from "@std/assert";
import { runInNewContext } from "node:vm";

const ROOT = new URL("../../", import.meta.url);

/** A browser's store: entries are properties, methods are not. */
function storage(entries: Readonly<Record<string, string>>): Record<string, string> {
  const store = Object.create({
    removeItem: (key: string) => delete store[key],
    clear: () => Object.keys(store).forEach((key) => delete store[key]),
    getItem: (key: string) => store[key] ?? null,
  });
  return Object.assign(store, entries);
}

/** Loads a page of an account (`null`: signed out), and returns what happens at a form's submit. */
async function loadPage(
  account: string | null,
  local: Record<string, string>,
  session: Record<string, string>,
) {
  const script = await Deno.readTextFile(new URL("static/page.js", ROOT));
  const listeners = new Map<string, (event: unknown) => void>();
  runInNewContext(script.replace("export {};", "").replace("import.meta.url", "location"), {
    document: {
      documentElement: { dataset: {} },
      cookie: "",
      querySelector: (selector: string) =>
        selector === "[data-account]" && account !== null ? { dataset: { account } } : null,
      querySelectorAll: () => [],
    },
    addEventListener: (type: string, run: (event: unknown) => void) => listeners.set(type, run),
    localStorage: local,
    sessionStorage: session,
  });
  return (action: string) => listeners.get("submit")?.({ target: { getAttribute: () => action } });
}

Deno.test("an account that is left leaves nothing in the browser, and others' drafts stay", async () => {
  const local = storage({ "draft:a:/": "one", "draft:a:/?edit=x": "two", "draft:b:/": "other" });
  const session = storage({ "sent-draft": `{"key":"draft:a:/","draft":"one"}`, "keep:/": "x" });
  const submit = await loadPage("a", local, session);
  submit("/auth/logout");
  await loadPage("a", local, session);
  assertEquals(Object.keys(local).length, 3, "signing out has failed");
  submit("/auth/logout");
  await loadPage(null, local, session);
  assertEquals({ ...local }, { "draft:b:/": "other" });
  assertEquals({ ...session }, {});
});

Deno.test("every request that signs out counts as leaving", async () => {
  const paths: string[] = [];
  for (const folder of ["auth", "account", "account/keys"]) {
    for await (const { name } of Deno.readDir(new URL(`routes/${folder}`, ROOT))) {
      const [stem, extension] = name.split(".");
      if (!extension?.startsWith("ts")) continue;
      const text = await Deno.readTextFile(new URL(`routes/${folder}/${name}`, ROOT));
      if (/return signedOutResponse\(/.test(text)) paths.push(`/${folder}/${stem}`);
    }
  }
  assert(paths.length >= 4, `${paths}`);
  for (const path of paths) {
    const local = storage({ "draft:a:/": "one" }), session = storage({});
    (await loadPage("a", local, session))(path);
    await loadPage("b", local, session);
    assertEquals({ ...local }, {}, path);
  }
});
