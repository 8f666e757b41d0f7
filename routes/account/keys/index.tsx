import { page } from "fresh";
import { Head } from "fresh/runtime";
import { AddKey, type AddKeyProps } from "../(_parts)/AddKey.tsx";
import { pastedKey } from "../../../lib/accounts/mod.ts";
import { readOwnForm } from "../../../lib/form_body.ts";
import { define } from "../../../lib/state.ts";
import { signInAgain } from "../../(_parts)/session_ended.ts";

export const handler = define.handlers({
  /** The page was reloaded after the question. */
  GET: (ctx) => ctx.redirect("/account#keys", 303),

  /** Adds a key after confirmation. */
  async POST(ctx) {
    const { account, session, services } = ctx.state;
    if (account === null || session === null) return signInAgain(new URL("/account", ctx.url));
    const { accountKeys, log, requestSecrets } = services;
    const form = await readOwnForm(ctx);
    const text = (name: string) => String(form.get(name) ?? "");
    const apiKey = pastedKey(text("api_key"));
    requestSecrets.add(apiKey);
    const back = (problem: string) => ctx.redirect(`/account?problem=${problem}#keys`, 303);
    if (!/^(?:yes|on|true|1)$/i.test(text("confirm"))) {
      const asked = await accountKeys.ask(session, apiKey);
      if (!asked.ok) return back(asked.problem);
      const { fingerprint, sandbox } = account;
      return page<AddKeyProps>({ fingerprint, sandbox, question: asked.question }, { status: 422 });
    }
    const added = apiKey === ""
      ? await accountKeys.confirm(session, text("key_id"))
      : await accountKeys.add(session, apiKey);
    if (!added.ok) return back(added.problem);
    log("info", "key added", { id: ctx.state.requestId, merged: added.merged });
    return ctx.redirect(`/account?done=${added.merged ? "key-merged" : "key-added"}`, 303);
  },
});

export default define.page<typeof handler>(function Add({ data }) {
  return (
    <>
      <Head>
        <title>Add a key? · Taskstream</title>
      </Head>
      <AddKey {...data} />
    </>
  );
});
