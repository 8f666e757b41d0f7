import { HttpError } from "fresh";
import { Head } from "fresh/runtime";
import { define } from "../define.ts";

const note = define.middleware((ctx) => {
  ctx.state.steps = [...ctx.state.steps ?? [], "root"];
  return ctx.next();
});

/** Errors become pages within the app's own middlewares. */
const errorPages = define.middleware(async (ctx) => {
  try {
    return await ctx.next();
  } catch (error) {
    const status = error instanceof HttpError ? error.status : 500;
    const page = (
      <>
        <Head>
          <title>{`Error ${status}`}</title>
        </Head>
        <h1>caught {status}</h1>
      </>
    );
    return ctx.render(page, { status, headers: { "x-caught": `${status}` } });
  }
});

export default define.middleware([note, errorPages]);
