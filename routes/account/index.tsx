import { page } from "fresh";
import { Head } from "fresh/runtime";
import { AccountPage, type AccountPageProps } from "./(_parts)/AccountPage.tsx";
import { retentionMs } from "../../lib/runs/mod.ts";
import { webhookSecretProblem } from "../../lib/parallel/mod.ts";
import { define } from "../../lib/state.ts";
import { signInFirst } from "../(_parts)/session_ended.ts";

const DAY_MS = 86_400_000;

export const handler = define.handlers({
  async GET(ctx) {
    const { account, services, session } = ctx.state;
    if (account === null || session === null) return signInFirst(ctx.url);
    const { config, webhookSecrets } = services;
    const [stored, keys, sessions, runs, secret] = await Promise.all([
      services.accounts.get(account.id),
      services.accounts.keys(account.id),
      services.sessions.list(account.id),
      services.runs.count(account.id),
      webhookSecrets.get(account.id),
    ]);
    // The account was just deleted from another device.
    if (stored === null) return signInFirst(ctx.url);
    const receiver = new URL("/webhooks/parallel", config.publicUrl ?? ctx.url.origin);
    const kept = retentionMs(account.sandbox, config.retentionDays);
    const done = ctx.url.searchParams.get("done");
    const props: AccountPageProps = {
      account: stored,
      keys,
      sessions,
      session,
      webhooks: {
        receiver: receiver.href,
        secret: config.parallelWebhookSecret !== null
          ? "instance"
          : secret !== null
          ? "account"
          : "none",
        local: /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(receiver.hostname),
        sandbox: account.sandbox,
        problem: webhookSecretProblem(ctx.url.searchParams.get("secret") ?? ""),
      },
      runs,
      keptDays: kept === null ? null : kept / DAY_MS,
      done,
      problem: ctx.url.searchParams.get("problem"),
      now: Date.now(),
    };
    return page(props);
  },
});

export default define.page<typeof handler>(function Account({ data }) {
  return (
    <>
      <Head>
        <title>{`Account ${data.account.fingerprint} · Taskstream`}</title>
      </Head>
      <AccountPage {...data} />
    </>
  );
});
