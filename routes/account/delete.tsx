import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { DeleteAccount, type DeleteAccountProps } from "./(_parts)/DeleteAccount.tsx";
import { type Account, signedOutResponse } from "../../lib/accounts/mod.ts";
import { readOwnForm } from "../../lib/form_body.ts";
import type { Services } from "../../lib/services.ts";
import { define } from "../../lib/state.ts";
import { signInAgain, signInFirst } from "../(_parts)/session_ended.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInFirst(ctx.url);
    return page(await question(services, account, false));
  },

  async POST(ctx) {
    const { account, secure, services } = ctx.state;
    if (account === null) return signInAgain(ctx.url);
    if ((await readOwnForm(ctx)).get("confirm") !== "yes") {
      return page(await question(services, account, true), { status: 422 });
    }
    // This would also delete other key holders' tasks, created since this key was refused.
    if (account.refusedMs !== null && (await services.accounts.keys(account.id)).length > 1) {
      throw new HttpError(
        403,
        "This account has other keys. Sign in with one that Parallel accepts to delete it; you can " +
          "delete the tasks that you see one by one.",
      );
    }
    const { runs, keys, sessions } = await services.accountRemoval.remove(account.id);
    services.log("info", "account deleted", { id: ctx.state.requestId, runs, keys, sessions });
    const query = new URLSearchParams({
      runs: `${runs}`,
      keys: `${keys}`,
      sessions: `${sessions}`,
    });
    return signedOutResponse(secure, `/account/deleted?${query}`);
  },
});

async function question(
  { accounts, runs, watches }: Services,
  { id, fingerprint, sandbox }: Account,
  unconfirmed: boolean,
): Promise<DeleteAccountProps> {
  const [count, keys, active] = await Promise.all([
    runs.count(id),
    accounts.keys(id),
    watches.countActive(id),
  ]);
  return { fingerprint, sandbox, unconfirmed, runs: count, keys: keys.length, watches: active };
}

export default define.page<typeof handler>(function Delete({ data }) {
  return (
    <>
      <Head>
        <title>Delete everything? · Taskstream</title>
      </Head>
      <DeleteAccount {...data} />
    </>
  );
});
