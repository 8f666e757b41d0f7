import { page } from "fresh";
import { defaultValues } from "../components/form/defaults.ts";
import { Welcome } from "../components/Welcome.tsx";
import type { SignInProps } from "../components/SignIn.tsx";
import { ownPath } from "../lib/accounts/next.ts";
import { EXAMPLES } from "../lib/parallel/examples.ts";
import { formValuesFrom } from "../lib/parallel/form.ts";
import { define } from "../lib/state.ts";
import { NewTaskPage, type NewTaskPageProps } from "./(_pages)/NewTaskPage.tsx";

type Data =
  | { readonly view: "welcome"; readonly props: SignInProps }
  | { readonly view: "new"; readonly props: NewTaskPageProps };

const LATEST = 5;

export const handler = define.handlers({
  async GET(ctx) {
    const { account, services } = ctx.state;
    const query = ctx.url.searchParams;
    const next = ownPath(query.get("next"));
    if (account === null) {
      return page<Data>({
        view: "welcome",
        props: {
          next,
          sandboxEnabled: services.config.sandboxEnabled,
          problem: query.get("problem"),
        },
      });
    }
    if (next !== "/") return ctx.redirect(next, 303);
    const example = EXAMPLES.find(({ id }) => id === query.get("example"));
    const { runs } = await services.runs.list(account.id, { limit: LATEST });
    return page<Data>({
      view: "new",
      props: {
        form: {
          values: example ? formValuesFrom(example.input) : defaultValues(),
          problems: {},
        },
        idempotencyKey: crypto.randomUUID(),
        sandbox: account.sandbox,
        latest: runs,
        now: Date.now(),
      },
    });
  },
});

export default define.page<typeof handler>(function Home({ data }) {
  if (data.view === "welcome") return <Welcome {...data.props} />;
  return <NewTaskPage {...data.props} />;
});
