import { page } from "fresh";
import { Head } from "fresh/runtime";
import { History, type HistoryProps } from "../../components/History.tsx";
import { readForm } from "../../lib/form_body.ts";
import { parseTaskForm } from "../../lib/parallel/form.ts";
import { define } from "../../lib/state.ts";
import { answerOf } from "../(_pages)/failure_status.ts";
import { type FormContent, formPage } from "../(_pages)/form_page.ts";
import { followed, pasted } from "../(_pages)/posted.ts";
import { NewTaskPage, type NewTaskPageProps } from "../(_pages)/NewTaskPage.tsx";
import { signInFirst } from "../(_pages)/sign_in_first.ts";

type Data =
  | { readonly view: "history"; readonly props: HistoryProps }
  | { readonly view: "form"; readonly props: NewTaskPageProps };

const PAGE_SIZE = 25;

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
    const idempotencyKey = String(
      form.get("again") || form.get("idempotency_key") || crypto.randomUUID(),
    );
    const show = async (content: FormContent, init: { status: number; headers?: HeadersInit }) =>
      page<Data>({
        view: "form",
        props: await formPage(account, services, { idempotencyKey, ...content }),
      }, init);
    if (form.get("show") === "paste") return show(...pasted(form));
    const parsed = parseTaskForm(form);
    const { values, asksAgain } = parsed;
    if (!parsed.ok) return show({ values, problems: parsed.problems }, { status: 422 });
    if (form.get("show") === "code") {
      const content = {
        values,
        problems: asksAgain,
        filled: { by: "code" },
        showCode: true,
      } as const;
      return show(content, { status: 200 });
    }
    const input = await followed(services.runs, account.id, parsed.input);
    const created = await services.runs.create(account, input, {
      source: "form",
      idempotencyKey: parsed.idempotencyKey,
    });
    if (created.ok) return ctx.redirect(`/tasks/${encodeURIComponent(created.runId)}`, 303);
    const { failure } = created;
    return show({ values, problems: asksAgain, failure }, answerOf(failure));
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
