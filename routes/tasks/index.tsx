import { page } from "fresh";
import { Head } from "fresh/runtime";
import { Batches, type BatchesProps } from "./(_parts)/Batches.tsx";
import { History } from "./(_parts)/History.tsx";
import LiveList from "../../islands/LiveList.tsx";
import { readForm } from "../../lib/form_body.ts";
import { isStillSignedIn } from "../../lib/middleware/mod.ts";
import { parseTaskForm } from "../../lib/tasks/fields/mod.ts";
import { priceOf } from "../../lib/parallel/mod.ts";
import { define } from "../../lib/state.ts";
import { severalDraft, severalValues } from "../batches/(_parts)/several.ts";
import {
  alreadyCreatedResponse,
  budgetWarning,
  createdResponse,
  failureResponse,
} from "../(_parts)/submit_responses.ts";
import { type FormContent, formPage } from "../(_parts)/form_page.ts";
import { followed, ownRun, pasted, undone } from "../(_parts)/posted.ts";
import { historyPage, type HistoryPageProps } from "./(_parts)/history_page.ts";
import { RunsTable, type RunsTableProps } from "./(_parts)/RunsTable.tsx";
import { runsTable } from "./(_parts)/runs_table.ts";
import { NewTaskPage, type NewTaskPageProps } from "../(_parts)/NewTaskPage.tsx";
import { keptFields, signInFirst, taskSessionEnded } from "../(_parts)/session_ended.ts";
import { suggestSchema, withSuggestion } from "../(_parts)/suggest.ts";

/** Batches on one page of their list. */
const BATCHES = 50;

type Data =
  | { readonly view: "batches"; readonly props: BatchesProps }
  | {
    readonly view: "history";
    readonly props: HistoryPageProps;
    readonly table: RunsTableProps | null;
  }
  | { readonly view: "form"; readonly props: NewTaskPageProps };

export const handler = define.handlers({
  async GET(ctx) {
    const { account, listId, services } = ctx.state;
    if (account === null || listId === null) return signInFirst(ctx.url);
    const { searchParams } = ctx.url;
    if (searchParams.get("kind") === "batch") {
      const options = { limit: BATCHES, cursor: searchParams.get("cursor") };
      const listed = await services.batches.list(account.id, options);
      const props = { ...listed, sandbox: account.sandbox, now: Date.now() };
      return page<Data>({ view: "batches", props });
    }
    const budgetKept = (await keptFields(ctx))?.budget_usd ?? null;
    const props = await historyPage(account, services, { url: ctx.url, listId, budgetKept });
    const { query } = props.history;
    const table = query.view !== "table" ? null : await runsTable(services, account, {
      query,
      listed: props.list.runs,
      view: ctx.state.view,
    });
    return page<Data>({ view: "history", props, table });
  },

  async POST(ctx) {
    const { account, services } = ctx.state;
    const form = await readForm(ctx.req);
    // The session may have ended during the upload.
    if (account === null || !await isStillSignedIn(ctx.state)) {
      return await taskSessionEnded(ctx.state, form);
    }
    const idempotencyKey = String(
      form.get("again") || form.get("idempotency_key") || crypto.randomUUID(),
    );
    const rerunOf = await ownRun(services.runs, account.id, form.get("rerun_of"));
    const show = async (content: FormContent, init: { status: number; headers?: HeadersInit }) =>
      page<Data>({
        view: "form",
        props: await formPage(account, services, {
          idempotencyKey,
          rerunOf,
          continues: true,
          several: form.has("several"),
          ...content,
        }),
      }, init);
    if (form.get("show") === "paste") return show(...await pasted(form));
    const parsed = parseTaskForm(form);
    const { values, asksAgain } = parsed;
    switch (form.get("show")) {
      case "several":
        return show({ values: severalValues(values), several: true }, { status: 200 });
      case "single":
        return show({ values, several: false }, { status: 200 });
      case "undo": {
        const { rerun, ...content } = undone(form, values);
        const rerunOf = await ownRun(services.runs, account.id, rerun);
        return show({ ...content, rerunOf }, { status: 200 });
      }
      case "suggest": {
        const suggestion = await suggestSchema(values, account, services, ctx.req.signal);
        if (ctx.req.headers.get("accept") === "application/json") return Response.json(suggestion);
        return show(withSuggestion(values, suggestion), { status: 200 });
      }
    }
    if (form.has("several")) {
      const drafted = await severalDraft(form, values, account.id, services);
      if (!drafted.ok) return show({ values, problems: drafted.problems }, { status: 422 });
      return alreadyCreatedResponse(drafted.path, idempotencyKey, ctx.state.secure);
    }
    if (!parsed.ok) return show({ values, problems: parsed.problems }, { status: 422 });
    if (form.get("show") === "code") {
      const filled = { by: "code", notes: parsed.warnings.map(({ message }) => message) } as const;
      return show({ values, problems: asksAgain, filled, showCode: true }, { status: 200 });
    }
    const input = await followed(services.runs, account.id, parsed.input);
    // A second click creates no second task, so its price does not count.
    const overBudget = form.has("over_budget") ||
        await services.runs.isRepeat(account, input, parsed)
      ? null
      : await budgetWarning(services, account, priceOf(input.processor));
    if (overBudget !== null) {
      return show({ values, problems: asksAgain, overBudget }, { status: 409 });
    }
    const created = await services.runs.create(account, input, {
      source: "form",
      idempotencyKey: parsed.idempotencyKey,
      signal: ctx.req.signal,
      ...(rerunOf === null ? {} : { rerunOf }),
    });
    if (created.ok) return createdResponse(created.runId, idempotencyKey, ctx.state.secure);
    const { failure } = created;
    return show({ values, problems: asksAgain, failure }, failureResponse(failure));
  },
});

export default define.page<typeof handler>(function Tasks({ data }) {
  if (data.view === "form") return <NewTaskPage {...data.props} />;
  if (data.view === "batches") {
    return (
      <>
        <Head>
          <title>Batches · Taskstream</title>
        </Head>
        <Batches {...data.props} />
      </>
    );
  }
  return (
    <>
      <Head>
        <title>Tasks · Taskstream</title>
      </Head>
      <History
        {...data.props.history}
        list={data.table === null
          ? <LiveList {...data.props.list} />
          : <RunsTable {...data.table} />}
      />
    </>
  );
});
