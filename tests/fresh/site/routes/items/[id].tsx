import { HttpError, page } from "fresh";
import { define } from "../../define.ts";

export const handler = define.handlers({
  GET(ctx) {
    const { id } = ctx.params;
    if (id === "missing") throw new HttpError(404);
    if (id === "secret") throw new HttpError(403, "Not for you");
    if (id === "broken") throw new Error("bug");
    return page({ id: `item ${id}` }, { status: 201, headers: { "x-item": `${id}` } });
  },
  async POST(ctx) {
    return ctx.redirect(`/items/${await ctx.req.text()}`, 303);
  },
});

export default define.page<typeof handler>(({ data, params, req, state, url }) => (
  <p id="item">{data.id} {params.id} {req.method} {state.steps.join("-")} {url.search}</p>
));
