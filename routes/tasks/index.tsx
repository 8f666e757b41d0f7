import { page } from "fresh";
import { Head } from "fresh/runtime";
import { History, type HistoryProps } from "../../components/History.tsx";
import { readForm } from "../../lib/form_body.ts";
import { formValuesFrom, parseTaskForm } from "../../lib/parallel/form.ts";
import { define } from "../../lib/state.ts";
import { answerOf } from "../(_pages)/failure_status.ts";
import { NewTaskPage, type NewTaskPageProps } from "../(_pages)/NewTaskPage.tsx";
import { signInFirst } from "../(_pages)/sign_in_first.ts";

type Data =
  | { readonly view: "history"; readonly props: HistoryProps }
  | { readonly view: "form"; readonly props: NewTaskPageProps };

const PAGE_SIZE = 25;
const LATEST = 5;

export const handler = define.handlers({
  async GET(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInFirst(ctx.url);
    const cursor = ctx.url.searchParams.get("cursor");
    const history = await services.runs.list(account.id, { cursor, limit: PAGE_SIZE });
    return page<Data>({
      view: "history",
      props: { history, sandbox: account.sandbox, first: cursor === null, now: Date.now() },
    });
  },

  async POST(ctx) {
    const { account, services } = ctx.state;
    if (account === null) return signInFirst(new URL("/", ctx.url));
    const form = await readForm(ctx.req);
    const parsed = parseTaskForm(form);
    const { runs: latest } = await services.runs.list(account.id, { limit: LATEST });
    const again = {
      idempotencyKey: String(
        form.get("again") || form.get("idempotency_key") || crypto.randomUUID(),
      ),
      sandbox: account.sandbox,
      latest,
      now: Date.now(),
    };
    if (!parsed.ok) {
      const { values, problems } = parsed;
      return page<Data>({ view: "form", props: { ...again, form: { values, problems } } }, {
        status: 422,
      });
    }
    const created = await services.runs.create(account, parsed.input, {
      source: "form",
      idempotencyKey: parsed.idempotencyKey,
    });
    if (created.ok) return ctx.redirect(`/tasks/${encodeURIComponent(created.runId)}`, 303);
    const { failure } = created;
    return page<Data>({
      view: "form",
      props: { ...again, form: { values: formValuesFrom(parsed.input), problems: {} }, failure },
    }, answerOf(failure));
  },
});

export default define.page<typeof handler>(function Tasks({ data }) {
  if (data.view === "form") return <NewTaskPage {...data.props} />;
  return (
    <>
      <Head>
        <title>Tasks · Taskstream</title>
      </Head>
      <History {...data.props} />
    </>
  );
});
