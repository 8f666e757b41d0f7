import { define } from "../define.ts";

/** The body is read from a clone, and the headers are changed on what was rendered. */
export const handler = define.handlers(async (ctx) => {
  const response = await ctx.render(<script type="module" src="/page.js"></script>);
  const html = await response.clone().text();
  response.headers.set("x-length", `${html.length}`);
  return response;
});
