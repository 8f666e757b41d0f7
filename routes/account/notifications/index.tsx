import { type Context, HttpError, page } from "fresh";
import { asset, Head } from "fresh/runtime";
import { type Account, deviceOf } from "../../../lib/accounts/mod.ts";
import { formOf, readForm } from "../../../lib/form_body.ts";
import { isStillSignedIn } from "../../../lib/middleware/mod.ts";
import { TARGET_KINDS, type TargetKind, type WaitingNotice } from "../../../lib/notify/mod.ts";
import { define, type State } from "../../../lib/state.ts";
import {
  keptFields,
  sessionEnded,
  signInAgain,
  signInFirst,
  textFields,
} from "../../(_parts)/session_ended.ts";
import { NotificationsPage, type NotificationsPageProps } from "./(_parts)/NotificationsPage.tsx";

const PATH = "/account/notifications";

const DONE = new Map(Object.entries({
  changed: "Saved.",
  on: "Enabled again.",
  removed: "Removed. Nothing is sent there any more.",
  gone: "This destination was already removed.",
  added: "Added. Send a test to check it.",
  tested: "Test sent. Its response is shown below.",
}));

export const handler = define.handlers({
  async GET(ctx) {
    const { account } = ctx.state;
    if (account === null) return signInFirst(ctx.url);
    const kept = await keptFields(ctx);
    if (kept?.act !== "add") return page(await pageProps(ctx, account, {}));
    const form = formOf(kept);
    const add = { problem: null, kept: kept.url ?? "", format: formatOf(form), ...scopeOf(form) };
    return page(await pageProps(ctx, account, { add }));
  },

  /** Adds, changes, tests or removes a place. Everything works without script. */
  async POST(ctx) {
    const { account, services: { accountRemoval } } = ctx.state;
    const form = await readForm(ctx.req);
    if (account === null || !await isStillSignedIn(ctx.state)) {
      return form.get("act") === "add"
        ? await sessionEnded(ctx.state, textFields(form), PATH)
        : signInAgain(new URL(PATH, ctx.url));
    }
    const act = ACTS.get(String(form.get("act") ?? ""));
    if (act === undefined) throw new HttpError(400, "Unknown action.");
    const outcome = await act(ctx, account, form);
    await accountRemoval.removeLate(account.id);
    if (typeof outcome === "string") return ctx.redirect(`${PATH}?done=${outcome}`, 303);
    const { status, ...shown } = outcome;
    return page(await pageProps(ctx, account, shown), { status });
  },
});

type Shown = Partial<
  Pick<NotificationsPageProps, "add" | "browserProblem" | "done" | "signing">
>;

/** Returns a code of {@linkcode DONE}, or what the page shows at once. */
type Act = (
  ctx: Context<State>,
  account: Account,
  form: FormData,
) => Promise<string | Shown & { readonly status: number }>;

const ACTS = new Map<string, Act>(Object.entries<Act>({
  async add(ctx, account, form) {
    const format = formatOf(form);
    const added = await ctx.state.services.notifications.targets.addUrl(ownerOf(ctx, account), {
      url: String(form.get("url") ?? ""),
      kind: format === "push" ? null : format,
      ...scopeOf(form),
    });
    if (!added.ok) {
      return { status: 422, add: { problem: added.why, kept: null, format, ...scopeOf(form) } };
    }
    // A secret that is shown once must not be in an address.
    return added.signing === null
      ? `added#${added.id}`
      : { status: 200, signing: added.signing, done: DONE.get("added")! };
  },

  async browser(ctx, account, form) {
    const added = await ctx.state.services.notifications.targets.addBrowser(ownerOf(ctx, account), {
      subscription: String(form.get("subscription") ?? ""),
      device: await deviceOf(ctx.req.headers.get("user-agent")) ?? "A browser",
      every_run: true,
      every_batch: true,
    });
    return added.ok ? `added#${added.id}` : { status: 422, browserProblem: added.why };
  },

  async renew({ state: { services } }, { id }, form) {
    const renewed = await services.notifications.targets.renewBrowser(id, {
      before: String(form.get("before") ?? ""),
      subscription: String(form.get("subscription") ?? ""),
    });
    return renewed.ok ? `added#${renewed.id}` : { status: 422, browserProblem: renewed.why };
  },

  async change({ state: { services } }, { id }, form) {
    const target = targetOf(form);
    return await services.notifications.targets.change(id, target, scopeOf(form))
      ? `changed#${target}`
      : "gone";
  },

  async on({ state: { services } }, { id }, form) {
    const target = targetOf(form);
    return await services.notifications.targets.switchOn(id, target) ? `on#${target}` : "gone";
  },

  async remove({ state: { services } }, { id }, form) {
    await services.notifications.targets.remove(id, targetOf(form));
    return "removed";
  },

  async test({ state: { services } }, { id }, form) {
    const target = targetOf(form);
    return await services.notifications.targets.test(id, target) === null
      ? "gone"
      : `tested#${target}`;
  },
}));

function formatOf(form: FormData): TargetKind | null {
  return TARGET_KINDS.find((kind) => kind === form.get("format")) ?? null;
}

const TARGET = /^(?:push-[0-9a-f]{32}|[0-9a-f-]{36})$/;

function targetOf(form: FormData): string {
  const target = String(form.get("target") ?? "");
  if (!TARGET.test(target)) throw new HttpError(404);
  return target;
}

function scopeOf(form: FormData) {
  return {
    every_run: form.get("every_run") === "yes",
    every_batch: form.get("every_batch") === "yes",
  };
}

function ownerOf({ url, state: { services } }: Context<State>, { id, sandbox }: Account) {
  return { account: id, sandbox, origin: services.config.publicUrl ?? url.origin };
}

async function pageProps(
  { url, state: { services } }: Context<State>,
  { id, sandbox }: Account,
  shown: Shown,
): Promise<NotificationsPageProps> {
  const { notifications } = services;
  const [targets, waiting, pushKey] = await Promise.all([
    notifications.targets.list(id),
    notifications.waiting(id).then((found) =>
      Promise.all(found.map(async (notice) => ({
        ...notice,
        title: notice.title ?? await titleOf(services, id, notice),
      })))
    ),
    notifications.pushKey(),
  ]);
  return {
    targets,
    waiting,
    sandbox,
    pushKey,
    done: shown.add === undefined ? DONE.get(url.searchParams.get("done") ?? "") ?? null : null,
    signing: null,
    add: { problem: null, kept: null, format: null, every_run: true, every_batch: true },
    browserProblem: null,
    now: Date.now(),
    ...shown,
  };
}

/** The title of the run or batch that a notice is about; `null` if it is gone. */
async function titleOf(
  { batches, runs }: State["services"],
  account: string,
  { type, subject }: WaitingNotice,
): Promise<string | null> {
  return type.startsWith("batch.")
    ? (await batches.line(account, subject))?.name ?? null
    : (await runs.request(account, subject))?.title ?? null;
}

export default define.page<typeof handler>(function NotificationsRoute({ data }) {
  return (
    <>
      <Head>
        <title>Notifications · Taskstream</title>
      </Head>
      <NotificationsPage {...data} />
      <script type="module" src={asset("/notifications.js")}></script>
    </>
  );
});
