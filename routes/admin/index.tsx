import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { AdminPage, type AdminPageProps, AdminSignIn } from "./(_parts)/AdminPage.tsx";
import { readForm } from "../../lib/form_body.ts";
import { readInstance } from "../../lib/instance.ts";
import { define } from "../../lib/state.ts";

type Data =
  | { readonly view: "sign-in"; readonly wrong: boolean }
  | { readonly view: "figures"; readonly props: AdminPageProps };

export const handler = define.handlers({
  async GET(ctx) {
    const { admin, figures } = ctx.state.services;
    if (admin === null) throw new HttpError(404);
    if (!await admin.allows(ctx.req.headers)) {
      return page<Data>({ view: "sign-in", wrong: false }, { status: 401 });
    }
    const instance = await readInstance(ctx.state.services);
    return page<Data>({
      view: "figures",
      props: { figures: figures.list(), instance, now: Date.now() },
    });
  },

  async POST(ctx) {
    const { admin } = ctx.state.services;
    if (admin === null) throw new HttpError(404);
    const token = (await readForm(ctx.req)).get("token");
    if (typeof token === "string") ctx.state.services.requestSecrets.add(token);
    const cookie = await admin.signIn(typeof token === "string" ? token : "", ctx.state.secure);
    if (cookie === null) return page<Data>({ view: "sign-in", wrong: true }, { status: 401 });
    return new Response(null, {
      status: 303,
      headers: { location: "/admin", "set-cookie": cookie },
    });
  },
});

export default define.page<typeof handler>(function Admin({ data }) {
  return (
    <>
      <Head>
        <title>Admin · Taskstream</title>
        <meta name="robots" content="noindex" />
      </Head>
      {data.view === "sign-in" ? <AdminSignIn wrong={data.wrong} /> : <AdminPage {...data.props} />}
    </>
  );
});
