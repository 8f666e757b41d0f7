import { type Context, page } from "fresh";
import { Head } from "fresh/runtime";
import { Welcome, type WelcomeProps } from "./(_parts)/Welcome.tsx";
import { ownPath } from "../lib/accounts/mod.ts";
import { define, type State } from "../lib/state.ts";
import { formPage } from "./(_parts)/form_page.ts";
import { NewTaskPage, type NewTaskPageProps } from "./(_parts)/NewTaskPage.tsx";
import { fillsForm, prefill } from "./(_parts)/prefill.ts";
import { isKeptPath, keptFields, NOT_SENT, parkedForm } from "./(_parts)/session_ended.ts";

type Data =
  | {
    readonly view: "welcome";
    readonly props: WelcomeProps;
    /** The instance's public URL, for search engines; `null` if it is not configured. */
    readonly publicUrl: string | null;
  }
  | { readonly view: "new"; readonly props: NewTaskPageProps };

export const handler = define.handlers({
  async GET(ctx) {
    const { account, services } = ctx.state;
    const query = ctx.url.searchParams;
    const next = ownPath(query.get("next"));
    if (account === null) {
      return page<Data>({
        view: "welcome",
        publicUrl: services.config.publicUrl,
        props: {
          // Keep a link's fields through signing in.
          next: fillsForm(query) ? ownPath(ctx.url.pathname + ctx.url.search) : next,
          sandboxEnabled: services.config.sandboxEnabled,
          problem: query.get("problem"),
          ended: isKeptPath(next),
        },
      });
    }
    // A key was to be added to this account: the account page explains why it was not.
    const problem = query.get("problem");
    if (problem !== null && problem !== NOT_SENT) {
      return ctx.redirect(`/account?${new URLSearchParams({ problem })}`, 303);
    }
    if (next !== "/") return ctx.redirect(next, 303);
    const content = query.has("kept")
      ? await parkedForm(await keptFields(ctx))
      : await prefill(query, account, services);
    const props = await formPage(account, services, content);
    if (isEveryones(props, ctx)) {
      ctx.state.differsIn = [account.id, account.fingerprint, props.idempotencyKey];
    }
    return page<Data>({ view: "new", props });
  },
});

/** Whether the page shows nothing of the account but its names: the empty form of an account without runs. */
function isEveryones(
  props: NewTaskPageProps,
  { state, url }: Pick<Context<State>, "state" | "url">,
): boolean {
  return url.search === "" && props.latest.length === 0 && state.keyNotice === null &&
    state.account?.refusedMs === null;
}

export default define.page<typeof handler>(function Home({ data }) {
  if (data.view === "welcome") {
    return (
      <>
        <Head>
          <title>{welcomeTitle(data.props)}</title>
          {data.publicUrl !== null && <link rel="canonical" href={data.publicUrl} />}
        </Head>
        <Welcome {...data.props} />
      </>
    );
  }
  return <NewTaskPage {...data.props} />;
});

function welcomeTitle({ problem, ended }: WelcomeProps): string {
  if (problem !== null) return "Error: not signed in · Taskstream";
  if (ended) return "Not sent: your session has ended · Taskstream";
  return "Taskstream: research you can watch, and check";
}
